package httpapi_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"darkroom/shared/httpapi"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The document is made from the Go types. It lies twice: where the API embeds it, and where people look for it.
func TestTheDocumentSaysWhatTheRoutesAre(t *testing.T) {
	made, err := httpapi.Document()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"openapi.json", "../../docs/openapi.json"} {
		if *update {
			if err := os.WriteFile(path, made, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if kept, err := os.ReadFile(path); err != nil || !bytes.Equal(kept, made) {
			t.Errorf("%s is not what the types say (%v); run: make golden, and review the difference", path, err)
		}
	}
}

// What somebody who has only the document asks first.
func TestTheDocumentSaysWhatAnOutsiderMustKnow(t *testing.T) {
	t.Parallel()
	doc := readContract(t).doc
	field := func(schema, name string) string {
		return doc.Components.Schemas[schema].Value.Properties[name].Value.Description
	}
	ids := doc.Paths.Value("/v1/tasks").Get.Parameters.GetByInAndName("query", "ids").Description
	for name, c := range map[string]struct{ text, says string }{
		"model":         {field("WishBody", "model"), "GET /v1/models"},
		"mode":          {field("WishBody", "mode"), "GET /v1/models"},
		"size":          {field("ParamsBody", "size"), "GET /v1/models"},
		"aspect_ratio":  {field("ParamsBody", "aspect_ratio"), "GET /v1/models"},
		"quality":       {field("ParamsBody", "quality"), "GET /v1/models"},
		"output_format": {field("ParamsBody", "output_format"), "GET /v1/models"},
		"background":    {field("ParamsBody", "background"), "GET /v1/models"},
		"seed":          {field("ParamsBody", "seed"), "GET /v1/models"},
		"role":          {field("InputView", "role"), "transparent"},
		"form":          {field("UploadForm", "fields"), "multipart/form-data"},
		"file":          {field("UploadForm", "fields"), "\"file\""},
		"gateway":       {doc.Info.Description, `{"message": `},
		"switch":        {doc.Paths.Value("/admin/v1/providers/{provider}").Put.Description, "5 seconds"},
		"empty ids":     {ids, "Empty"},
		"unknown ids":   {ids, "left out"},
	} {
		if !strings.Contains(c.text, c.says) {
			t.Errorf("%s: the document says %q, and not %q", name, c.text, c.says)
		}
	}
}
