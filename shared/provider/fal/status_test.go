package fal_test

import (
	"testing"

	"darkroom/shared/provider"
)

// with is a recorded answer with one header more.
func with(answer recorded, name, value string) recorded {
	answer.Header = map[string]string{name: value}
	return answer
}

// fal's proxy answers with a page of its own, and the id is on everything that came from behind it. Its clients repeat a submit then.
func TestOnlyAPageOfTheProxyWithoutARequestIDProvesThatASubmitNeverArrived(t *testing.T) {
	t.Parallel()
	for _, status := range []int{502, 503, 504} {
		page, elsewhere := recorded{Status: status, File: "bad_gateway.html"}, recorded{Status: status, Body: []byte("<html>another proxy</html>")}
		for rule, test := range map[string]struct {
			answer recorded
			want   provider.Class
		}{
			"the proxy's page":             {page, provider.Transient},
			"the same page behind fal":     {with(page, "X-Fal-Request-Id", requestID), provider.Ambiguous},
			"a page of another proxy":      {elsewhere, provider.Ambiguous},
			"no page":                      {recorded{Status: status}, provider.Ambiguous},
			"what no page is known to say": {recorded{Status: status, File: "server_error.json"}, provider.Ambiguous},
		} {
			if _, err := newReplay(t, test.answer).Driver.Submit(t.Context(), fox); provider.ClassOf(err) != test.want {
				t.Errorf("%d, %s: %v, want class %q", status, rule, err, test.want)
			}
		}
	}
	if _, err := newReplay(t, recorded{Status: 500, File: "bad_gateway.html"}).Driver.Submit(t.Context(), fox); provider.ClassOf(err) != provider.Ambiguous {
		t.Errorf("500: %v, want class %q: that is none of the proxy's statuses", err, provider.Ambiguous)
	}
}

// Only a kind that says that no runner had the request proves that a submit was not executed. The end of a request is final whatever its kind: the attempt is
// used up.
func TestEveryDocumentedKindOfFailureHasItsClass(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind   string
		status int
		submit provider.Class
	}{
		{"runner_scheduling_failure", 503, provider.Transient},
		{"runner_connection_refused", 503, provider.Transient},
		{"startup_timeout", 504, provider.Transient},
		{"runner_connection_timeout", 503, provider.Ambiguous},
		{"runner_disconnected", 503, provider.Ambiguous},
		{"request_timeout", 504, provider.Ambiguous},
		{"another_kind", 503, provider.Ambiguous},
	} {
		answer := recorded{Status: test.status, Body: []byte(`{"detail":"SECRET PROMPT","error_type":"` + test.kind + `"}`)}
		for _, answer := range []recorded{answer, with(answer, "X-Fal-Request-Id", requestID)} {
			if _, err := newReplay(t, answer).Driver.Submit(t.Context(), fox); provider.ClassOf(err) != test.submit {
				t.Errorf("%s after a submit: %v, want class %q", test.kind, err, test.submit)
			}
		}
		for _, over := range []recorded{completed, completedError} {
			wantEnd(t, test.kind, over, answer, provider.JobFailed)
		}
	}
}

func wantEnd(t *testing.T, rule string, status, result recorded, want provider.Class) {
	t.Helper()
	s := newStage(t, map[string]recorded{atQueue + "/status": status, atQueue: result})
	report, err := s.driver.Poll(t.Context(), s.job())
	if err != nil || report.State != provider.Failed || report.Err.Class != want {
		t.Errorf("%s as the end of a request: %+v, %v; want it failed as %q", rule, report, err, want)
	}
}

// Our own limit on the wait for a runner ran out: fal's clients do not repeat such a call, so the attempt is used up.
func TestATimeOfOursThatRanOutUsesUpTheAttempt(t *testing.T) {
	t.Parallel()
	const header = "X-Fal-Request-Timeout-Type"
	for rule, test := range map[string]struct {
		answer recorded
		want   provider.Class
	}{
		"with its kind":                {with(recorded{Status: 504, File: "request_timeout.json"}, header, "user"), provider.JobFailed},
		"with the proxy's page":        {with(recorded{Status: 504, File: "bad_gateway.html"}, header, "user"), provider.JobFailed},
		"with another status":          {with(recorded{Status: 503}, header, "user"), provider.Ambiguous},
		"when the time was not ours":   {with(recorded{Status: 504, File: "request_timeout.json"}, header, "server"), provider.Ambiguous},
		"when nobody says whose it is": {recorded{Status: 504, File: "request_timeout.json"}, provider.Ambiguous},
	} {
		if _, err := newReplay(t, test.answer).Driver.Submit(t.Context(), fox); provider.ClassOf(err) != test.want {
			t.Errorf("%s: %v, want class %q", rule, err, test.want)
		}
	}
	wantEnd(t, "without a body", completed, with(recorded{Status: 504}, header, "user"), provider.JobFailed)
}

// Whether another attempt may help, the model knows better than a table of types. What a content policy refused stays refused.
func TestAModelThatSaysWhetherARepeatHelpsIsBelieved(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status             int
		file               string
		silent, yes, never provider.Class // without the header, with "true", with "false"
	}{
		{422, "invalid.json", provider.Rejected, provider.JobFailed, provider.Rejected},
		{400, "downstream_service_error.json", provider.JobFailed, provider.JobFailed, provider.Rejected},
		{500, "internal_server_error.json", provider.JobFailed, provider.JobFailed, provider.Rejected},
		{422, "content_policy.json", provider.Moderated, provider.Moderated, provider.Moderated},
		{503, "runner_disconnected.json", provider.JobFailed, provider.JobFailed, provider.JobFailed}, // no word of a model's
	} {
		for said, want := range map[string]provider.Class{"": test.silent, "true": test.yes, "false": test.never, "maybe": test.silent} {
			answer := with(recorded{Status: test.status, File: test.file}, "X-Fal-Retryable", said)
			wantEnd(t, test.file+" that says "+said, completed, answer, want)
			wantEnd(t, test.file+" that says "+said, completedError, answer, want)
		}
	}
}
