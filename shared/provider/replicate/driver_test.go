package replicate_test

import (
	"errors"
	"net/url"
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
	"darkroom/shared/provider/replicate"
)

const jobID = "ufawqhfynnddngldkgtslldrkq"

// build makes the driver before a server that passes for the simulator.
func build(key provider.KeySource, simulator *url.URL) provider.Driver {
	return replicate.New(replicate.Settings{Key: key, Simulator: simulator})
}

type recorded = providertest.Recorded

func newReplay(t *testing.T, answer recorded) *providertest.Replay {
	t.Helper()
	return providertest.NewReplay(t, build, answer)
}

var fox = provider.Call{
	Model: "black-forest-labs/flux-2-pro", Mode: provider.Text, Prompt: "SECRET PROMPT <a red fox>",
	Params: provider.Params{Width: 1344, Height: 768, Seed: new(int64), Quality: "standard", OutputFormat: "webp"},
}

func TestSubmitTakesEverySuccessWithAnId(t *testing.T) {
	for _, status := range []int{200, 201, 202} {
		made, err := newReplay(t, recorded{Status: status, File: "starting.json"}).Driver.Submit(t.Context(), fox)
		if err != nil || made.Job == nil || *made.Job != (provider.Job{ID: jobID}) {
			t.Errorf("%d: %+v, %v; want job %s without a handle", status, made.Job, err, jobID)
		}
	}
}

// Replicate tells how long the work took, and no price.
func TestTheEndOfAJobTellsHowLongItTook(t *testing.T) {
	for file, want := range map[string]int64{"succeeded.json": 5858, "failed.json": 5858, "succeeded_odd_metrics.json": 0} {
		report, err := newReplay(t, recorded{Status: 200, File: file}).Driver.Poll(t.Context(), provider.Job{ID: jobID})
		if want := (provider.Usage{ComputeMS: want}); err != nil || report.Usage != want {
			t.Errorf("%s: %s, usage %+v, %v; want %+v", file, report.State, report.Usage, err, want)
		}
	}
	made, err := newReplay(t, recorded{Status: 201, File: "starting.json"}).Driver.Submit(t.Context(), fox)
	if err != nil || made.Usage != (provider.Usage{}) {
		t.Errorf("submit: %+v, %v; want no usage", made.Usage, err)
	}
}

func TestSubmitSaysWhenToGiveUpAndDoesNotWait(t *testing.T) {
	r := newReplay(t, recorded{Status: 201, File: "starting.json"})
	if _, err := r.Driver.Submit(t.Context(), fox); err != nil {
		t.Fatal(err)
	}
	if r.Header.Get("Cancel-After") != "15m" || r.Header.Get("Prefer") != "" {
		t.Errorf("headers = %v, want Cancel-After 15m and no Prefer", r.Header)
	}
}

func TestPollAsksByTheIDAlone(t *testing.T) {
	r := newReplay(t, recorded{Status: 200, File: "starting.json"})
	if _, err := r.Driver.Poll(t.Context(), provider.Job{ID: jobID, Handle: "https://elsewhere.example.com/"}); err != nil {
		t.Error(err)
	}
	if r.Path != "/replicate/v1/predictions/"+jobID || r.Header.Get("Authorization") != "Bearer "+providertest.ReplayKey {
		t.Errorf("asked %s with %v", r.Path, r.Header)
	}
}

func TestPollOfAnotherJobsAnswerTeachesNothing(t *testing.T) {
	_, err := newReplay(t, recorded{Status: 200, File: "succeeded.json"}).Driver.Poll(t.Context(), provider.Job{ID: "another"})
	if provider.ClassOf(err) != provider.TransientRead {
		t.Errorf("error = %v, want TransientRead", err)
	}
}

func TestCancelAsksForTheEndOfOneJob(t *testing.T) {
	for _, test := range []struct {
		answer recorded
		want   provider.Class
	}{
		{recorded{Status: 200, File: "canceled.json"}, ""},
		{recorded{Status: 200, File: "succeeded.json"}, ""}, // it had ended
		{recorded{Status: 401, File: "not_authenticated.json"}, provider.Down},
		{recorded{Status: 404, File: "not_found.json"}, provider.TransientRead},
		{recorded{Status: 429, File: "throttled.json"}, provider.Throttled},
		{recorded{Status: 500}, provider.TransientRead},
	} {
		r := newReplay(t, test.answer)
		err := r.Driver.Cancel(t.Context(), provider.Job{ID: "../" + jobID})
		if got := provider.ClassOf(err); got != test.want || r.Path != "/replicate/v1/predictions/..%2F"+jobID+"/cancel" {
			t.Errorf("%+v: class %q (%v) at %s; want %q", test.answer, got, err, r.Path, test.want)
		}
	}
}

func TestBaseURLOutsideOfTheAllowedHostsIsDown(t *testing.T) {
	for _, base := range []string{"https://replicate.example.com", "https://replicate.delivery", "http://api.replicate.com"} {
		driver := provider.New(replicate.New(replicate.Settings{Key: provider.FixedKey("key-1"), BaseURL: base}), provider.Settings{})
		if _, err := driver.Submit(t.Context(), fox); provider.ClassOf(err) != provider.Down || !errors.Is(err, provider.ErrForbiddenURL) {
			t.Errorf("%s: error = %v, want Down for a forbidden address", base, err)
		}
	}
}
