package openai_test

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/openai"
	"darkroom/shared/provider/providertest"
)

// build makes the driver before a server that passes for the simulator.
func build(key provider.KeySource, simulator *url.URL) provider.Driver {
	return openai.New(openai.Settings{Key: key, Simulator: simulator})
}

type recorded = providertest.Recorded

func newReplay(t *testing.T, answer recorded) *providertest.Replay {
	t.Helper()
	return providertest.NewReplay(t, build, answer)
}

var fox = provider.Call{
	Model: "gpt-image-2", Mode: provider.Text, Prompt: "SECRET PROMPT: a red fox", EndUser: "pseudonym-1",
	Params: provider.Params{Width: 1536, Height: 1024, Quality: "high", OutputFormat: "webp", Background: "transparent"},
}

func TestSubmitReturnsTheImageAndWhatItCost(t *testing.T) {
	made, err := newReplay(t, recorded{Status: 200, File: "image.json"}).Driver.Submit(t.Context(), fox)
	if err != nil {
		t.Fatal(err)
	}
	if made.Job != nil || made.Output.ContentType != "image/png" || !bytes.HasPrefix(made.Output.Data, []byte("\x89PNG")) {
		t.Errorf("output = %+v, want a PNG and no job", made.Output)
	}
	// 10 text tokens at $5 a million, 40 image tokens at $8, 1,756 of output at $30.
	want := provider.Usage{CostMicroUSD: 10*5 + 40*8 + 1756*30, InputTokens: 50, OutputTokens: 1756}
	if made.Usage != want {
		t.Errorf("usage = %+v, want %+v", made.Usage, want)
	}
}

func TestSubmitOfAModelWithoutAPriceReportsNoCost(t *testing.T) {
	call := fox
	call.Model = "chatgpt-image-latest"
	made, err := newReplay(t, recorded{Status: 200, File: "image.json"}).Driver.Submit(t.Context(), call)
	if want := (provider.Usage{InputTokens: 50, OutputTokens: 1756}); err != nil || made.Usage != want {
		t.Errorf("usage = %+v, %v; want %+v", made.Usage, err, want)
	}
}

func TestACallThatMadeNoImageTellsWhatItCost(t *testing.T) {
	_, err := newReplay(t, recorded{Status: 200, File: "no_image.json"}).Driver.Submit(t.Context(), fox)
	var failure *provider.Error
	if want := (provider.Usage{CostMicroUSD: 10 * 5, InputTokens: 10}); !errors.As(err, &failure) || failure.Usage != want {
		t.Errorf("%+v, want a failure with usage %+v", err, want)
	}
}

func TestSubmitSendsTheGoldenBody(t *testing.T) {
	longUser := provider.Call{Model: "gpt-image-2", Mode: provider.Text, Prompt: "a red fox", EndUser: strings.Repeat("x", 65)}
	for file, call := range map[string]provider.Call{"request_full.json": fox, "request_plain.json": longUser} {
		r := newReplay(t, recorded{Status: 200, File: "image.json"})
		if _, err := r.Driver.Submit(t.Context(), call); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if r.Path != "/openai/v1/images/generations" || r.Header.Get("Authorization") != "Bearer "+providertest.ReplayKey || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: sent to %s with %v", file, r.Path, r.Header)
		}
		providertest.Golden(t, file, r.Body)
	}
}

func TestSubmitRefusesWhatTheModelsDoNotHave(t *testing.T) {
	for rule, change := range map[string]func(*provider.Call){
		"reference": func(c *provider.Call) { c.Mode = provider.Reference },
		"inputs":    func(c *provider.Call) { c.Inputs = []provider.Input{{Role: provider.MaskImage}} },
		"seed":      func(c *provider.Call) { c.Params.Seed = new(int64) },
		"one side":  func(c *provider.Call) { c.Params.Width = 0 },
	} {
		call := fox
		change(&call)
		r := newReplay(t, recorded{Status: 200, File: "image.json"})
		if _, err := r.Driver.Submit(t.Context(), call); provider.ClassOf(err) != provider.Rejected || r.Path != "" {
			t.Errorf("%s: error = %v, called %q; want Rejected and no call", rule, err, r.Path)
		}
	}
}

func TestThereIsNothingToPoll(t *testing.T) {
	driver := newReplay(t, recorded{Status: 200}).Driver
	if driver.CanPoll() || driver.CanCancel() || driver.CanLookup() || driver.CanReadWebhook() || len(driver.OutputHosts()) != 0 {
		t.Error("the driver claims an ability that the Images API does not have")
	}
	if _, err := driver.Poll(t.Context(), provider.Job{ID: "x"}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("poll: %v, want an error that says so", err)
	}
}
