package fal_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

var fox = provider.Call{
	Model: "fal-ai/flux-2-pro", Mode: provider.Text, Prompt: "SECRET PROMPT <a red fox>", Marker: "k1.account.task.1.mac",
	Params: provider.Params{Width: 1344, Height: 768, AspectRatio: "7:4", Seed: new(int64), Quality: "standard", OutputFormat: "png"},
}

func TestSubmitFailureClasses(t *testing.T) {
	for _, test := range []struct {
		answer     recorded
		want       provider.Class
		retryAfter time.Duration
		log        string // part of the error
	}{
		{recorded{Status: 400, File: "server_error.json"}, provider.Rejected, 0, "status 400"},
		{recorded{Status: 401, File: "unauthorized.json"}, provider.Down, 0, ""},
		{recorded{Status: 402, File: "no_balance.json"}, provider.Down, 0, ""},
		{recorded{Status: 403, File: "no_balance.json"}, provider.Down, 0, ""},
		{recorded{Status: 404}, provider.Down, 0, ""},
		{recorded{Status: 405}, provider.Down, 0, ""},
		{recorded{Status: 413}, provider.Rejected, 0, ""},
		{recorded{Status: 422, File: "invalid.json"}, provider.Rejected, 0, "body.image_size.width:multiple_of body.image_urls.0:image_load_error"},
		{recorded{Status: 422, File: "content_policy.json"}, provider.Moderated, 0, "body.prompt:content_policy_violation"},
		{recorded{Status: 429, File: "too_many.json"}, provider.Throttled, 0, ""},
		{recorded{Status: 429, Header: map[string]string{"Retry-After": "9", "X-Request-Id": "abc-1"}}, provider.Throttled, 9 * time.Second, "request abc-1"},
		{recorded{Status: 301, Header: map[string]string{"Location": "/elsewhere"}}, provider.Down, 0, ""},
		{recorded{Status: 303, Header: map[string]string{"Location": "/elsewhere"}}, provider.Ambiguous, 0, ""},
		{recorded{Status: 408}, provider.Ambiguous, 0, ""},
		{recorded{Status: 500, File: "server_error.json"}, provider.Ambiguous, 0, ""},
		{recorded{Status: 500, File: "server_error.json", Header: map[string]string{"X-Fal-Retryable": "true"}}, provider.Ambiguous, 0, ""}, // and maybe executed
		{recorded{Status: 422, File: "invalid.json", Header: map[string]string{"X-Fal-Retryable": "true"}}, provider.Rejected, 0, ""},
		{recorded{Status: 200}, provider.Ambiguous, 0, ""},                        // no body
		{recorded{Status: 200, File: "too_many.json"}, provider.Ambiguous, 0, ""}, // no request id
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

func TestSubmitKeepsTheAddressThatFalGives(t *testing.T) {
	made, err := newReplay(t, recorded{Status: 200, File: "created.json"}).Driver.Submit(t.Context(), fox)
	want := provider.Job{ID: requestID, Handle: "https://queue.fal.run/fal-ai/flux-2-pro/requests/" + requestID}
	if err != nil || made.Job == nil || *made.Job != want {
		t.Errorf("%+v, %v; want %+v", made.Job, err, want)
	}
}

// The key goes to the queue alone, whatever address an answer names.
func TestSubmitMakesTheAddressThatMustNotSeeTheKey(t *testing.T) {
	call := fox
	call.Model, call.Params = "fal-ai/flux-2/klein/4b", provider.Params{}
	made, err := newReplay(t, recorded{Status: 200, File: "created_elsewhere.json"}).Driver.Submit(t.Context(), call)
	if err != nil || !strings.HasSuffix(made.Job.Handle, "/fal/queue/fal-ai/flux-2/requests/"+requestID) {
		t.Errorf("%+v, %v; want the address of the app fal-ai/flux-2 at the queue", made.Job, err)
	}
}

// A submit tells nothing of what it will cost; the header of a result tells how many units are billed, and no sum of money.
func TestPollTellsTheUnitsThatAreBilled(t *testing.T) {
	for _, test := range []struct {
		header string
		file   string
		want   int64 // thousandths of a unit
	}{
		{"2", "result.json", 2000}, {"1.5", "result.json", 1500}, {"1", "result_flagged.json", 1000},
		{"", "result.json", 0}, {"many", "result.json", 0}, {"-1", "result.json", 0}, {"NaN", "result.json", 0}, {"1e300", "result.json", 0},
	} {
		result := recorded{Status: 200, File: test.file, Header: map[string]string{"X-Fal-Billable-Units": test.header}}
		s := newStage(t, map[string]recorded{atQueue + "/status": completed, atQueue: result})
		report, err := s.driver.Poll(t.Context(), s.job())
		if want := (provider.Usage{MilliUnits: test.want}); err != nil || report.Usage != want {
			t.Errorf("%q with %s: %+v, %v; want %+v", test.header, test.file, report.Usage, err, want)
		}
	}
	made, err := newReplay(t, recorded{Status: 200, File: "created.json"}).Driver.Submit(t.Context(), fox)
	if err != nil || made.Usage != (provider.Usage{}) {
		t.Errorf("submit: %+v, %v; want no usage", made.Usage, err)
	}
}

func TestSubmitSendsTheHeadersOfOneCallThatIsNeverRepeated(t *testing.T) {
	call := fox
	call.Webhook = &provider.Webhook{URL: "https://api.example.com/webhooks/fal/token?x=1&y=2", Secret: "hush"}
	r := newReplay(t, recorded{Status: 200, File: "created.json"})
	if _, err := r.Driver.Submit(t.Context(), call); err != nil {
		t.Fatal(err)
	}
	if want := "/fal/queue/fal-ai/flux-2-pro?fal_webhook=https%3A%2F%2Fapi.example.com%2Fwebhooks%2Ffal%2Ftoken%3Fx%3D1%26y%3D2"; r.Path != want {
		t.Errorf("sent to %s, want %s", r.Path, want)
	}
	for name, want := range map[string]string{
		"Authorization": "Key " + providertest.ReplayKey, "Content-Type": "application/json", "X-Fal-No-Retry": "1", "X-Fal-Request-Timeout": "600",
		"X-Fal-Object-Lifecycle-Preference": `{"expiration_duration_seconds": 86400}`, "X-Fal-Store-Io": "",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if strings.Contains(string(r.Body), "hush") {
		t.Error("the webhook's secret was sent: fal signs with a key of its own")
	}
}

func TestPollReadsEveryDocumentedStatusAndResult(t *testing.T) {
	for _, test := range []struct {
		status, result recorded
		state          provider.ReportState
		class          provider.Class // of the report's failure, or of the error when state is empty
		url            string
	}{
		{recorded{Status: 202, File: "in_queue.json"}, recorded{}, provider.Running, "", ""},
		{recorded{Status: 202, File: "in_progress.json"}, recorded{}, provider.Running, "", ""},
		{recorded{Status: 200, File: "unknown_status.json"}, recorded{}, provider.Running, "", ""},
		{recorded{Status: 404, File: "not_found.json"}, recorded{}, provider.Running, "", ""},
		{recorded{Status: 200}, recorded{}, "", provider.TransientRead, ""},
		{recorded{Status: 200, File: "too_many.json"}, recorded{}, "", provider.TransientRead, ""}, // no status
		{recorded{Status: 200, File: "completed_another.json"}, recorded{Status: 200, File: "result.json"}, "", provider.TransientRead, ""},
		{recorded{Status: 401, File: "unauthorized.json"}, recorded{}, "", provider.Down, ""},
		{recorded{Status: 403}, recorded{}, "", provider.Down, ""},
		{recorded{Status: 429, File: "too_many.json"}, recorded{}, "", provider.Throttled, ""},
		{recorded{Status: 500}, recorded{}, "", provider.TransientRead, ""},

		{completed, recorded{Status: 200, File: "result.json"}, provider.Succeeded, "", "https://v3b.fal.media/files/x/out.png"},
		{completed, recorded{Status: 200, File: "result_empty.json"}, provider.Failed, provider.JobFailed, ""},
		{completed, recorded{Status: 200, File: "result_indecent.json"}, provider.Failed, provider.Moderated, ""},
		{completed, recorded{Status: 200, File: "result_flagged.json"}, provider.Failed, provider.Moderated, ""},
		{completed, recorded{Status: 200}, "", provider.TransientRead, ""},
		{completed, recorded{Status: 422, File: "content_policy.json"}, provider.Failed, provider.Moderated, ""},
		{completed, recorded{Status: 422, File: "invalid.json"}, provider.Failed, provider.Rejected, ""},
		{completed, recorded{Status: 422, File: "file_download_error.json"}, provider.Failed, provider.JobFailed, ""},
		{completed, recorded{Status: 400, File: "downstream_service_error.json"}, provider.Failed, provider.JobFailed, ""},
		{completed, recorded{Status: 500, File: "internal_server_error.json"}, provider.Failed, provider.JobFailed, ""},
		{completed, recorded{Status: 500, File: "server_error.json"}, provider.Failed, provider.JobFailed, ""},
		{completed, recorded{Status: 503, File: "runner_disconnected.json"}, provider.Failed, provider.JobFailed, ""},
		{completed, recorded{Status: 504, File: "request_timeout.json"}, provider.Failed, provider.JobFailed, ""},
		{completed, recorded{Status: 404, File: "not_found.json"}, provider.Failed, provider.JobFailed, ""}, // kept no longer
		{completed, recorded{Status: 502, File: "bad_gateway.html"}, "", provider.TransientRead, ""},
		{completed, recorded{Status: 504}, "", provider.TransientRead, ""},
		{completed, recorded{Status: 401, File: "unauthorized.json"}, "", provider.Down, ""},
		{completed, recorded{Status: 429, File: "too_many.json"}, "", provider.Throttled, ""},

		{completedError, recorded{Status: 503, File: "runner_disconnected.json"}, provider.Failed, provider.JobFailed, ""},
		{completedError, recorded{Status: 422, File: "content_policy.json"}, provider.Failed, provider.Moderated, ""},
		{completedError, recorded{Status: 502, File: "bad_gateway.html"}, provider.Failed, provider.JobFailed, ""},
		{completedError, recorded{Status: 200, File: "result.json"}, provider.Failed, provider.JobFailed, ""}, // COMPLETED is no success
	} {
		s := newStage(t, map[string]recorded{atQueue + "/status": test.status, atQueue: test.result})
		report, err := s.driver.Poll(t.Context(), s.job())
		class, link := provider.Class(""), ""
		switch {
		case err != nil:
			class = provider.ClassOf(err)
		case report.Err != nil:
			class = report.Err.Class
		case report.Output != nil:
			link = report.Output.URL
		}
		if report.State != test.state || class != test.class || link != test.url {
			t.Errorf("%+v %+v: state %q, class %q, link %q (%v); want %q, %q, %q", test.status, test.result, report.State, class, link, err, test.state, test.class, test.url)
		}
		if err != nil && strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%+v: error = %q holds the prompt", test.result, err)
		}
	}
}

var (
	completed      = recorded{Status: 200, File: "completed.json"}
	completedError = recorded{Status: 200, File: "completed_error.json"}
)

func TestCancelAnswers(t *testing.T) {
	for _, test := range []struct {
		answer recorded
		want   provider.Class // empty: no error
	}{
		{recorded{Status: 202, File: "cancel_requested.json"}, ""},
		{recorded{Status: 400, File: "already_completed.json"}, ""},
		{recorded{Status: 404, File: "cancel_not_found.json"}, ""},
		{recorded{Status: 400, File: "server_error.json"}, provider.TransientRead},
		{recorded{Status: 401, File: "unauthorized.json"}, provider.Down},
		{recorded{Status: 429, File: "too_many.json"}, provider.Throttled},
		{recorded{Status: 500}, provider.TransientRead},
	} {
		s := newStage(t, map[string]recorded{atQueue + "/cancel": test.answer})
		if err := s.driver.Cancel(t.Context(), s.job()); provider.ClassOf(err) != test.want {
			t.Errorf("%+v: error = %v, want class %q", test.answer, err, test.want)
		}
		if calls := s.called(); len(calls) != 1 || calls[0] != http.MethodPut+" "+atQueue+"/cancel" {
			t.Errorf("%+v: calls %v, want one PUT", test.answer, calls)
		}
	}
}
