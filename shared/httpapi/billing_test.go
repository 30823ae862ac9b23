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

// line is one line of the billing history.
type line struct {
	ID, Kind, State string
	TaskID          string `json:"task_id"`
	Amount          int64
	BalanceAfter    int64      `json:"balance_after"`
	SettledAt       *time.Time `json:"settled_at"`
}

// effect is what a line did to the available credits.
func (l line) effect() int64 {
	switch {
	case l.Kind == "grant":
		return l.Amount
	case l.State == "released":
		return 0
	}
	return -l.Amount
}

// history reads the whole billing history.
func (w *world) history(as token, limit int) (all []line) {
	w.t.Helper()
	cursor := ""
	for range 1000 {
		var p struct {
			Entries    []line
			NextCursor string `json:"next_cursor"`
		}
		w.call(as, http.MethodGet, fmt.Sprintf("/v1/credits/entries?limit=%d&cursor=%s", limit, url.QueryEscape(cursor)), nil).want(http.StatusOK).into(&p)
		if len(p.Entries) > limit {
			w.t.Fatalf("a page of %d has %d lines", limit, len(p.Entries))
		}
		all = append(all, p.Entries...)
		if cursor = p.NextCursor; cursor == "" {
			return all
		}
	}
	w.t.Fatal("the history never ends")
	return nil
}

// busy is an account with every kind of line.
func (w *world) busy() token {
	w.t.Helper()
	ann := person("ann")
	w.call(ann, http.MethodGet, "/v1/credits", nil).want(http.StatusOK)
	for range 3 {
		w.complete(ann)
		w.fail(ann)
		w.many(ann, 1)
	}
	w.grant(ann, 50, "bought-50").want(http.StatusOK)
	w.complete(ann, "model", "flux-2-klein-9b")
	w.grant(ann, -20, "refund-20").want(http.StatusOK)
	w.create(ann, "count", 2)
	w.run(ann)
	return ann
}

func TestBillingLinesAddUpOverEveryPageSize(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.busy()
	available := w.call(ann, http.MethodGet, "/v1/credits", nil).number("available")
	whole := w.history(ann, 100)
	if len(whole) != 16 { // sign-up, 3 x 3 tasks, grant, task, withdrawal, 2 + 1 open tasks
		t.Fatalf("%d lines, want 16: %+v", len(whole), whole)
	}
	for _, limit := range []int{1, 2, 3, 5, 7, 15, 16, 17, 100} {
		lines := w.history(ann, limit)
		if !slices.EqualFunc(lines, whole, func(a, b line) bool { return a.ID == b.ID && a.BalanceAfter == b.BalanceAfter && a.State == b.State }) {
			t.Errorf("limit %d: the lines differ from those of one page:\n%+v\n%+v", limit, lines, whole)
		}
		balance := available
		for _, l := range lines {
			if l.BalanceAfter != balance {
				t.Errorf("limit %d: line %s says %d, want %d", limit, l.ID, l.BalanceAfter, balance)
			}
			balance -= l.effect()
		}
		if balance != 0 {
			t.Errorf("limit %d: before the first line there were %d credits, want 0", limit, balance)
		}
	}
}

func TestEveryTaskHasOneBillingLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.busy()
	states := map[string]string{"completed": "captured", "failed": "released", "queued": "pending", "processing": "pending"}
	lines := map[string]line{}
	for _, l := range w.history(ann, 100) {
		if l.Kind != "task" {
			continue
		}
		if _, twice := lines[l.TaskID]; twice {
			t.Errorf("task %s has two lines", l.TaskID)
		}
		lines[l.TaskID] = l
	}
	tasks := w.page(ann, "/v1/tasks?limit=100").Tasks
	if len(tasks) != len(lines) {
		t.Errorf("%d tasks and %d lines", len(tasks), len(lines))
	}
	for _, one := range tasks {
		l := lines[one.ID]
		if l.State != states[one.Status] {
			t.Errorf("a task that is %s has a line that is %q", one.Status, l.State)
		}
		if (l.SettledAt == nil) != (l.State == "pending") {
			t.Errorf("a line that is %s was settled at %v", l.State, l.SettledAt)
		}
		if cost := map[string]int64{"flux-2-pro": 5, "flux-2-klein-9b": 3}[one.Model]; l.Amount != cost {
			t.Errorf("a task of %s has a line of %d, want %d", one.Model, l.Amount, cost)
		}
	}
}

func TestCreditsAreConserved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.busy()
	got := w.call(ann, http.MethodGet, "/v1/credits", nil)
	account := w.call(operator("olga"), http.MethodGet, "/admin/v1/accounts/"+ann.account(), nil).want(http.StatusOK)
	if sum, want := got.number("available")+got.number("held")+got.number("spent"), account.number("granted")-account.number("withdrawn"); sum != want || want != signupGrant+50-20 {
		t.Errorf("available + held + spent is %d, granted - withdrawn is %d, want %d: %s", sum, want, signupGrant+50-20, account.body)
	}
	if account.number("open_tasks") != 3 || got.number("held") != 15 || got.number("spent") != 18 {
		t.Errorf("got %s, %s", got.body, account.body)
	}
}

func TestAReceiptSaysWhatTheLedgerDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	for id, want := range map[string]struct{ capture, release, reason any }{
		w.create(ann):     {nil, nil, nil},
		w.run(ann):        {nil, nil, nil},
		w.complete(ann):   {5.0, nil, nil},
		w.fail(ann):       {nil, 5.0, "provider_rejected"},
		w.many(ann, 1)[0]: {nil, 5.0, "cancelled"},
	} {
		got := w.call(ann, http.MethodGet, "/v1/tasks/"+id+"/receipt", nil).want(http.StatusOK)
		if got.number("hold.amount") != 5 || got.get("capture.amount") != want.capture || got.get("release.amount") != want.release || got.get("release.reason") != want.reason {
			t.Errorf("got %s, want %+v", got.body, want)
		}
		for _, entry := range []string{"hold.id", "capture.id", "release.id"} {
			if ledgerID := got.text(entry); ledgerID != "" && !strings.HasPrefix(ledgerID, strings.TrimPrefix(id, "tsk_")) {
				t.Errorf("%s is %q, want an entry of the task %s", entry, ledgerID, id)
			}
		}
	}
}

// An account is opened when its owner first looks, with the stage's grant.
func TestTheFirstLookOpensTheAccountOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		if got := w.call(person("ann"), http.MethodGet, "/v1/credits", nil).want(http.StatusOK); got.number("available") != signupGrant {
			t.Errorf("got %s", got.body)
		}
	}
	if lines := w.history(person("ann"), 100); len(lines) != 1 || lines[0].Kind != "grant" || lines[0].Amount != signupGrant {
		t.Errorf("the history is %+v, want one grant", lines)
	}
}
