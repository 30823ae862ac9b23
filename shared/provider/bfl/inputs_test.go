package bfl_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/url"
	"slices"
	"testing"
	"time"

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

func TestTheSimulatorTakesEditsAndReferences(t *testing.T) {
	server, err := simulator.Start(t.Context(), "127.0.0.1:0", simulator.Options{Keys: map[string][]string{"bfl": {"key-1"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	driver := provider.New(build(provider.FixedKey("key-1"), address), provider.Settings{Simulator: address})
	source, reference := source, reference
	source.ContentType, source.Data, reference.Data = "image/png", onePNG(t), onePNG(t)
	for mode, inputs := range map[string][]provider.Input{
		provider.Edit: {source, reference}, provider.Reference: slices.Repeat([]provider.Input{reference}, 4),
	} {
		made, err := driver.Submit(t.Context(), provider.Call{Model: "flux-2-klein-4b", Mode: mode, Prompt: mode, Inputs: inputs, Params: provider.Params{Width: 64, Height: 64}})
		if err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		if report, err := pollUntilFinal(t, driver, *made.Job); err != nil || report.State != provider.Succeeded {
			t.Errorf("%s: %+v, %v; want success", mode, report, err)
		}
	}
}

func pollUntilFinal(t *testing.T, driver *provider.Provider, job provider.Job) (provider.Report, error) {
	t.Helper()
	for range 2000 {
		if report, err := driver.Poll(t.Context(), job); err != nil || report.State != provider.Running {
			return report, err
		}
		time.Sleep(5 * time.Millisecond)
	}
	return provider.Report{}, fmt.Errorf("job %s is still running", job.ID)
}

// onePNG is a small image.
func onePNG(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 64, 48))); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
