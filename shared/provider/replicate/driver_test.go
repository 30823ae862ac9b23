package replicate_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

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

func TestSubmitFailureClasses(t *testing.T) {
	for _, test := range []struct {
		answer     recorded
		want       provider.Class
		retryAfter time.Duration
		log        string // part of the error
	}{
		{recorded{Status: 400}, provider.Rejected, 0, "status 400"},
		{recorded{Status: 401, File: "not_authenticated.json"}, provider.Down, 0, ""},
		{recorded{Status: 402, File: "no_credit.json"}, provider.Down, 0, ""},
		{recorded{Status: 403}, provider.Down, 0, ""},
		{recorded{Status: 404, File: "not_found.json"}, provider.Down, 0, ""},
		{recorded{Status: 405}, provider.Down, 0, ""},
		{recorded{Status: 413}, provider.Rejected, 0, ""},
		{recorded{Status: 422, File: "invalid.json"}, provider.Rejected, 0, "input.width:number_lte input.prompt:string_lte"},
		{recorded{Status: 429, File: "throttled.json"}, provider.Throttled, 30 * time.Second, ""},
		{recorded{Status: 429, Header: map[string]string{"Retry-After": "9", "X-Request-Id": "abc-1"}, File: "throttled.json"}, provider.Throttled, 9 * time.Second, "request abc-1"},
		{recorded{Status: 429}, provider.Throttled, 0, ""},
		{recorded{Status: 301, Header: map[string]string{"Location": "/elsewhere"}}, provider.Down, 0, ""},
		{recorded{Status: 303, Header: map[string]string{"Location": "/elsewhere"}}, provider.Ambiguous, 0, ""},
		{recorded{Status: 408}, provider.Ambiguous, 0, ""},
		{recorded{Status: 409}, provider.Ambiguous, 0, ""},
		{recorded{Status: 500}, provider.Ambiguous, 0, ""},
		{recorded{Status: 502}, provider.Ambiguous, 0, ""},
		{recorded{Status: 503, Header: map[string]string{"Retry-After": "5"}}, provider.Ambiguous, 5 * time.Second, ""},
		{recorded{Status: 201}, provider.Ambiguous, 0, "without a job id"}, // no body
		{recorded{Status: 201, File: "throttled.json"}, provider.Ambiguous, 0, "without a job id"},
	} {
		_, err := newReplay(t, test.answer).Driver.Submit(t.Context(), fox)
		var failure *provider.Error
		if !errors.As(err, &failure) {
			t.Errorf("%+v: error = %v, want a *provider.Error", test.answer, err)
			continue
		}
		if failure.Class != test.want || failure.RetryAfter != test.retryAfter {
			t.Errorf("%+v: %v after %v, want class %q after %v", test.answer, err, failure.RetryAfter, test.want, test.retryAfter)
		}
		if !strings.Contains(err.Error(), test.log) {
			t.Errorf("%+v: error = %q, want %q in it", test.answer, err, test.log)
		}
		if strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), providertest.ReplayKey) {
			t.Errorf("%+v: error = %q: the prompt or the key is in it", test.answer, err)
		}
	}
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

func TestPollReadsEveryDocumentedStatus(t *testing.T) {
	for _, test := range []struct {
		answer recorded
		state  provider.ReportState
		class  provider.Class // of the report's failure, or of the error when state is empty
		tells  string         // the link, or a part of the failure
	}{
		{recorded{Status: 200, File: "starting.json"}, provider.Running, "", ""},
		{recorded{Status: 200, File: "processing.json"}, provider.Running, "", ""},
		{recorded{Status: 200, File: "unknown_status.json"}, provider.Running, "", ""},
		{recorded{Status: 404, File: "not_found.json"}, provider.Running, "", ""},
		{recorded{Status: 200, File: "succeeded.json"}, provider.Succeeded, "", "https://replicate.delivery/xezq/a1/tmpab.webp"},
		{recorded{Status: 200, File: "succeeded_list.json"}, provider.Succeeded, "", "https://pbxt.replicate.delivery/b2/out-0.jpg"},
		{recorded{Status: 200, File: "succeeded_without_output.json"}, provider.Failed, provider.JobFailed, "without an output"},
		{recorded{Status: 200, File: "succeeded_empty_list.json"}, provider.Failed, provider.JobFailed, "without an output"},
		{recorded{Status: 200, File: "succeeded_object.json"}, provider.Failed, provider.JobFailed, "without an output"},
		{recorded{Status: 200, File: "removed.json"}, provider.Failed, provider.JobFailed, "removed before it was copied"},
		{recorded{Status: 200, File: "failed.json"}, provider.Failed, provider.JobFailed, "failed E1001"},
		{recorded{Status: 200, File: "failed_object.json"}, provider.Failed, provider.JobFailed, "failed"},
		{recorded{Status: 200, File: "failed_sensitive.json"}, provider.Failed, provider.Moderated, "failed E005"},
		{recorded{Status: 200, File: "failed_nsfw.json"}, provider.Failed, provider.Moderated, "failed"},
		{recorded{Status: 200, File: "failed_input.json"}, provider.Failed, provider.Rejected, "failed"},
		{recorded{Status: 200, File: "canceled.json"}, provider.Failed, provider.JobFailed, "canceled"},
		{recorded{Status: 200, File: "aborted.json"}, provider.Failed, provider.JobFailed, "aborted"},
		{recorded{Status: 200, File: "throttled.json"}, "", provider.TransientRead, ""}, // no status
		{recorded{Status: 200}, "", provider.TransientRead, ""},
		{recorded{Status: 401, File: "not_authenticated.json"}, "", provider.Down, ""},
		{recorded{Status: 402, File: "no_credit.json"}, "", provider.Down, ""},
		{recorded{Status: 403}, "", provider.Down, ""},
		{recorded{Status: 404}, "", provider.TransientRead, ""}, // from something in front of the API
		{recorded{Status: 404, File: "page_last.json"}, "", provider.TransientRead, ""},
		{recorded{Status: 429, File: "throttled.json"}, "", provider.Throttled, ""},
		{recorded{Status: 500}, "", provider.TransientRead, ""},
		{recorded{Status: 302, Header: map[string]string{"Location": "/elsewhere"}}, "", provider.TransientRead, ""},
	} {
		r := newReplay(t, test.answer)
		report, err := r.Driver.Poll(t.Context(), provider.Job{ID: jobID, Handle: "https://elsewhere.example.com/"})
		if r.Path != "/replicate/v1/predictions/"+jobID || r.Header.Get("Authorization") != "Bearer "+providertest.ReplayKey {
			t.Errorf("%+v: asked %s with %v", test.answer, r.Path, r.Header)
		}
		class, tells := provider.Class(""), ""
		switch {
		case err != nil:
			class = provider.ClassOf(err)
		case report.Err != nil:
			class, tells = report.Err.Class, report.Err.Error()
		case report.Output != nil:
			tells = report.Output.URL
		}
		if report.State != test.state || class != test.class || !strings.Contains(tells, test.tells) || strings.Contains(tells, "SECRET") {
			t.Errorf("%+v: state %q, class %q, %q (%v); want %q, %q, %q", test.answer, report.State, class, tells, err, test.state, test.class, test.tells)
		}
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
