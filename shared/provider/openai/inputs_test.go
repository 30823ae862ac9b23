package openai_test

import (
	"net/url"
	"slices"
	"testing"

	"darkroom/local/simulator"
	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

var (
	source    = provider.Input{Role: provider.SourceImage, ContentType: "image/jpeg", Data: []byte("the source")}
	reference = provider.Input{Role: provider.ReferenceImage, ContentType: "image/png", Data: []byte("a reference")}
	linked    = provider.Input{Role: provider.ReferenceImage, ContentType: "image/webp", URL: "https://cdn.example.com/u/1?Signature=x"}
	mask      = provider.Input{Role: provider.MaskImage, ContentType: "image/png", Data: []byte("a mask")}
)

func TestSubmitSendsInputsToTheEditsEndpoint(t *testing.T) {
	for file, call := range map[string]provider.Call{
		// The source goes first wherever it stands: the mask belongs to the first image.
		"request_edit.json": {Model: "gpt-image-2", Mode: provider.Edit, Prompt: "a red fox", EndUser: "pseudonym-1",
			Params: provider.Params{Width: 1024, Height: 1024, Quality: "low"}, Inputs: []provider.Input{mask, reference, source}},
		"request_reference.json": {Model: "gpt-image-2", Mode: provider.Reference, Prompt: "a red fox", Inputs: []provider.Input{linked, reference}},
	} {
		r := newReplay(t, recorded{Status: 200, File: "image.json"})
		if _, err := r.Driver.Submit(t.Context(), call); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if r.Path != "/openai/v1/images/edits" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: sent to %s with %v", file, r.Path, r.Header)
		}
		providertest.Golden(t, file, r.Body)
	}
}

func TestSubmitRefusesInputsThatTheModelsDoNotTake(t *testing.T) {
	large, largeMask, jpegMask := source, mask, mask
	large.Data, largeMask.Data, jpegMask.ContentType = make([]byte, 16<<20), make([]byte, 4<<20), "image/jpeg"
	for rule, change := range map[string]func(*provider.Call){
		"edit without a source":   func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, []provider.Input{reference} },
		"edit of two sources":     func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, []provider.Input{source, source} },
		"edit with two masks":     func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, []provider.Input{source, mask, mask} },
		"reference without any":   func(c *provider.Call) { c.Mode = provider.Reference },
		"reference with a source": func(c *provider.Call) { c.Mode, c.Inputs = provider.Reference, []provider.Input{source, reference} },
		"reference with a mask":   func(c *provider.Call) { c.Mode, c.Inputs = provider.Reference, []provider.Input{reference, mask} },
		"seventeen references": func(c *provider.Call) {
			c.Mode, c.Inputs = provider.Reference, slices.Repeat([]provider.Input{reference}, 17)
		},
		"an edit with sixteen more": func(c *provider.Call) {
			c.Mode, c.Inputs = provider.Edit, append(slices.Repeat([]provider.Input{reference}, 16), source)
		},
		"text with an input":  func(c *provider.Call) { c.Inputs = []provider.Input{reference} },
		"a role nobody knows": func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, []provider.Input{source, {Role: "depth"}} },
		"an empty input": func(c *provider.Call) {
			c.Mode, c.Inputs = provider.Edit, []provider.Input{{Role: provider.SourceImage}}
		},
		"an image too large":          func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, []provider.Input{large} },
		"a mask of 4 MB":              func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, []provider.Input{source, largeMask} },
		"a mask without transparency": func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, []provider.Input{source, jpegMask} },
	} {
		call := fox
		change(&call)
		r := newReplay(t, recorded{Status: 200, File: "image.json"})
		if _, err := r.Driver.Submit(t.Context(), call); provider.ClassOf(err) != provider.Rejected || r.Path != "" {
			t.Errorf("%s: error = %v, called %q; want Rejected and no call", rule, err, r.Path)
		}
	}
}

func TestTheSimulatorTakesEditsWithMasksAndReferences(t *testing.T) {
	server, err := simulator.Start(t.Context(), "127.0.0.1:0", simulator.Options{Keys: map[string][]string{"openai": {"key-1"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	driver := provider.New(build(provider.FixedKey("key-1"), address), provider.Settings{Simulator: address})
	source, reference, mask := providertest.Inline(provider.SourceImage), providertest.Inline(provider.ReferenceImage), providertest.Inline(provider.MaskImage)
	for mode, inputs := range map[string][]provider.Input{
		provider.Edit: {source, reference, mask}, provider.Reference: {reference, reference},
	} {
		call := provider.Call{Model: "gpt-image-2", Mode: mode, Prompt: mode, Inputs: inputs, Params: provider.Params{Width: 1024, Height: 640, Quality: "low"}}
		made, err := driver.Submit(t.Context(), call)
		if err != nil || made.Output == nil || made.Output.ContentType != "image/png" {
			t.Fatalf("%s: %+v, %v; want a PNG", mode, made.Output, err)
		}
		if made.Usage.InputTokens < 2*3 { // two images of 64 x 64 pixels
			t.Errorf("%s: usage %+v, want the tokens of the inputs in it", mode, made.Usage)
		}
	}
}
