package httpapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// page is a part of a list of tasks.
type page struct {
	Tasks      []struct{ ID, Status, Model, Mode, Prompt string }
	NextCursor string `json:"next_cursor"`
}

func (w *world) page(as token, target string) (p page) {
	w.t.Helper()
	w.call(as, http.MethodGet, target, nil).want(http.StatusOK).into(&p)
	return p
}

// ids are the tasks of a page.
func (p page) ids() []string {
	ids := []string{}
	for _, t := range p.Tasks {
		ids = append(ids, t.ID)
	}
	return ids
}

// walk reads a list to its end and returns every task and how many pages there were.
func (w *world) walk(as token, query string) (ids []string, pages int) {
	w.t.Helper()
	cursor := ""
	for range 1000 {
		p := w.page(as, "/v1/tasks?"+query+"&cursor="+url.QueryEscape(cursor))
		ids, pages = append(ids, p.ids()...), pages+1
		if cursor = p.NextCursor; cursor == "" {
			return ids, pages
		}
	}
	w.t.Fatal("the list never ends")
	return nil, 0
}

// many makes tasks and cancels them, so that the limit of open tasks does not stop it, and returns their ids, newest first. Its answers are like those of any
// other test and are not checked again.
func (w *world) many(as token, n int) (ids []string) {
	w.t.Helper()
	for range n {
		id := w.send(w.event(as, http.MethodPost, "/v1/tasks", wish())).want(http.StatusAccepted).text("tasks.0.id")
		w.send(w.event(as, http.MethodPost, "/v1/tasks/"+id+"/cancel", nil)).want(http.StatusOK)
		ids = append(ids, id)
	}
	slices.Reverse(ids)
	return ids
}

func TestPagesShowEveryTaskOnceNewestFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	want := w.many(ann, 23)
	w.queue.Take()
	for limit, pages := range map[int]int{1: 23, 5: 5, 20: 2, 22: 2, 23: 1, 24: 1, 100: 1} {
		got, n := w.walk(ann, fmt.Sprint("limit=", limit))
		if !slices.Equal(got, want) {
			t.Errorf("limit %d: got %v, want %v", limit, got, want)
		}
		if n != pages {
			t.Errorf("limit %d: %d pages, want %d", limit, n, pages)
		}
	}
	if got := w.page(ann, "/v1/tasks"); len(got.Tasks) != 20 || got.NextCursor == "" {
		t.Errorf("without a limit: %d tasks, want 20 and a next page", len(got.Tasks))
	}
}

// A new task belongs before the first page; it neither shifts nor repeats what is read after that.
func TestPagesStayWhereTheyWereWhenTasksAreMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	want := w.many(ann, 6)
	first := w.page(ann, "/v1/tasks?limit=3")
	w.many(ann, 2)
	second := w.page(ann, "/v1/tasks?limit=3&cursor="+first.NextCursor)
	if got := append(first.ids(), second.ids()...); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFiltersSelect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	completed, failed := w.complete(ann), w.fail(ann)
	other := w.run(ann, "model", "flux-2-klein-9b")
	queued := w.create(ann)
	for query, want := range map[string][]string{
		"status=completed":                    {completed},
		"status=failed":                       {failed},
		"status=processing":                   {other},
		"status=queued":                       {queued},
		"status=created":                      {},
		"model=flux-2-klein-9b":               {other},
		"model=flux-2-pro":                    {queued, failed, completed},
		"model=flux-2-pro&status=failed":      {failed},
		"mode=text":                           {queued, other, failed, completed},
		"mode=edit":                           {},
		"model=no-such-model":                 {},
		"mode=text&limit=2&status=processing": {other},
		"":                                    {queued, other, failed, completed},
	} {
		if got, _ := w.walk(ann, query); !slices.Equal(got, want) && len(got)+len(want) > 0 {
			t.Errorf("%q: got %v, want %v", query, got, want)
		}
	}
}

// A rare filter makes short pages, never a slow call; the cursor goes on until the end.
func TestAFilteredPageMayBeEmptyAndStillHaveANext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	rare := w.complete(ann)
	w.many(ann, 150)
	first := w.page(ann, "/v1/tasks?status=completed")
	if len(first.Tasks) != 0 || first.NextCursor == "" {
		t.Fatalf("the first page has %d tasks and cursor %q, want none and a cursor", len(first.Tasks), first.NextCursor)
	}
	if got, _ := w.walk(ann, "status=completed"); !slices.Equal(got, []string{rare}) {
		t.Errorf("got %v, want %v", got, []string{rare})
	}
}

func TestDeletedTasksAreInNoList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	ids := w.many(ann, 3)
	w.call(ann, http.MethodDelete, "/v1/tasks/"+ids[1], nil).want(http.StatusNoContent)
	want := []string{ids[0], ids[2]}
	for _, limit := range []string{"limit=1", "limit=2", "limit=20"} {
		if got, _ := w.walk(ann, limit); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", limit, got, want)
		}
	}
	if got := w.page(ann, "/v1/tasks?ids="+strings.Join(ids, ",")); !slices.Equal(got.ids(), want) {
		t.Errorf("ids=: got %v, want %v", got.ids(), want)
	}
}

func TestNamedTasksAreReadInOneCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, eve := person("ann"), person("eve")
	ids := w.many(ann, 50)
	if got := w.page(ann, "/v1/tasks?ids="+strings.Join(ids, ",")); !slices.Equal(got.ids(), ids) || got.NextCursor != "" {
		t.Errorf("got %d tasks and cursor %q, want 50 in the order asked for", len(got.Tasks), got.NextCursor)
	}
	hers := w.create(eve)
	if got := w.page(ann, "/v1/tasks?ids="+strings.Join([]string{someID, ids[3], hers, ids[3]}, ",")); !slices.Equal(got.ids(), []string{ids[3]}) {
		t.Errorf("got %v, want only %s, once", got.ids(), ids[3])
	}
}

// A list is for finding one's way; what a task was made from comes with the single task.
func TestListsLeaveThePromptOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.create(ann, "metadata", map[string]any{"secret": "order"})
	for _, target := range []string{"/v1/tasks", "/v1/tasks?ids=" + id} {
		got := w.call(ann, http.MethodGet, target, nil).want(http.StatusOK)
		if got.get("tasks.0.prompt") != nil || got.get("tasks.0.metadata") != nil || got.text("tasks.0.label") == "" {
			t.Errorf("%s: %s", target, got.body)
		}
	}
}

// The client goes away after the create call, and finds everything when it comes back.
func TestATaskEndsWithoutAnybodyWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	w.create(ann)
	w.finish()
	w.clock.Add(30 * 24 * time.Hour)
	if got := w.page(ann, "/v1/tasks"); len(got.Tasks) != 1 || got.Tasks[0].Status != "completed" {
		t.Errorf("got %+v", got)
	}
}
