package httpapi_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"darkroom/shared/transition"
)

func write(key transition.Key, row *transition.Row) transition.Write {
	return transition.Write{Key: key, Row: row, Args: transition.Args{}}
}

func TestACreateCallIsAnsweredWithoutTheProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.call(person("ann"), http.MethodPost, "/v1/tasks", wish("count", 8)).want(http.StatusAccepted)
	if len(got.order().Tasks) != 8 || len(w.driver.Calls()) != 0 {
		t.Errorf("%d tasks and %d provider calls, want 8 and 0", len(got.order().Tasks), len(w.driver.Calls()))
	}
	if sent := w.queue.Take(); len(sent) != 8 {
		t.Errorf("%d hints were sent, want one for each task", len(sent))
	}
}

func TestAShortBalanceSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	w.grant(ann, -signupGrant+14, "leave-14").want(http.StatusOK)
	before := w.store.All()
	got := w.call(ann, http.MethodPost, "/v1/tasks", wish("count", 3)).want(http.StatusPaymentRequired)
	if got.text("code") != "insufficient_credits" || got.number("required") != 15 || got.number("available") != 14 || got.get("retryable") != false {
		t.Errorf("got %s, want 15 required and 14 available", got.body)
	}
	if want := "this request costs 15 credits; 14 are available: get more credits, or choose fewer images or a cheaper size, quality or model"; got.text("detail") != want {
		t.Errorf("got %q, want %q", got.text("detail"), want)
	}
	if !sameItems(before, w.store.All()) {
		t.Error("a refused request changed something")
	}
	w.call(ann, http.MethodPost, "/v1/tasks", wish("count", 2)).want(http.StatusAccepted)
}

func TestALastCreditIsSpokenOfInTheSingular(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	w.grant(ann, -signupGrant+1, "leave-1").want(http.StatusOK)
	if got := w.call(ann, http.MethodPost, "/v1/tasks", wish()).want(http.StatusPaymentRequired); !strings.HasPrefix(got.text("detail"), "this request costs 5 credits; 1 is available: ") {
		t.Errorf("got %q", got.text("detail"))
	}
}

func TestAnEmptyBalanceIsShownAsZero(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	w.grant(ann, -signupGrant, "take-all").want(http.StatusOK)
	got := w.call(ann, http.MethodPost, "/v1/tasks", wish()).want(http.StatusPaymentRequired)
	if available, shown := got.get("available").(float64); !shown || available != 0 {
		t.Errorf("available is %v, want 0: %s", got.get("available"), got.body)
	}
}

func TestTooManyOpenTasksAreToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	w.create(ann, "count", 8)
	got := w.call(ann, http.MethodPost, "/v1/tasks", wish("count", 3)).want(http.StatusTooManyRequests)
	seconds, err := strconv.Atoi(got.header.Get("Retry-After"))
	if got.text("code") != "too_many_active" || err != nil || seconds < 1 || int64(seconds) != got.number("retry_after") || got.get("retryable") != true {
		t.Errorf("got Retry-After %q and %s", got.header.Get("Retry-After"), got.body)
	}
	w.call(ann, http.MethodPost, "/v1/tasks", wish("count", 2)).want(http.StatusAccepted)
}

func TestWhenCreditsAndSlotsAreBothShortCreditsAreNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	w.create(ann, "count", 8)
	w.grant(ann, -(signupGrant - 40), "take-the-rest").want(http.StatusOK)
	got := w.call(ann, http.MethodPost, "/v1/tasks", wish("count", 8)).want(http.StatusPaymentRequired)
	if got.header.Get("Retry-After") != "" {
		t.Error("waiting will not bring credits, yet there is a Retry-After")
	}
}

func TestParallelCreatesCannotSpendACreditTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	w.grant(ann, -signupGrant+5, "leave-5").want(http.StatusOK)
	statuses := make([]int, 10)
	var calls sync.WaitGroup
	for i := range statuses {
		request := w.event(ann, http.MethodPost, "/v1/tasks", wish("prompt", fmt.Sprint("picture ", i)))
		calls.Go(func() { statuses[i] = w.send(request).status })
	}
	calls.Wait()
	accepted, short := 0, 0
	for _, status := range statuses {
		switch status {
		case http.StatusAccepted:
			accepted++
		case http.StatusPaymentRequired:
			short++
		}
	}
	if accepted != 1 || short != 9 {
		t.Errorf("statuses %v, want one 202 and nine 402", statuses)
	}
	if got := w.call(ann, http.MethodGet, "/v1/credits", nil); got.number("available") != 0 || got.number("held") != 5 {
		t.Errorf("the balance is %s", got.body)
	}
}

