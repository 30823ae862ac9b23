package fal_test

import (
	"net/http"
	"strings"
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

var fox = provider.Call{
	Model: "fal-ai/flux-2-pro", Mode: provider.Text, Prompt: "SECRET PROMPT <a red fox>", Marker: "k1.account.task.1.mac",
	Params: provider.Params{Width: 1344, Height: 768, AspectRatio: "7:4", Seed: new(int64), Quality: "standard", OutputFormat: "png"},
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

var (
	completed      = recorded{Status: 200, File: "completed.json"}
	completedError = recorded{Status: 200, File: "completed_error.json"}
)

func TestACancelThatComesTooLateIsNoErrorAndAnyOtherRefusalIs(t *testing.T) {
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
