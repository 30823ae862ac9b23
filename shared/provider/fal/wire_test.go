package fal_test

import (
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

// image is one input, by address or, without one, by its bytes.
func image(role, address string) provider.Input {
	if address == "" {
		return provider.Input{Role: role, ContentType: "image/png", Data: []byte("\x89PNG")}
	}
	return provider.Input{Role: role, ContentType: "image/png", URL: address}
}

func TestSubmitSendsTheGoldenBody(t *testing.T) {
	source := image(provider.SourceImage, "https://cdn.example.com/source.png")
	for _, test := range []struct {
		file, path string
		call       provider.Call
	}{
		{"request_flux.json", "fal-ai/flux-2-pro", fox},
		{"request_plain.json", "fal-ai/flux-2", provider.Call{Model: "fal-ai/flux-2", Mode: provider.Text, Prompt: "a red fox"}},
		{"request_flux_mixed.json", "fal-ai/flux-2-flex/edit", provider.Call{
			Model: "fal-ai/flux-2-flex", Mode: provider.Edit, Prompt: "in the snow", Params: provider.Params{Width: 512, Height: 512},
			Inputs: []provider.Input{image(provider.ReferenceImage, "https://cdn.example.com/follows.png"), source}, // the source goes first
		}},
		{"request_flux_edit.json", "fal-ai/flux-2/klein/4b/edit", provider.Call{
			Model: "fal-ai/flux-2/klein/4b", Mode: provider.Edit, Prompt: "in the snow", Inputs: []provider.Input{source},
			Params: provider.Params{AspectRatio: "16:9"},
		}},
		{"request_flux_reference.json", "fal-ai/flux-2-max/edit", provider.Call{
			Model: "fal-ai/flux-2-max", Mode: provider.Reference, Prompt: "both as a poster",
			Inputs: []provider.Input{image(provider.ReferenceImage, "https://cdn.example.com/1.png"), image(provider.ReferenceImage, "")},
		}},
	} {
		r := newReplay(t, recorded{Status: 200, File: "created.json"})
		if _, err := r.Driver.Submit(t.Context(), test.call); err != nil {
			t.Fatalf("%s: %v", test.file, err)
		}
		if r.Path != "/fal/queue/"+test.path {
			t.Errorf("%s: sent to %s, want the endpoint %s", test.file, r.Path, test.path)
		}
		providertest.Golden(t, test.file, r.Body)
	}
}

func TestSubmitRefusesWhatTheModelsDoNotHave(t *testing.T) {
	source, mask, reference := image(provider.SourceImage, ""), image(provider.MaskImage, ""), image(provider.ReferenceImage, "")
	inputs := func(list ...provider.Input) func(*provider.Call) {
		return func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, list }
	}
	many := func(n int) []provider.Input {
		list := []provider.Input{source}
		for range n - 1 {
			list = append(list, reference)
		}
		return list
	}
	references := func(list ...provider.Input) func(*provider.Call) {
		return func(c *provider.Call) { c.Mode, c.Inputs = provider.Reference, list }
	}
	changed := func(change func(*provider.Input)) provider.Input {
		in := source
		change(&in)
		return in
	}
	for _, test := range []struct {
		rule, model string
		change      func(*provider.Call)
	}{
		{"text with inputs", "fal-ai/flux-2-pro", func(c *provider.Call) { c.Inputs = many(1) }},
		{"unknown mode", "fal-ai/flux-2-pro", func(c *provider.Call) { c.Mode = "hologram" }},
		{"edit without a source", "fal-ai/flux-2-pro", inputs()},
		{"transparent", "fal-ai/flux-2-pro", func(c *provider.Call) { c.Params.Background = "transparent" }},
		{"a mask", "fal-ai/flux-2-pro", inputs(source, mask)},
		{"nine inputs", "fal-ai/flux-2-pro", inputs(many(9)...)},
		{"five inputs for klein", "fal-ai/flux-2/klein/4b", inputs(many(5)...)},
		{"two sources", "fal-ai/flux-2-pro", inputs(source, source)},
		{"references alone for an edit", "fal-ai/flux-2-pro", inputs(reference)},
		{"a mask for a reference", "fal-ai/flux-2-pro", references(reference, mask)},
		{"a source for a reference", "fal-ai/flux-2-pro", references(source, reference)},
		{"no reference", "fal-ai/flux-2-pro", references()},
		{"unknown role", "fal-ai/flux-2-pro", inputs(source, changed(func(in *provider.Input) { in.Role = "pose" }))},
		{"an input that is empty", "fal-ai/flux-2-pro", inputs(changed(func(in *provider.Input) { in.Data = nil }))},
		{"an input in two forms", "fal-ai/flux-2-pro", inputs(changed(func(in *provider.Input) { in.URL = "https://cdn.example.com/x.png" }))},
		{"an input that is no image", "fal-ai/flux-2-pro", inputs(changed(func(in *provider.Input) { in.ContentType = "text/html" }))},
		{"more than 20 MB inline", "fal-ai/flux-2-pro", inputs(changed(func(in *provider.Input) { in.Data = make([]byte, 20<<20+1) }))},
		{"one side", "fal-ai/flux-2-pro", func(c *provider.Call) { c.Params.Width = 64 }},
		{"no ratio", "fal-ai/flux-2-pro", func(c *provider.Call) { c.Params.AspectRatio = "wide" }},
		{"quality", "fal-ai/flux-2-pro", func(c *provider.Call) { c.Params.Quality = "high" }},
		{"webp from FLUX", "fal-ai/flux-2-pro", func(c *provider.Call) { c.Params.OutputFormat = "webp" }},
	} {
		call := provider.Call{Model: test.model, Mode: provider.Text, Prompt: "a red fox"}
		test.change(&call)
		r := newReplay(t, recorded{Status: 200, File: "created.json"})
		if _, err := r.Driver.Submit(t.Context(), call); provider.ClassOf(err) != provider.Rejected || r.Path != "" {
			t.Errorf("%s: error = %v, called %q; want Rejected and no call", test.rule, err, r.Path)
		}
	}
}

func TestModelThatIsNotKnownIsDownAndNotCalled(t *testing.T) {
	r := newReplay(t, recorded{Status: 200, File: "created.json"})
	_, err := r.Driver.Submit(t.Context(), provider.Call{Model: "fal-ai/../flux-9", Mode: provider.Text, Prompt: "a red fox"})
	if provider.ClassOf(err) != provider.Down || r.Path != "" {
		t.Errorf("error = %v, called %q; want Down and no call", err, r.Path)
	}
}
