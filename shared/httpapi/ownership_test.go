package httpapi_test

import (
	"bytes"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// at fills a path in.
func at(path, account, id string) string {
	if strings.HasPrefix(path, "/v1/uploads/") {
		id = "upl_" + strings.TrimPrefix(id, "tsk_")
	}
	return strings.NewReplacer("{account}", account, "{id}", id).Replace(path)
}

// mustBeEmpty checks that nothing was written and no message was sent.
func (w *world) mustBeEmpty() {
	w.t.Helper()
	if items := w.store.All(); len(items) != 0 {
		w.t.Errorf("%d items were left behind: %v", len(items), items)
	}
	if sent := w.queue.Take(); len(sent) != 0 {
		w.t.Errorf("messages were sent: %v", sent)
	}
}

// Another user's task is told from one that never was by nothing: not by the status, not by a word of the answer.
func TestAnotherUsersTaskIsNotThere(t *testing.T) {
	t.Parallel()
	states := map[string]func(*world, token) string{
		"Queued":    func(w *world, as token) string { return w.create(as) },
		"Running":   func(w *world, as token) string { return w.run(as) },
		"Completed": func(w *world, as token) string { return w.complete(as) },
		"Failed":    func(w *world, as token) string { return w.fail(as) },
		"Deleted": func(w *world, as token) string {
			id := w.complete(as)
			w.call(as, http.MethodDelete, "/v1/tasks/"+id, nil).want(http.StatusNoContent)
			return id
		},
	}
	for state, make := range states {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ann, eve := person("ann"), person("eve")
			id := make(w, ann)
			w.call(eve, http.MethodGet, "/v1/credits", nil).want(http.StatusOK) // her account is open
			w.queue.Take()
			before := w.store.All()
			for _, route := range userRoutes {
				if !strings.Contains(route.path, "/{id}") {
					continue
				}
				hers := w.call(eve, route.method, at(route.path, "", id), nil)
				nobodys := w.call(eve, route.method, at(route.path, "", someID), nil)
				if hers.status != http.StatusNotFound || nobodys.status != http.StatusNotFound {
					t.Errorf("%s %s: %d for another's task and %d for none, want 404 for both", route.method, route.path, hers.status, nobodys.status)
				}
				if a, b := withoutTrace(hers), withoutTrace(nobodys); !bytes.Equal(a, b) {
					t.Errorf("%s %s: the answers differ:\n%s\n%s", route.method, route.path, a, b)
				}
			}
			if list := w.call(eve, http.MethodGet, "/v1/tasks?ids="+id, nil).want(http.StatusOK); list.get("tasks.0") != nil {
				t.Errorf("ids= shows another's task: %s", list.body)
			}
			if list := w.call(eve, http.MethodGet, "/v1/tasks", nil).want(http.StatusOK); list.get("tasks.0") != nil {
				t.Errorf("the list shows another's task: %s", list.body)
			}
			if after := w.store.All(); !sameItems(before, after) {
				t.Error("a request about another's task changed something")
			}
			if sent := w.queue.Take(); len(sent) != 0 {
				t.Errorf("a request about another's task sent messages: %v", sent)
			}
		})
	}
}

// withoutTrace is a body without what names the call.
func withoutTrace(a answer) []byte {
	return bytes.ReplaceAll(a.body, []byte(a.header.Get("X-Request-Id")), nil)
}

// sameItems compares two readings of a store, whose order is random.
func sameItems[T any](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	for _, one := range a {
		found := false
		for _, other := range b {
			found = found || reflect.DeepEqual(one, other)
		}
		if !found {
			return false
		}
	}
	return true
}

// An idempotency key belongs to an account: the same key of two people makes two requests.
func TestAnotherUsersIdempotencyKeyIsFree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.call(person("ann"), http.MethodPost, "/v1/tasks", wish(), "Idempotency-Key", "order-1").want(http.StatusAccepted)
	second := w.call(person("eve"), http.MethodPost, "/v1/tasks", wish(), "Idempotency-Key", "order-1").want(http.StatusAccepted)
	if first.text("request_id") == second.text("request_id") || second.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("a key of another account was taken for one's own: %s", second.body)
	}
}

func TestCreditsAndHistoryAreOnesOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(person("ann"), "count", 3)
	if got := w.call(person("eve"), http.MethodGet, "/v1/credits", nil).want(http.StatusOK); got.number("available") != signupGrant || got.number("held") != 0 {
		t.Errorf("another's tasks show in the balance: %s", got.body)
	}
	entries := w.call(person("eve"), http.MethodGet, "/v1/credits/entries", nil).want(http.StatusOK)
	if entries.text("entries.0.kind") != "grant" || entries.get("entries.1") != nil {
		t.Errorf("another's tasks show in the history: %s", entries.body)
	}
}
