package httpapi_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"darkroom/shared/catalog"
	"darkroom/shared/credit"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/workflow/simtest"
)

func TestAGrantCountsOncePerReference(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	first := w.grant(ann, 50, "invoice-7").want(http.StatusOK)
	if first.number("available") != signupGrant+50 || first.get("again") != nil {
		t.Errorf("got %s", first.body)
	}
	again := w.grant(ann, 50, "invoice-7").want(http.StatusOK)
	if again.number("available") != signupGrant+50 || again.get("again") != true {
		t.Errorf("the same grant again: %s", again.body)
	}
	if got := w.grant(ann, 60, "invoice-7").want(http.StatusConflict); got.text("field") != "body.reference" {
		t.Errorf("another amount: %s", got.body)
	}
	if got := w.grant(ann, -50, "invoice-7").want(http.StatusConflict); got.text("field") != "body.reference" {
		t.Errorf("a withdrawal under the reference of a grant: %s", got.body)
	}
	w.grant(ann, 50, "invoice-8").want(http.StatusOK)
	w.grant(person("ben"), 50, "invoice-7").want(http.StatusOK) // references are an account's own
	if got := w.call(ann, http.MethodGet, "/v1/credits", nil); got.number("available") != signupGrant+100 {
		t.Errorf("the balance is %s", got.body)
	}
}

func TestParallelGrantsWithOneReferenceCountOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	statuses := make([]int, 20)
	var calls sync.WaitGroup
	for i := range statuses {
		request := w.event(operator("olga"), http.MethodPost, "/admin/v1/grants", map[string]any{"account": ann.account(), "amount": 50, "reference": "invoice-7", "reason": "paid"})
		calls.Go(func() { statuses[i] = w.send(request).status })
	}
	calls.Wait()
	for _, status := range statuses {
		if status != http.StatusOK {
			t.Errorf("statuses %v, want all 200", statuses)
			break
		}
	}
	if got := w.call(ann, http.MethodGet, "/v1/credits", nil); got.number("available") != signupGrant+50 {
		t.Errorf("the balance is %s", got.body)
	}
}

func TestAWithdrawalTakesOnlyWhatIsAvailable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	w.create(ann, "count", 4) // holds 20
	got := w.grant(ann, -81, "too-much").want(http.StatusConflict)
	if got.text("field") != "body.amount" || got.number("required") != 81 || got.get("available") != nil || got.text("detail") != "amount is -81, and the account has 80 available; what is held cannot be taken out" {
		t.Errorf("got %s", got.body)
	}
	left := w.grant(ann, -80, "all").want(http.StatusOK)
	if left.number("available") != 0 || left.number("held") != 20 || left.number("withdrawn") != 80 {
		t.Errorf("got %s", left.body)
	}
	again := w.grant(ann, -80, "all").want(http.StatusOK)
	if again.get("again") != true || again.number("withdrawn") != 80 {
		t.Errorf("the same withdrawal again: %s", again.body)
	}
}

func TestTheLedgerRemembersWhoGrantedAndWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call(operator("olga"), http.MethodPost, "/admin/v1/grants", grant("reason", "bought 10 credits")).want(http.StatusOK)
	for _, item := range w.store.All() {
		if item.Item.Text("reference") == "invoice-7" && item.Item.Text("kind") == "grant" {
			if item.Item.Text("by") != "olga" || item.Item.Text("reason") != "bought 10 credits" {
				t.Errorf("the entry is %v", item.Item)
			}
			return
		}
	}
	t.Error("the ledger has no entry of the grant")
}

