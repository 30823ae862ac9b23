package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"darkroom/shared/task"
	"darkroom/shared/workflow"
)

func TestOnlyATaskThatWaitsCanBeCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	waiting := w.create(ann)
	got := w.call(ann, http.MethodPost, "/v1/tasks/"+waiting+"/cancel", nil).want(http.StatusOK)
	if got.text("status") != "failed" || got.text("error.code") != "cancelled" || got.number("credits.released") != 5 {
		t.Errorf("a cancelled task shows as %s", got.body)
	}
	if credits := w.call(ann, http.MethodGet, "/v1/credits", nil); credits.number("available") != signupGrant || credits.number("held") != 0 {
		t.Errorf("the credits are not back: %s", credits.body)
	}
	for name, id := range map[string]string{"Cancelled": waiting, "Running": w.run(ann), "Completed": w.complete(ann), "Failed": w.fail(ann)} {
		before := w.store.All()
		got := w.call(ann, http.MethodPost, "/v1/tasks/"+id+"/cancel", nil).want(http.StatusConflict)
		if got.text("code") != "not_cancelable" || !sameItems(before, w.store.All()) {
			t.Errorf("%s: %s", name, got.body)
		}
	}
}

func TestOnlyATaskThatHasEndedCanBeDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	for name, id := range map[string]string{"Queued": w.create(ann), "Running": w.run(ann)} {
		if got := w.call(ann, http.MethodDelete, "/v1/tasks/"+id, nil).want(http.StatusConflict); got.text("code") != "conflict" {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	for name, id := range map[string]string{"Completed": w.complete(ann), "Failed": w.fail(ann)} {
		if got := w.call(ann, http.MethodDelete, "/v1/tasks/"+id, nil).want(http.StatusNoContent); len(got.body) != 0 {
			t.Errorf("%s: the answer has a body: %s", name, got.body)
		}
	}
}

// Hidden means hidden: only the receipt and the way back are left.
func TestADeletedTaskIsGoneAtOnceAndCanComeBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.complete(ann)
	path := "/v1/tasks/" + id
	before := w.call(ann, http.MethodGet, path, nil).want(http.StatusOK)
	w.call(ann, http.MethodDelete, path, nil).want(http.StatusNoContent)
	for _, route := range []struct{ method, path string }{
		{http.MethodGet, path}, {http.MethodGet, path + "/asset"}, {http.MethodPost, path + "/retry"}, {http.MethodPost, path + "/cancel"}, {http.MethodDelete, path},
	} {
		if got := w.call(ann, route.method, route.path, nil); got.status != http.StatusNotFound {
			t.Errorf("%s %s: got %d, want 404", route.method, route.path, got.status)
		}
	}
	if got := w.call(ann, http.MethodGet, path+"/receipt", nil).want(http.StatusOK); got.number("capture.amount") != 5 {
		t.Errorf("what was paid has gone with the task: %s", got.body)
	}
	w.clock.Add(6 * 24 * time.Hour)
	if got := w.call(ann, http.MethodPost, path+"/restore", nil).want(http.StatusOK); got.text("status") != "completed" {
		t.Errorf("restored as %s", got.body)
	}
	after := w.call(ann, http.MethodGet, path, nil).want(http.StatusOK)
	if after.text("asset.sha256") != before.text("asset.sha256") || after.text("prompt") != before.text("prompt") {
		t.Errorf("it came back as another: %s, was %s", after.body, before.body)
	}
}

func TestRestoringWhatIsNotDeletedChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	for name, id := range map[string]string{"Completed": w.complete(ann), "Queued": w.create(ann)} {
		before := w.store.All()
		w.call(ann, http.MethodPost, "/v1/tasks/"+id+"/restore", nil).want(http.StatusOK)
		if !sameItems(before, w.store.All()) {
			t.Errorf("%s: something has changed", name)
		}
	}
}

func TestAfterTheUndoWindowNothingIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.complete(ann)
	w.call(ann, http.MethodDelete, "/v1/tasks/"+id, nil).want(http.StatusNoContent)
	w.clock.Add(7*24*time.Hour + time.Second)
	w.sweep()
	w.work()
	if left := w.bucket.Keys(); len(left) != 0 {
		t.Errorf("objects are left: %v", left)
	}
	w.call(ann, http.MethodPost, "/v1/tasks/"+id+"/restore", nil).want(http.StatusNotFound)
	w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusNotFound)
	if got := w.call(ann, http.MethodGet, "/v1/tasks/"+id+"/receipt", nil).want(http.StatusOK); got.number("capture.amount") != 5 {
		t.Errorf("the receipt is gone: %s", got.body)
	}
}

// sweep does one tick.
func (w *world) sweep() {
	w.t.Helper()
	if _, err := (&workflow.Sweeper{Engine: w.engine, Index: w.store}).Sweep(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func TestARetryIsANewRequestWithTheSameWishes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	for name, id := range map[string]string{"Failed": w.fail(ann, full()...), "Completed": w.complete(ann, full()...)} {
		old := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK)
		made := w.call(ann, http.MethodPost, "/v1/tasks/"+id+"/retry", nil).want(http.StatusAccepted)
		fresh := w.call(ann, http.MethodGet, made.header.Get("Location"), nil).want(http.StatusOK)
		if fresh.text("parent_id") != id || fresh.text("id") == id || fresh.text("request_id") == old.text("request_id") || fresh.text("status") != "queued" {
			t.Errorf("%s: the retry is %s", name, fresh.body)
		}
		for _, field := range []string{"model", "mode", "prompt", "params.size", "params.seed", "params.output_format", "params.quality", "metadata.order", "metadata.tags.1"} {
			if fresh.get(field) != old.get(field) {
				t.Errorf("%s: %s is %v, want %v", name, field, fresh.get(field), old.get(field))
			}
		}
	}
}

// Deleting races nothing: a task is deleted once, and the second call finds nothing.
func TestDeletingTwiceIsNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.fail(person("ann"))
	w.call(person("ann"), http.MethodDelete, "/v1/tasks/"+id, nil).want(http.StatusNoContent)
	w.call(person("ann"), http.MethodDelete, "/v1/tasks/"+id, nil).want(http.StatusNotFound)
}

func TestATaskThatIsNotReadyInTimeFailsAndGivesItsCreditsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.run(ann)
	w.clock.Add(2 * time.Hour)
	w.sweep()
	got := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK)
	if got.text("status") != "failed" || got.text("error.code") != "deadline_exceeded" || got.number("credits.released") != 5 || got.get("error.retryable") != true {
		t.Errorf("got %s", got.body)
	}
}

// The timeline never goes backwards, and its last entry is the present status.
func TestTheTimelineEndsWithTheStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	for _, id := range []string{w.fail(ann), w.complete(ann), w.run(ann), w.create(ann)} {
		got := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK)
		var shown struct {
			Status   string
			Timeline []struct {
				Status string
				At     time.Time
			}
			UpdatedAt time.Time `json:"updated_at"`
			CreatedAt time.Time `json:"created_at"`
		}
		got.into(&shown)
		last := shown.Timeline[len(shown.Timeline)-1]
		if last.Status != shown.Status || !last.At.Equal(shown.UpdatedAt) || !shown.Timeline[0].At.Equal(shown.CreatedAt) {
			t.Errorf("%s: %s", shown.Status, got.body)
		}
		for i := 1; i < len(shown.Timeline); i++ {
			if shown.Timeline[i].At.Before(shown.Timeline[i-1].At) {
				t.Errorf("%s: the timeline goes backwards: %s", shown.Status, got.body)
			}
		}
		if !strings.HasSuffix(got.text("created_at"), "Z") {
			t.Errorf("created_at is %q, want UTC", got.text("created_at"))
		}
	}
}

func TestADocumentedStatusForEveryState(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, value := range readContract(t).doc.Components.Schemas["TaskView"].Value.Properties["status"].Value.Enum {
		shown[value.(string)] = true
	}
	for _, status := range task.Statuses {
		if !shown[string(status)] {
			t.Errorf("the document lacks the status %q", status)
		}
	}
	if len(shown) != len(task.Statuses) {
		t.Errorf("the document has %d statuses, want %d", len(shown), len(task.Statuses))
	}
}
