package bfl_test

import (
	"slices"
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

var (
	source    = provider.Input{Role: provider.SourceImage, ContentType: "image/jpeg", Data: []byte("the source")}
	reference = provider.Input{Role: provider.ReferenceImage, ContentType: "image/png", Data: []byte("a reference")}
	linked    = provider.Input{Role: provider.ReferenceImage, ContentType: "image/webp", URL: "https://cdn.example.com/u/1?Signature=x"}
	mask      = provider.Input{Role: provider.MaskImage, ContentType: "image/png", Data: []byte("a mask")}
)

func TestSubmitSendsTheInputsInTheirOrder(t *testing.T) {
	for file, call := range map[string]provider.Call{
		// The source goes first wherever it stands.
		"request_edit.json":      {Model: "flux-2-pro", Mode: provider.Edit, Prompt: "a red fox", Inputs: []provider.Input{reference, source}},
		"request_reference.json": {Model: "flux-2-pro", Mode: provider.Reference, Prompt: "a red fox", Inputs: slices.Concat([]provider.Input{linked}, slices.Repeat([]provider.Input{reference}, 7))},
	} {
		r := newReplay(t, recorded{Status: 200, File: "created.json"})
		if _, err := r.Driver.Submit(t.Context(), call); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if r.Path != "/bfl/v1/flux-2-pro" {
			t.Errorf("%s: sent to %s", file, r.Path)
		}
		providertest.Golden(t, file, r.Body)
	}
}

func TestSubmitRefusesInputsThatTheModelsDoNotTake(t *testing.T) {
	large := source
	large.Data = make([]byte, 20<<20+1)
	for rule, change := range map[string]func(*provider.Call){
		"edit without a source":   func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, []provider.Input{reference} },
		"edit of two sources":     func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, []provider.Input{source, source} },
		"edit with a mask":        func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, []provider.Input{source, mask} },
		"reference without any":   func(c *provider.Call) { c.Mode = provider.Reference },
		"reference with a source": func(c *provider.Call) { c.Mode, c.Inputs = provider.Reference, []provider.Input{source, reference} },
		"nine references": func(c *provider.Call) {
			c.Mode, c.Inputs = provider.Reference, slices.Repeat([]provider.Input{reference}, 9)
		},
		"edit with eight references": func(c *provider.Call) {
			c.Mode, c.Inputs = provider.Edit, append(slices.Repeat([]provider.Input{reference}, 8), source)
		},
		"five references for klein": func(c *provider.Call) {
			c.Model, c.Mode, c.Inputs = "flux-2-klein-9b", provider.Reference, slices.Repeat([]provider.Input{reference}, 5)
		},
		"text with an input":  func(c *provider.Call) { c.Inputs = []provider.Input{reference} },
		"a role nobody knows": func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, []provider.Input{source, {Role: "depth"}} },
		"an empty input": func(c *provider.Call) {
			c.Mode, c.Inputs = provider.Edit, []provider.Input{{Role: provider.SourceImage}}
		},
		"a GIF": func(c *provider.Call) {
			c.Mode, c.Inputs = provider.Edit, []provider.Input{{Role: provider.SourceImage, ContentType: "image/gif", Data: []byte("GIF89a")}}
		},
		"more than 20 MB": func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, []provider.Input{large} },
	} {
		call := fox
		change(&call)
		r := newReplay(t, recorded{Status: 200, File: "created.json"})
		if _, err := r.Driver.Submit(t.Context(), call); provider.ClassOf(err) != provider.Rejected || r.Path != "" {
			t.Errorf("%s: error = %v, called %q; want Rejected and no call", rule, err, r.Path)
		}
	}
}