func TestAPriceThatRoseSinceTheQuoteIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	quote := w.call(ann, http.MethodPost, "/v1/quotes", wish("count", 2)).want(http.StatusOK)
	if quote.number("cost") != 10 || quote.number("balance_after") != signupGrant-10 || quote.text("price_version") == "" {
		t.Fatalf("the quote is %s", quote.body)
	}
	w.catalog.Models[0].Sizes[0].Credits = map[string]int64{"standard": 6}
	w.catalog.PriceVersion = "later"
	got := w.call(ann, http.MethodPost, "/v1/tasks", wish("count", 2, "max_cost", quote.number("cost"))).want(http.StatusConflict)
	if got.text("field") != "body.max_cost" || got.number("required") != 12 || got.get("available") != nil {
		t.Errorf("got %s, want 12 required and no word about what is available", got.body)
	}
	if w.count("T#") != 0 {
		t.Error("a refused request made tasks")
	}
	w.call(ann, http.MethodPost, "/v1/tasks", wish("count", 2, "max_cost", 12)).want(http.StatusAccepted)
}

// What is captured is what was held, whatever the catalogue says by then.
func TestATaskCostsWhatWasHeldForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	version := w.catalog.PriceVersion
	id := w.create(ann)
	w.catalog.Models[0].Sizes[0].Credits = map[string]int64{"standard": 50}
	w.catalog.PriceVersion = "later"
	w.finish()
	if got := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK); got.number("credits.captured") != 5 {
		t.Errorf("the task cost %d, want 5: %s", got.number("credits.captured"), got.body)
	}
	if got := w.call(ann, http.MethodGet, "/v1/credits", nil); got.number("spent") != 5 || got.number("available") != signupGrant-5 {
		t.Errorf("the balance is %s", got.body)
	}
	for _, item := range w.store.All() {
		if strings.HasPrefix(item.Key.SK, "T#") && item.Item.Text("price_version") != version {
			t.Errorf("the task's price is of version %q, want %q", item.Item.Text("price_version"), version)
		}
	}
}

func TestAQuoteWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call(person("ann"), http.MethodPost, "/v1/quotes", wish("count", 8)).want(http.StatusOK)
	w.mustBeEmpty()
}

func TestAQuoteMayEndBelowZero(t *testing.T) {
	t.Parallel()
	got := newWorld(t).call(person("ann"), http.MethodPost, "/v1/quotes", wish("model", "gpt-image-2", "count", 8, "params", map[string]any{"quality": "high"})).want(http.StatusOK)
	if got.number("cost") != 8*32 || got.number("balance_after") != signupGrant-8*32 {
		t.Errorf("got %s", got.body)
	}
}

// Wishes that a model ignores are told, in the quote and with the task.
func TestIgnoredWishesAreWarnedOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	body := wish("model", "gpt-image-2", "params", map[string]any{"seed": 7})
	if quote := w.call(ann, http.MethodPost, "/v1/quotes", body).want(http.StatusOK); !strings.Contains(quote.text("warnings.0"), "seed is ignored") {
		t.Errorf("the quote warns %v", quote.get("warnings"))
	}
	created := w.call(ann, http.MethodPost, "/v1/tasks", body).want(http.StatusAccepted)
	if !strings.Contains(created.text("warnings.0"), "seed is ignored") {
		t.Errorf("the create call warns %v", created.get("warnings"))
	}
	read := w.call(ann, http.MethodGet, created.header.Get("Location"), nil).want(http.StatusOK)
	if !strings.Contains(read.text("warnings.0"), "seed is ignored") || read.get("params.seed") != nil {
		t.Errorf("the task says %s", read.body)
	}
}

func TestAModelWhoseProvidersAreAllOffIsUnavailable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.switchFlux(false)
	for _, path := range []string{"/v1/tasks", "/v1/quotes"} {
		got := w.call(person("ann"), http.MethodPost, path, wish()).want(http.StatusServiceUnavailable)
		if got.text("code") != "model_unavailable" || got.header.Get("Retry-After") == "" || got.get("retryable") != true {
			t.Errorf("%s: got %s", path, got.body)
		}
	}
	w.call(person("ann"), http.MethodPost, "/v1/tasks", wish("model", "gpt-image-2")).want(http.StatusAccepted)
	w.switchFlux(true)
	w.call(person("ann"), http.MethodPost, "/v1/tasks", wish()).want(http.StatusAccepted)
}

func TestAFrozenAccountTakesNoNewWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.create(ann)
	w.freeze(ann.account())
	if got := w.call(ann, http.MethodPost, "/v1/tasks", wish()).want(http.StatusForbidden); !strings.Contains(got.text("detail"), "frozen") {
		t.Errorf("got %s", got.body)
	}
	w.finish() // what was accepted goes on
	if got := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK); got.text("status") != "completed" {
		t.Errorf("the open task is %s", got.text("status"))
	}
}

func TestTheBalanceComesWithACreateCallWhenAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.call(person("ann"), http.MethodPost, "/v1/tasks?include=balance", wish()).want(http.StatusAccepted)
	if with.number("balance.available") != signupGrant-5 || with.number("balance.held") != 5 {
		t.Errorf("the balance is %v", with.get("balance"))
	}
	if without := w.call(person("ann"), http.MethodPost, "/v1/tasks", wish()).want(http.StatusAccepted); without.get("balance") != nil {
		t.Errorf("the balance came unasked: %s", without.body)
	}
}