func TestAForcedReleaseEndsAnyOpenTaskAndSaysWhoAndWhy(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(*world, token) string{
		"Queued":  func(w *world, as token) string { return w.create(as) },
		"Running": func(w *world, as token) string { return w.run(as) },
		"Storing": func(w *world, as token) string {
			id := w.run(as)
			w.setState(as.account(), id, task.Storing)
			return id
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ann := person("ann")
			id := make(w, ann)
			path := at("/admin/v1/accounts/{account}/tasks/{id}", ann.account(), id)
			got := w.call(operator("olga"), http.MethodPost, path+"/release", map[string]any{"reason": "stuck since Monday"}).want(http.StatusOK)
			if got.text("state") != "FAILED" || got.text("error.code") != "released" || got.number("credits.released") != 5 {
				t.Errorf("got %s", got.body)
			}
			entry, err := w.store.Get(t.Context(), credit.SettleKey(ann.account(), strings.TrimPrefix(id, "tsk_")))
			if err != nil || entry.Text("kind") != "release" || entry.Text("by") != "olga" || entry.Text("reason") != "stuck since Monday" {
				t.Errorf("the ledger says %v (%v)", entry, err)
			}
			if credits := w.call(ann, http.MethodGet, "/v1/credits", nil); credits.number("available") != signupGrant {
				t.Errorf("the credits are not back: %s", credits.body)
			}
			if shown := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK); shown.text("error.code") != "released" {
				t.Errorf("its owner sees %s", shown.body)
			}
			w.call(operator("olga"), http.MethodPost, path+"/release", map[string]any{"reason": "again"}).want(http.StatusConflict)
		})
	}
}

func TestAForcedReleaseAsksTheProviderToStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.run(ann)
	w.call(operator("olga"), http.MethodPost, at("/admin/v1/accounts/{account}/tasks/{id}/release", ann.account(), id), map[string]any{"reason": "test"}).want(http.StatusOK)
	w.work()
	if got := w.driver.Cancelled(); len(got) != 1 || got[0] != "job-1" {
		t.Errorf("cancelled %v, want job-1", got)
	}
}

// Operators see what users do not: who ran a task, and under which name.
func TestOperatorsSeeATasksAttempts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.fail(ann)
	path := at("/admin/v1/accounts/{account}/tasks/{id}", ann.account(), id)
	got := w.call(operator("olga"), http.MethodGet, path, nil).want(http.StatusOK)
	if got.text("attempts.0.provider") != "bfl" || got.text("attempts.0.job") != "job-1" || got.get("attempts.0.ended") != true || got.text("account") != ann.account() {
		t.Errorf("got %s", got.body)
	}
	w.call(ann, http.MethodDelete, "/v1/tasks/"+id, nil).want(http.StatusNoContent)
	if got := w.call(operator("olga"), http.MethodGet, path, nil).want(http.StatusOK); got.text("deleted_at") == "" {
		t.Errorf("a deleted task shows as %s", got.body)
	}
	w.call(operator("olga"), http.MethodGet, at("/admin/v1/accounts/{account}/tasks/{id}", person("ben").account(), id), nil).want(http.StatusNotFound)
}

