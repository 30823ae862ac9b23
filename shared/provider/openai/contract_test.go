package openai_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"darkroom/shared/provider/providertest"
)

const sdk = "image.go of openai-go v3.96.0, made from a later version of the document"

// What the vendor's own client sends, and the document of August 2026 does not list.
var ahead = []providertest.Ahead{
	{Operation: "POST /images/generations", Field: "safety_identifier", Value: ".{1,64}", Source: sdk},
	{Operation: "POST /images/edits", Field: "safety_identifier", Value: ".{1,64}", Source: sdk},
	{Operation: "POST /images/edits", Field: "size", Value: `\d+x\d+`, Source: sdk}, // any size, as in the document's form for files
}

func TestCallsAreAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, "/openai/v1", ahead...)
	contract.CheckSubmits(t, newReplay(t, recorded{Status: 200, File: "image.json"}), "openai")
}

func TestTheDocumentedAnswerIsRead(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, "/openai/v1")
	picture := base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\n"))
	data := map[string]any{"data": []any{map[string]any{"b64_json": picture}}} // the document's own has dots there
	answer := contract.Example(t, "POST", "/images/generations", data)
	made, err := newReplay(t, recorded{Status: 200, Body: answer}).Driver.Submit(t.Context(), fox)
	if err != nil || made.Output == nil || made.Output.ContentType != "image/png" || made.Usage.InputTokens != 50 || made.Usage.OutputTokens != 50 {
		t.Errorf("%+v, %v; want a PNG and 50 tokens each way", made, err)
	}
	for _, path := range []string{"/images/generations", "/images/edits"} {
		if err := contract.CheckAnswer("POST", path, 200, providertest.Testdata(t, "image.json")); err != nil {
			t.Errorf("the recorded answer: %v", err)
		}
	}
}

// A check that lets everything through would be worth nothing.
func TestTheContractCheckFindsMistakes(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, "/openai/v1")
	for body, good := range map[string]bool{
		`{"prompt":"a fox","size":"1024x640","n":1}`:  true,
		`{"prompt":"a fox","widht":1024}`:             false,
		`{"prompt":7}`:                                false,
		`{"n":1}`:                                     false,
		`{"prompt":"a fox","n":11}`:                   false,
		`{"prompt":"a fox","quality":"ultra"}`:        false,
		`{"prompt":"a fox","safety_identifier":"me"}`: false, // is an exception, and there are none here
		`[]`: false,
		``:   false,
	} {
		if err := contract.CheckCall("POST", "/openai/v1/images/generations", []byte(body)); (err == nil) != good {
			t.Errorf("%s: %v", body, err)
		}
	}
	edit := `{"prompt":"a fox","images":[{"image_url":"https://example.com/a.png"}]}`
	for path, good := range map[string]bool{
		"/openai/v1/images/edits": true, "/openai/v1/images/variations": false, "/images/edits": false, "/openai/v1/images/edits?n=1": false,
	} {
		if err := contract.CheckCall("POST", path, []byte(edit)); (err == nil) != good {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := contract.CheckCall("POST", "/openai/v1/images/edits", []byte(strings.Replace(edit, `"}]`, `","role":"x"}]`, 1))); err == nil {
		t.Error("a field that nobody knows passes inside a list")
	}
	if err := contract.CheckAnswer("POST", "/images/edits", 200, []byte(`{"created":1,"data":{}}`)); err == nil {
		t.Error("an answer with an object for the list passes")
	}
}
