package httpapi_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// What goes wrong on our side is ours: users get a number to tell us, and the log gets the rest.
func TestTroubleOnOurSideIsToldWithoutDetail(t *testing.T) {
	t.Parallel()
	const detail = "dial tcp 10.0.0.7:443: table darkroom-tasks, key AKIAEXAMPLE"
	for name, fault := range map[string]func() error{
		"AnError":       func() error { return errors.New(detail) },
		"AWrappedError": func() error { return fmt.Errorf("read task: %w", errors.New(detail)) },
		"APanic":        func() error { panic(detail) },
		"APanicOfTheRuntime": func() error {
			return errors.New(strings.Split(detail, "\n")[len(detail)])
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.store.breakWith(fault)
			type request struct {
				as           token
				method, path string
				body         any
			}
			requests := []request{{nil, http.MethodGet, "/v1/models", nil}}
			for _, r := range userRoutes {
				requests = append(requests, request{person("ann"), r.method, at(r.path, "", someID), bodyOf(r.method, r.path)})
			}
			for _, r := range operatorRoutes {
				requests = append(requests, request{operator("olga"), r.method, at(r.path, person("ann").account(), someID), r.body})
			}
			for _, r := range requests {
				got := w.call(r.as, r.method, r.path, r.body)
				if got.status != http.StatusInternalServerError || got.text("code") != "internal" || got.get("retryable") != true {
					t.Errorf("%s %s: got %d %s, want 500 internal", r.method, r.path, got.status, got.body)
				}
				for _, word := range []string{"10.0.0.7", "darkroom-tasks", "AKIA", "out of range", "goroutine"} {
					if strings.Contains(string(got.body), word) {
						t.Errorf("%s %s: the answer holds %q", r.method, r.path, word)
					}
				}
				id := got.text("trace_id")
				lines := slices.DeleteFunc(strings.Split(w.log.String(), "\n"), func(line string) bool { return !strings.Contains(line, `"`+id+`"`) })
				if len(lines) == 0 || !(strings.Contains(lines[0], "10.0.0.7") || strings.Contains(lines[0], "out of range")) {
					t.Errorf("%s %s: the log says nothing of the cause under %s: %v", r.method, r.path, id, lines)
				}
				if len(lines) > 1 {
					t.Errorf("%s %s: logged %d times: %v", r.method, r.path, len(lines), lines)
				}
			}
		})
	}
}

func TestHealthNeedsNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.store.breakWith(func() error { return errors.New("the table is gone") })
	w.call(nil, http.MethodGet, "/healthz", nil).want(http.StatusOK)
}

func TestAnUnknownRouteIsAProblem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/v1/nothing", "/", "/admin/v1/nothing", "/v1/tasks/" + someID + "/nothing"} {
		if got := w.call(person("ann"), http.MethodGet, path, nil).want(http.StatusNotFound); got.text("code") != "not_found" {
			t.Errorf("%s: %s", path, got.body)
		}
	}
}

func TestAWrongMethodIsAProblemThatNamesTheRightOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, r := range []struct{ method, path, allow string }{
		{http.MethodPut, "/v1/tasks", "GET, HEAD, POST"}, {http.MethodPatch, "/v1/tasks/" + someID, "DELETE, GET, HEAD"}, {http.MethodGet, "/v1/quotes", "POST"},
		{http.MethodPost, "/v1/models", "GET, HEAD"}, {http.MethodDelete, "/admin/v1/providers/bfl", "PUT"},
	} {
		got := w.call(operator("olga"), r.method, r.path, nil).want(http.StatusMethodNotAllowed)
		if got.header.Get("Allow") != r.allow || !strings.Contains(got.text("detail"), r.allow) {
			t.Errorf("%s %s: Allow is %q, want %q: %s", r.method, r.path, got.header.Get("Allow"), r.allow, got.body)
		}
	}
}

// What a client accepts or sends does not lead to anything but JSON.
func TestOnlyJSONIsSpoken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	for _, accept := range []string{"*/*", "application/json", "text/html", "application/cbor", "application/xml;q=0.9,*/*;q=0.1", "", "nonsense", "application/problem+json"} {
		got := w.call(ann, http.MethodGet, "/v1/credits", nil, "Accept", accept)
		if kind := got.header.Get("Content-Type"); got.status != http.StatusOK || kind != "application/json" {
			t.Errorf("Accept %q: got %d %s", accept, got.status, kind)
		}
	}
	for _, kind := range []string{"application/json; charset=utf-8", "application/json"} {
		w.call(ann, http.MethodPost, "/v1/tasks", wish(), "Content-Type", kind).want(http.StatusAccepted)
	}
	before := w.store.All()
	for _, kind := range []string{"text/plain", "application/xml", "application/cbor", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
		if got := w.call(ann, http.MethodPost, "/v1/tasks", wish(), "Content-Type", kind); got.status < 400 || got.status >= 500 {
			t.Errorf("Content-Type %q: got %d", kind, got.status)
		}
	}
	if !sameItems(before, w.store.All()) {
		t.Error("a body of another kind was taken")
	}
}

// The log is for operators, who need not read what users write.
func TestPromptsAndTokensAreNotLogged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	prompt := "A very private lighthouse"
	w.complete(ann, "prompt", prompt, "metadata", map[string]any{"customer": "private-4711"})
	w.fail(ann, "prompt", prompt)
	w.call(ann, http.MethodPost, "/v1/tasks", wish("prompt", prompt, "count", 9), "Authorization", "Bearer private-token", "Idempotency-Key", "private-key")
	w.store.breakWith(func() error { return errors.New("the table is gone") })
	w.call(ann, http.MethodPost, "/v1/tasks", wish("prompt", prompt), "Authorization", "Bearer private-token", "Idempotency-Key", "private-key")
	for _, word := range []string{prompt, "lighthouse", "private", "Signature="} {
		if strings.Contains(w.log.String(), word) {
			t.Errorf("the log holds %q", word)
		}
	}
}

// A line break in what a client sends must not begin a line of the log.
func TestNothingAClientSendsBeginsALineOfTheLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.store.breakWith(func() error { return errors.New("the table is gone") })
	w.call(person("ann"), http.MethodGet, "/v1/tasks?model=x%0A%7B%22level%22:%22FORGED%22%7D", nil)
	w.call(person("ann"), http.MethodGet, "/v1/tasks/"+someID, nil, "If-None-Match", "x\n{\"level\":\"FORGED\"}")
	for line := range strings.Lines(w.log.String()) {
		if !strings.HasPrefix(line, `{"time":`) || strings.Contains(line, "FORGED") {
			t.Errorf("a line of the log is %s", line)
		}
	}
}
