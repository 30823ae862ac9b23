package sample_test

import (
	"testing"
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

type recorded = providertest.Recorded

var fox = provider.Call{
	Model: "sample-1", Mode: provider.Text, Prompt: "SECRET PROMPT", Marker: "k1.account.task.1.mac",
	Params:  provider.Params{AspectRatio: "16:9", Quality: "standard", OutputFormat: "jpeg"},
	Webhook: &provider.Webhook{URL: "http://127.0.0.1:9/webhooks/sample/k1.account.task.1.mac", Secret: "hush"},
}

func TestTheRequestIsAsDocumented(t *testing.T) {
	t.Parallel()
	replay := providertest.NewReplay(t, build, recorded{Status: 201, File: "created.json"})
	made, err := replay.Driver.Submit(t.Context(), fox)
	if err != nil || made.Job == nil || made.Job.ID != "img-7" || made.Usage.CostMicroUSD != 25_000 {
		t.Fatalf("made = %+v, %v; want job img-7 for 2.5 cents", made, err)
	}
	if replay.Path != "/sample/v1/images" || replay.Header.Get("Authorization") != "Bearer "+providertest.ReplayKey {
		t.Errorf("sent to %s with %q", replay.Path, replay.Header.Get("Authorization"))
	}
	providertest.Golden(t, "request.json", replay.Body)
}

func TestWhatTheModelDoesNotHaveIsRefusedUnsent(t *testing.T) {
	t.Parallel()
	for rule, change := range map[string]func(*provider.Call){
		"mode":       func(c *provider.Call) { c.Mode = provider.Edit },
		"inputs":     func(c *provider.Call) { c.Inputs = []provider.Input{{Role: provider.SourceImage}} },
		"size":       func(c *provider.Call) { c.Params.AspectRatio = "9:1" },
		"quality":    func(c *provider.Call) { c.Params.Quality = "high" },
		"background": func(c *provider.Call) { c.Params.Background = "transparent" },
		"seed":       func(c *provider.Call) { c.Params.Seed = new(int64) },
		"format":     func(c *provider.Call) { c.Params.OutputFormat = "webp" },
	} {
		replay := providertest.NewReplay(t, build, recorded{Status: 201, File: "created.json"})
		call := fox
		change(&call)
		if _, err := replay.Driver.Submit(t.Context(), call); provider.ClassOf(err) != provider.Rejected || replay.Path != "" {
			t.Errorf("%s: %v, sent to %q; want it rejected and not sent", rule, err, replay.Path)
		}
	}
}

func TestAnAnswerAboutSomethingElseIsNotAnEmptyList(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"created.json", "page.html"} {
		job, err := providertest.NewReplay(t, build, recorded{Status: 200, File: file}).Driver.Lookup(t.Context(), "marker", time.Now())
		if job != nil || provider.ClassOf(err) != provider.TransientRead {
			t.Errorf("%s: job %+v, %v; want class %q", file, job, err, provider.TransientRead)
		}
	}
}
