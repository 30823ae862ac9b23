package fal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"darkroom/shared/provider"
)

const atList = "/fal/api/v1/models/requests/by-endpoint"

var began = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func TestLookupReadsTheDocumentedList(t *testing.T) {
	s := newStage(t, map[string]recorded{atList: {Status: 200, File: "requests.json"}})
	job, err := s.driver.Lookup(t.Context(), "k1.account.task.1.mac", began)
	if err != nil || job == nil || job.ID != requestID || !strings.Contains(job.Handle, "/fal/queue/fal-ai/flux-2/requests/"+requestID) {
		t.Fatalf("job = %+v, %v; want %s at the app fal-ai/flux-2", job, err, requestID)
	}
	asked, err := url.Parse(strings.TrimPrefix(s.called()[0], "GET "))
	if err != nil {
		t.Fatal(err)
	}
	query := asked.Query()
	for name, want := range map[string]string{"start": "2024-12-31T23:59:00Z", "expand": "payloads", "limit": "20", "cursor": ""} {
		if got := query.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if ids := strings.Split(query.Get("endpoint_id"), ","); len(ids) > 50 || !strings.Contains(query.Get("endpoint_id"), "fal-ai/flux-2/klein/4b/edit") {
		t.Errorf("endpoint_id has %d ids, want all of this driver's and at most 50", len(ids))
	}
}

func TestLookupFollowsTheCursorToTheEnd(t *testing.T) {
	s := newLiveStage(t, func(r *http.Request) recorded {
		if r.URL.Query().Get("cursor") == "" {
			return recorded{Status: 200, File: "requests.json"}
		}
		return recorded{Status: 200, File: "requests_last.json"}
	})
	if job, err := s.driver.Lookup(t.Context(), "k1.account.task.2.mac", began); err != nil || job != nil {
		t.Errorf("job = %+v, %v; want none", job, err)
	}
	if calls := s.called(); len(calls) != 2 || !strings.Contains(calls[1], "cursor=Mg%3D%3D") {
		t.Errorf("calls %v, want a second with the cursor of the first", calls)
	}
}

func TestLookupWithoutAMarkerFindsNoneOfTheRequestsThatHaveNone(t *testing.T) {
	s := newStage(t, map[string]recorded{atList: {Status: 200, File: "requests.json"}})
	if job, err := s.driver.Lookup(t.Context(), "", began); err != nil || job != nil {
		t.Errorf("job = %+v, %v; want none", job, err)
	}
}

// "There is none" lets the task be tried again, and paid again: it must not be said while pages are unread.
func TestLookupInAListThatIsTooLongIsNoAnswer(t *testing.T) {
	s := newStage(t, map[string]recorded{atList: {Status: 200, File: "requests.json"}})
	if job, err := s.driver.Lookup(t.Context(), "k1.account.task.2.mac", began); provider.ClassOf(err) != provider.TransientRead || job != nil {
		t.Errorf("job = %+v, %v; want TransientRead", job, err)
	}
	if calls := s.called(); len(calls) != 25 {
		t.Errorf("%d calls, want 25", len(calls))
	}
}

func TestLookupThatCannotReadTheListTeachesNothing(t *testing.T) {
	for _, test := range []struct {
		answer recorded
		want   provider.Class
	}{
		{recorded{Status: 401, File: "platform_unauthorized.json"}, provider.Down},
		{recorded{Status: 403}, provider.Down},
		{recorded{Status: 429}, provider.Throttled},
		{recorded{Status: 500}, provider.TransientRead},
		{recorded{Status: 200}, provider.TransientRead},
		{recorded{Status: 200, File: "too_many.json"}, provider.TransientRead},
	} {
		s := newStage(t, map[string]recorded{atList: test.answer})
		if job, err := s.driver.Lookup(t.Context(), "k1.account.task.1.mac", began); provider.ClassOf(err) != test.want || job != nil {
			t.Errorf("%+v: job = %+v, %v; want class %q", test.answer, job, err, test.want)
		}
	}
}

// A handle comes from our own row, and from an answer of fal's before that: it is checked again before the key goes anywhere.
func TestHandleThatMustNotSeeTheKeyIsReplacedByTheList(t *testing.T) {
	for _, handle := range []string{
		"https://v3b.fal.media/files/x/out.png", "https://queue.fal.run.example.com/x", "http://queue.fal.run/x", "https://evilfal.run/x",
		"https://queue.fal.run:8443/x", "https://key@queue.fal.run/x", "not a url", "", "https://queue.fal.run/" + strings.Repeat("x", 1024),
	} {
		s := newStage(t, map[string]recorded{
			atList: {Status: 200, File: "requests.json"},
			"/fal/queue/fal-ai/flux-2/requests/" + requestID + "/status": {Status: 202, File: "in_queue.json"},
		})
		job := provider.Job{ID: requestID, Handle: handle}
		report, err := s.driver.Poll(t.Context(), job)
		if calls := s.called(); err != nil || report.State != provider.Running || len(calls) != 2 || !strings.Contains(calls[0], "request_id="+requestID) {
			t.Errorf("handle %q: %+v, %v, calls %v; want the list, then the address made from it", handle, report, err, calls)
		}
	}
}

func TestJobThatTheListDoesNotShowIsRunning(t *testing.T) {
	s := newStage(t, map[string]recorded{atList: {Status: 200, File: "requests_last.json"}})
	if report, err := s.driver.Poll(t.Context(), provider.Job{ID: requestID}); err != nil || report.State != provider.Running {
		t.Errorf("report = %+v, %v; want running: the task's deadline bounds that", report, err)
	}
	if err := s.driver.Cancel(t.Context(), provider.Job{ID: requestID}); err != nil {
		t.Errorf("cancel: %v, want none: there is nothing to stop", err)
	}
}