func TestOperatorsSeeWhatEveryAttemptTookAndCost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		submit, end provider.Usage
		want        map[string]any // of the attempt's usage
		cost        int64
	}{
		"ToldByTheProvider": {provider.Usage{CostMicroUSD: 45_000, InputMilliMP: 1310, OutputMilliMP: 1050}, provider.Usage{},
			map[string]any{"cost_micro_usd": 45_000.0, "estimated": false, "input_megapixels": 1.31, "output_megapixels": 1.05}, 45_000},
		"ToldAtTheEnd": {provider.Usage{}, provider.Usage{CostMicroUSD: 52_750, InputTokens: 14, OutputTokens: 1756},
			map[string]any{"cost_micro_usd": 52_750.0, "estimated": false, "input_tokens": 14.0, "output_tokens": 1756.0}, 52_750},
		"Estimated": {provider.Usage{}, provider.Usage{MilliUnits: 1500, ComputeMS: 5858},
			map[string]any{"cost_micro_usd": 30_000.0, "estimated": true, "billable_units": 1.5, "compute_seconds": 5.858}, 30_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ann := person("ann")
			w.driver.OnSubmit = func(provider.Call, int) (provider.Submission, error) {
				return provider.Submission{Job: &provider.Job{ID: "job-1"}, Usage: c.submit}, nil
			}
			id := w.create(ann)
			w.driver.OnPoll = func(job provider.Job) (provider.Report, error) {
				report := simtest.Done(simtest.Link(job.ID))
				report.Usage = c.end
				return report, nil
			}
			w.clock.Add(time.Second)
			w.work()
			got := w.call(operator("olga"), http.MethodGet, at("/admin/v1/accounts/{account}/tasks/{id}", ann.account(), id), nil).want(http.StatusOK)
			if usage := got.get("attempts.0.usage"); !reflect.DeepEqual(usage, c.want) || got.number("cost_micro_usd") != c.cost {
				t.Errorf("%v, in all %d; want %v, in all %d", usage, got.number("cost_micro_usd"), c.want, c.cost)
			}
			for _, path := range []string{"/v1/tasks/" + id, "/v1/tasks", "/v1/tasks?ids=" + id, "/v1/tasks/" + id + "/receipt", "/v1/credits/entries", "/v1/models"} {
				w.call(ann, http.MethodGet, path, nil).want(http.StatusOK) // which finds every word that is hidden from users
			}
		})
	}
}

func TestAnAccountThatWasNeverOpenedIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call(operator("olga"), http.MethodGet, "/admin/v1/accounts/"+person("ann").account(), nil).want(http.StatusNotFound)
	w.mustBeEmpty()
}

func TestAGrantOpensAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.grant(person("ann"), 50, "invoice-7").want(http.StatusOK)
	got := w.call(operator("olga"), http.MethodGet, "/admin/v1/accounts/"+person("ann").account(), nil).want(http.StatusOK)
	if got.text("state") != "open" || got.number("granted") != signupGrant+50 || got.number("limit") != accountLimit || got.number("open_tasks") != 0 {
		t.Errorf("got %s", got.body)
	}
}

func TestProvidersAreOnUntilSwitchedOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	olga := operator("olga")
	all := w.call(olga, http.MethodGet, "/admin/v1/providers", nil).want(http.StatusOK)
	for i, name := range catalog.Load().ProviderNames() {
		if all.text(fmt.Sprintf("providers.%d.provider", i)) != name || all.get(fmt.Sprintf("providers.%d.on", i)) != true {
			t.Errorf("got %s", all.body)
		}
	}
	for _, on := range []bool{false, false, true} {
		w.clock.Add(time.Minute)
		got := w.call(olga, http.MethodPut, "/admin/v1/providers/bfl", map[string]any{"on": on, "reason": "their status page"}).want(http.StatusOK)
		at := w.clock.Now().UTC().Format(time.RFC3339)
		if got.get("on") != on || got.text("by") != "olga" || got.text("reason") != "their status page" || got.text("at") != at {
			t.Errorf("on %v: got %s", on, got.body)
		}
		list := w.call(olga, http.MethodGet, "/admin/v1/providers", nil).want(http.StatusOK)
		if list.get("providers.0.on") != on || list.get("providers.1.on") != true || list.text("providers.0.at") != at {
			t.Errorf("on %v: the list is %s", on, list.body)
		}
	}
}

// Jobs that run at a provider which is switched off go on; only new attempts are kept away.
func TestSwitchingAProviderOffLeavesItsJobsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	running, waiting := w.run(ann), w.create(ann)
	w.switchFlux(false)
	calls := len(w.driver.Calls())
	w.work()
	if len(w.driver.Calls()) != calls {
		t.Error("a provider that is off got a new job")
	}
	for _, id := range []string{running, waiting} {
		if got := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK); got.text("status") == "failed" {
			t.Errorf("a task failed by the switch: %s", got.body)
		}
	}
}
