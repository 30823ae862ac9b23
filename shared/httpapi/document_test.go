package httpapi_test

import (
	"bytes"
	"flag"
	"os"
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
