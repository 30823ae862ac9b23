package replicate_test

import (
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

var (
	source    = provider.Input{Role: provider.SourceImage, ContentType: "image/webp", URL: "https://cdn.example.com/source.webp?Signature=x"}
	reference = provider.Input{Role: provider.ReferenceImage, ContentType: "image/png", Data: []byte("\x89PNG")}
)

// call is a call of one model with a change.
func call(model string, change func(*provider.Call)) provider.Call {
	made := provider.Call{Model: "black-forest-labs/" + model, Mode: provider.Text, Prompt: "a red fox"}
	change(&made)
	return made
}

func input(role, contentType, link string, data []byte) provider.Input {
	return provider.Input{Role: role, ContentType: contentType, URL: link, Data: data}
}

func TestSubmitSendsTheGoldenBody(t *testing.T) {
	for file, call := range map[string]provider.Call{
		"request_plain.json": call("flux-2-pro", func(*provider.Call) {}),
		"request_full.json":  fox,
		"request_webhook.json": call("flux-2-max", func(c *provider.Call) {
			c.Params = provider.Params{AspectRatio: "16:9"}
			c.Marker, c.EndUser = "token", "someone"
			c.Webhook = &provider.Webhook{URL: "https://api.example.com/webhooks/replicate/token", Secret: "not sent"}
		}),
		"request_ratio.json": call("flux-2-flex", func(c *provider.Call) { c.Params = provider.Params{AspectRatio: "2:1", OutputFormat: "jpeg"} }),
		"request_edit.json": call("flux-2-pro", func(c *provider.Call) {
			c.Mode, c.Inputs = provider.Edit, []provider.Input{reference, source}
		}),
		"request_reference.json": call("flux-2-klein-4b", func(c *provider.Call) {
			c.Mode, c.Inputs = provider.Reference, []provider.Input{reference, reference}
			c.Params = provider.Params{Width: 1024, Height: 1024, OutputFormat: "png"}
		}),
	} {
		r := newReplay(t, recorded{Status: 201, File: "starting.json"})
		if _, err := r.Driver.Submit(t.Context(), call); err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if r.Path != "/replicate/v1/models/"+call.Model+"/predictions" || r.Header.Get("Authorization") != "Bearer "+providertest.ReplayKey ||
			r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: sent to %s with %v", file, r.Path, r.Header)
		}
		providertest.Golden(t, file, r.Body)
	}
}

func TestSubmitRefusesWhatTheModelsDoNotHave(t *testing.T) {
	edit := func(inputs ...provider.Input) func(*provider.Call) {
		return func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, inputs }
	}
	size := func(width, height int) func(*provider.Call) {
		return func(c *provider.Call) { c.Params = provider.Params{Width: width, Height: height} }
	}
	for rule, test := range map[string]struct {
		model  string
		change func(*provider.Call)
		want   provider.Class
	}{
		"unknown model":                 {"flux-9", func(*provider.Call) {}, provider.Down},
		"unknown mode":                  {"flux-2-pro", func(c *provider.Call) { c.Mode = "hologram" }, provider.Rejected},
		"images for a text":             {"flux-2-pro", func(c *provider.Call) { c.Inputs = []provider.Input{source} }, provider.Rejected},
		"edit of nothing":               {"flux-2-pro", edit(), provider.Rejected},
		"edit of a reference":           {"flux-2-pro", edit(reference), provider.Rejected},
		"edit of two sources":           {"flux-2-pro", edit(source, source), provider.Rejected},
		"mask":                          {"flux-2-pro", edit(source, input(provider.MaskImage, "image/png", "x", nil)), provider.Rejected},
		"image of no role":              {"flux-2-pro", edit(source, input("", "image/png", "x", nil)), provider.Rejected},
		"image that is not there":       {"flux-2-pro", edit(input(provider.SourceImage, "image/png", "", nil)), provider.Rejected},
		"image that is there twice":     {"flux-2-pro", edit(input(provider.SourceImage, "image/png", "x", []byte("x"))), provider.Rejected},
		"image of another type":         {"flux-2-pro", edit(input(provider.SourceImage, "image/svg+xml", "x", nil)), provider.Rejected},
		"fifth image":                   {"flux-2-dev", edit(source, reference, reference, reference, reference), provider.Rejected},
		"images too large for the call": {"flux-2-pro", edit(source, input(provider.ReferenceImage, "image/png", "", make([]byte, 3<<20+1))), provider.Rejected},
		"reference of nothing":          {"flux-2-pro", func(c *provider.Call) { c.Mode = provider.Reference }, provider.Rejected},
		"reference with a source":       {"flux-2-pro", func(c *provider.Call) { c.Mode, c.Inputs = provider.Reference, []provider.Input{source, reference} }, provider.Rejected},
		"one side":                      {"flux-2-pro", size(1024, 0), provider.Rejected},
		"side too small":                {"flux-2-pro", size(224, 1024), provider.Rejected},
		"side too large":                {"flux-2-dev", size(1024, 1472), provider.Rejected},
		"side that would be rounded":    {"flux-2-pro", size(1024, 1040), provider.Rejected},
		"size of a model without sizes": {"flux-2-klein-4b", size(1344, 768), provider.Rejected},
		"area of a model without sizes": {"flux-2-klein-4b", size(1056, 1056), provider.Rejected},
		"ratio of a model without":      {"flux-2-klein-4b", func(c *provider.Call) { c.Params.AspectRatio = "7:4" }, provider.Rejected},
		"ratio that is none":            {"flux-2-pro", func(c *provider.Call) { c.Params.AspectRatio = "wide" }, provider.Rejected},
		"quality":                       {"flux-2-pro", func(c *provider.Call) { c.Params.Quality = "high" }, provider.Rejected},
		"transparent":                   {"flux-2-pro", func(c *provider.Call) { c.Params.Background = "transparent" }, provider.Rejected},
		"format":                        {"flux-2-pro", func(c *provider.Call) { c.Params.OutputFormat = "gif" }, provider.Rejected},
	} {
		r := newReplay(t, recorded{Status: 201, File: "starting.json"})
		_, err := r.Driver.Submit(t.Context(), call(test.model, test.change))
		if provider.ClassOf(err) != test.want || r.Path != "" {
			t.Errorf("%s: error = %v, called %q; want %q and no call", rule, err, r.Path, test.want)
		}
	}
}

// A size that the user chose is the size that is asked for: nothing is rounded on the way.
func TestSizesNearTheLimitsAreTaken(t *testing.T) {
	for _, test := range []struct {
		model         string
		width, height int
	}{
		{"flux-2-pro", 256, 2048}, {"flux-2-max", 1040, 1040}, {"flux-2-dev", 1440, 1440}, {"flux-2-klein-4b", 2048, 2048}, {"flux-2-klein-4b", 512, 512},
	} {
		r := newReplay(t, recorded{Status: 201, File: "starting.json"})
		sized := call(test.model, func(c *provider.Call) { c.Params = provider.Params{Width: test.width, Height: test.height} })
		if _, err := r.Driver.Submit(t.Context(), sized); err != nil {
			t.Errorf("%+v: %v, want success", test, err)
		}
	}
}
