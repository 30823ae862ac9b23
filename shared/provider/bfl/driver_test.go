package bfl_test

import (
	"errors"
	"net/url"
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/bfl"
	"darkroom/shared/provider/providertest"
)

const jobID = "7f0c9a52-41cb-4a8c-9b3e-2f1d6a0e8b11"

// build makes the driver before a server that passes for the simulator.
func build(key provider.KeySource, simulator *url.URL) provider.Driver {
	return bfl.New(bfl.Settings{Key: key, Simulator: simulator})
}

type recorded = providertest.Recorded

func newReplay(t *testing.T, answer recorded) *providertest.Replay {
	t.Helper()
	return providertest.NewReplay(t, build, answer)
}

var fox = provider.Call{
	Model: "flux-2-pro", Mode: provider.Text, Prompt: "SECRET PROMPT <a red fox>",
	Params: provider.Params{Width: 1344, Height: 768, Seed: new(int64), Quality: "standard", OutputFormat: "webp"},
}

func TestSubmitTakesBothDocumentedAnswers(t *testing.T) {
	for _, test := range []struct {
		file   string
		handle string
		usage  provider.Usage
	}{
		{"created.json", "https://api.eu2.bfl.ai/v1/get_result?id=" + jobID, provider.Usage{CostMicroUSD: 45_000, OutputMilliMP: 2000}},
		{"created_edit.json", "https://api.eu2.bfl.ai/v1/get_result?id=" + jobID, provider.Usage{CostMicroUSD: 60_000, InputMilliMP: 1310, OutputMilliMP: 1050}},
		{"created_with_webhook.json", "", provider.Usage{}},
		{"created_with_odd_cost.json", "", provider.Usage{OutputMilliMP: 1000}}, // a job that is paid for is never lost over it
	} {
		made, err := newReplay(t, recorded{Status: 200, File: test.file}).Driver.Submit(t.Context(), fox)
		if err != nil || made.Job == nil || *made.Job != (provider.Job{ID: jobID, Handle: test.handle}) || made.Usage != test.usage {
			t.Errorf("%s: %+v %+v, %v; want job %s with handle %q and usage %+v", test.file, made.Job, made.Usage, err, jobID, test.handle, test.usage)
		}
	}
}

func TestSubmitSendsTheGoldenBody(t *testing.T) {
	withWebhook := fox
	withWebhook.Params = provider.Params{AspectRatio: "16:9"}
	withWebhook.Webhook = &provider.Webhook{URL: "https://api.example.com/webhooks/bfl/token", Secret: "hush"}
	plain := provider.Call{Model: "flux-2-pro", Mode: provider.Text, Prompt: "a red fox"}
	for file, call := range map[string]provider.Call{
		"request_full.json": fox, "request_webhook.json": withWebhook, "request_plain.json": plain,
	} {
		r := newReplay(t, recorded{Status: 200, File: "created.json"})
		if _, err := r.Driver.Submit(t.Context(), call); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if r.Path != "/bfl/v1/flux-2-pro" || r.Header.Get("x-key") != providertest.ReplayKey || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: sent to %s with %v", file, r.Path, r.Header)
		}
		providertest.Golden(t, file, r.Body)
	}
}

func TestSubmitRefusesWhatTheModelsDoNotHave(t *testing.T) {
	for rule, change := range map[string]func(*provider.Call){
		"edit":        func(c *provider.Call) { c.Mode = provider.Edit },
		"inputs":      func(c *provider.Call) { c.Inputs = []provider.Input{{Role: provider.SourceImage}} },
		"one side":    func(c *provider.Call) { c.Params.Height = 0 },
		"ratio":       func(c *provider.Call) { c.Params = provider.Params{AspectRatio: "wide"} },
		"quality":     func(c *provider.Call) { c.Params.Quality = "high" },
		"transparent": func(c *provider.Call) { c.Params.Background = "transparent" },
		"format":      func(c *provider.Call) { c.Params.OutputFormat = "gif" },
	} {
		call := fox
		change(&call)
		r := newReplay(t, recorded{Status: 200, File: "created.json"})
		if _, err := r.Driver.Submit(t.Context(), call); provider.ClassOf(err) != provider.Rejected || r.Path != "" {
			t.Errorf("%s: error = %v, called %q; want Rejected and no call", rule, err, r.Path)
		}
	}
}

func TestPollOfAnotherJobsAnswerTeachesNothing(t *testing.T) {
	_, err := newReplay(t, recorded{Status: 200, File: "ready.json"}).Driver.Poll(t.Context(), provider.Job{ID: "another"})
	if provider.ClassOf(err) != provider.TransientRead {
		t.Errorf("error = %v, want TransientRead", err)
	}
}

// The key goes to the API under bfl.ai and to nothing else that an answer or a row may name.
func TestPollIgnoresAHandleThatMustNotSeeTheKey(t *testing.T) {
	for _, handle := range []string{
		"https://delivery.eu1.bfl.ai/v1/get_result?id=x", "https://api.bfl.ai.example.com/v1/get_result", "http://api.bfl.ai/v1/get_result",
		"https://evilbfl.ai/v1", "https://api.bfl.ai:8443/v1", "https://key@api.bfl.ai/v1", "not a url", "",
	} {
		r := newReplay(t, recorded{Status: 200, File: "pending.json"})
		if _, err := r.Driver.Poll(t.Context(), provider.Job{ID: jobID, Handle: handle}); err != nil || r.Path != "/bfl/v1/get_result?id="+jobID {
			t.Errorf("handle %q: asked %q, %v; want the fallback address", handle, r.Path, err)
		}
	}
}

func TestARegionThatIsNotKnownIsDown(t *testing.T) {
	driver := provider.New(bfl.New(bfl.Settings{Key: provider.FixedKey("key-1"), Region: "moon"}), provider.Settings{})
	if _, err := driver.Submit(t.Context(), fox); provider.ClassOf(err) != provider.Down || !errors.Is(err, provider.ErrForbiddenURL) {
		t.Errorf("error = %v, want Down for a forbidden address", err)
	}
}
