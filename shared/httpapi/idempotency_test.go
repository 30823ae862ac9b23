package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"darkroom/shared/credit"
	"darkroom/shared/task"
)

// order is what a create call answers.
type order struct {
	RequestID string `json:"request_id"`
	Tasks     []struct {
		ID      string
		Status  string
		Credits struct{ Held, Captured, Released int64 }
	}
}

// ids are the ids of an answer's request and tasks.
func (o order) ids() string {
	all := []string{o.RequestID}
	for _, t := range o.Tasks {
		all = append(all, t.ID)
	}
	return strings.Join(all, " ")
}

func (a answer) order() (o order) {
	a.t.Helper()
	a.into(&o)
	return o
}

func TestFiftyCallsWithOneKeyMakeOneRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	body := string(marshal(t, wish("count", 3)))
	answers := make([]answer, 50)
	var calls sync.WaitGroup
	for i := range answers {
		request := w.event(ann, http.MethodPost, "/v1/tasks", body, "Idempotency-Key", "order-1")
		calls.Go(func() { answers[i] = w.send(request) })
	}
	calls.Wait()
	made := 0
	for i, got := range answers {
		got.want(http.StatusAccepted)
		if got.order().ids() != answers[0].order().ids() || len(got.order().Tasks) != 3 {
			t.Fatalf("call %d made another request: %s, want %s", i, got.order().ids(), answers[0].order().ids())
		}
		for _, made := range got.order().Tasks {
			if made.Credits.Held != 5 {
				t.Errorf("call %d: a task costs %d, want 5", i, made.Credits.Held)
			}
		}
		switch replayed := got.header.Get("Idempotent-Replayed"); replayed {
		case "":
			made++
		case "true":
		default:
			t.Errorf("Idempotent-Replayed is %q, want true or none", replayed)
		}
	}
	if made != 1 {
		t.Errorf("%d calls say that they made the request, want 1", made)
	}
	if got := w.call(ann, http.MethodGet, "/v1/credits", nil); got.number("held") != 15 || got.number("available") != signupGrant-15 {
		t.Errorf("credits were held more than once: %s", got.body)
	}
	if got := w.count("T#"); got != 3 {
		t.Errorf("%d tasks were made, want 3", got)
	}
}

// count counts the stored items whose sort key begins so.
func (w *world) count(prefix string) (n int) {
	for _, item := range w.store.All() {
		if strings.HasPrefix(item.Key.SK, prefix) {
			n++
		}
	}
	return n
}

func TestARepeatShowsTheTasksAsTheyAreNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	first := w.call(ann, http.MethodPost, "/v1/tasks", wish(), "Idempotency-Key", "order-1").want(http.StatusAccepted)
	w.clock.Add(time.Second)
	w.work()
	again := w.call(ann, http.MethodPost, "/v1/tasks", wish(), "Idempotency-Key", "order-1").want(http.StatusAccepted)
	if again.order().ids() != first.order().ids() || again.order().Tasks[0].Status != "processing" {
		t.Errorf("got %s, want %s as processing", again.body, first.order().ids())
	}
	if first.header.Get("Location") != "/v1/tasks/"+first.order().Tasks[0].ID || again.header.Get("Location") != first.header.Get("Location") {
		t.Errorf("Location is %q and then %q, want the first task", first.header.Get("Location"), again.header.Get("Location"))
	}
	if len(w.driver.Calls()) != 1 {
		t.Errorf("the provider was called %d times, want once", len(w.driver.Calls()))
	}
}

// The order of fields, spaces and defaults that are written out do not make another request.
func TestTheSameWishInOtherWordsIsARepeat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	first := w.call(ann, http.MethodPost, "/v1/tasks", `{"model":"flux-2-pro","mode":"text","prompt":"A lighthouse","metadata":{"a":1,"b":2}}`, "Idempotency-Key", "k").want(http.StatusAccepted)
	again := w.call(ann, http.MethodPost, "/v1/tasks",
		` { "metadata": {"b":2, "a":1}, "prompt":"A lighthouse", "count":1, "mode":"text","model":"flux-2-pro" } `, "Idempotency-Key", "k").want(http.StatusAccepted)
	if again.order().ids() != first.order().ids() || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("got %s, want the request %s again", again.body, first.order().RequestID)
	}
}

func TestOneKeyForTwoRequestsIsAMismatch(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]map[string]any{
		"Prompt":   wish("prompt", "Another lighthouse"),
		"Count":    wish("count", 2),
		"Model":    wish("model", "flux-2-klein-9b"),
		"Seed":     params("seed", 0),
		"Size":     params("size", "2048x2048"),
		"Metadata": wish("metadata", map[string]any{"a": 1}),
		"MaxCost":  wish("max_cost", 5),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ann := person("ann")
			w.call(ann, http.MethodPost, "/v1/tasks", wish(), "Idempotency-Key", "order-1").want(http.StatusAccepted)
			before := w.store.All()
			got := w.call(ann, http.MethodPost, "/v1/tasks", other, "Idempotency-Key", "order-1").want(http.StatusUnprocessableEntity)
			if got.text("code") != "idempotency_mismatch" || got.text("field") != "header.Idempotency-Key" || got.get("retryable") != false {
				t.Errorf("got %s", got.body)
			}
			if !sameItems(before, w.store.All()) {
				t.Error("the refused call changed something")
			}
		})
	}
}

// Once accepted, a request is answered for ever, whatever would refuse it today.
func TestARepeatIsAnsweredBeforeAnyOtherCheck(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(*world, token){
		"ProviderIsOff": func(w *world, _ token) { w.switchProvider("bfl", false) },
		"BalanceIsShort": func(w *world, as token) {
			left := w.call(as, http.MethodGet, "/v1/credits", nil).number("available")
			w.grant(as, -left, "take-all").want(http.StatusOK)
		},
		"SlotsAreTaken":      func(w *world, as token) { w.create(as, "count", 8) },
		"ModelIsGone":        func(w *world, _ token) { w.catalog.Models = w.catalog.Models[1:] },
		"ModeIsGone":         func(w *world, _ token) { w.catalog.Models[0].Modes = []string{"edit"} },
		"SizeIsGone":         func(w *world, _ token) { w.catalog.Models[0].Sizes = w.catalog.Models[0].Sizes[1:] },
		"PromptLimitIsLower": func(w *world, _ token) { w.catalog.Models[0].PromptLimit = 3 },
		"PriceIsHigher": func(w *world, _ token) {
			w.catalog.Models[0].Sizes[0].Credits = map[string]int64{"standard": 500}
			w.catalog.PriceVersion = "later"
		},
		"AccountIsFrozen": func(w *world, as token) { w.freeze(as.account()) },
		"ANewDay":         func(w *world, _ token) { w.clock.Add(90 * 24 * time.Hour) },
		"TheTaskHasEnded": func(w *world, _ token) { w.clock.Add(time.Second); w.work() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ann := person("ann")
			body := wish("count", 2, "max_cost", 10, "params", map[string]any{"size": "1024x1024"})
			first := w.call(ann, http.MethodPost, "/v1/tasks", body, "Idempotency-Key", "order-1").want(http.StatusAccepted)
			meanwhile(w, ann)
			again := w.call(ann, http.MethodPost, "/v1/tasks", body, "Idempotency-Key", "order-1").want(http.StatusAccepted)
			if again.order().ids() != first.order().ids() || again.header.Get("Idempotent-Replayed") != "true" {
				t.Errorf("got %s, want %s again", again.body, first.order().ids())
			}
			for _, repeated := range again.order().Tasks {
				if cost := repeated.Credits.Held + repeated.Credits.Captured + repeated.Credits.Released; cost != 5 {
					t.Errorf("a repeated task costs %d, want 5 as before", cost)
				}
			}
		})
	}
}

// switchFlux turns every provider of the job model on or off.
func (w *world) switchFlux(on bool) {
	w.t.Helper()
	for _, provider := range []string{"bfl", "fal", "replicate"} {
		w.switchProvider(provider, on)
	}
}

// switchProvider turns a provider on or off and waits until every function knows.
func (w *world) switchProvider(name string, on bool) {
	w.t.Helper()
	w.call(operator("olga"), http.MethodPut, "/admin/v1/providers/"+name, map[string]any{"on": on, "reason": "test"}).want(http.StatusOK)
	w.clock.Add(5 * time.Second)
}

// grant changes a balance.
func (w *world) grant(to token, amount int64, reference string) answer {
	w.t.Helper()
	return w.call(operator("olga"), http.MethodPost, "/admin/v1/grants", map[string]any{"account": to.account(), "amount": amount, "reference": reference, "reason": "test"})
}

// A create call whose hint was lost leaves its task for the sweep; a repeat of the call need not wait for that.
func TestARepeatHintsAgainAtTasksThatAreNotQueued(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	w.queue.Break(fmt.Errorf("the queue is down"))
	first := w.call(ann, http.MethodPost, "/v1/tasks", wish("count", 2), "Idempotency-Key", "order-1").want(http.StatusAccepted)
	if first.order().Tasks[0].Status != "created" {
		t.Fatalf("the task is %s, want created: its hint was not sent", first.order().Tasks[0].Status)
	}
	w.queue.Break(nil)
	w.call(ann, http.MethodPost, "/v1/tasks", wish("count", 2), "Idempotency-Key", "order-1").want(http.StatusAccepted)
	var hinted []string
	for _, m := range w.queue.Take() {
		if m.Queue != task.SubmitQueue {
			t.Errorf("a hint went to %s", m.Queue)
		}
		hinted = append(hinted, string(m.Task))
	}
	if want := strings.Fields(first.order().ids())[1:]; !slices.Equal(hinted, want) {
		t.Errorf("hinted at %v, want %v", hinted, want)
	}
}

func TestCallsWithoutAKeyAreNeverRepeats(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.create(person("ann")), w.create(person("ann"))
	if first == second {
		t.Errorf("two calls without a key made one task, %s", first)
	}
}

// The longest and the oddest keys that are allowed.
func TestEveryPrintableKeyWorks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var printable strings.Builder
	for c := ' '; c <= '~'; c++ {
		printable.WriteRune(c)
	}
	for i, key := range []string{"k", strings.Repeat("k", 255), "x" + printable.String() + "x", `"quoted"`, "P#invoice", "A#b/../c"} {
		body := wish("prompt", fmt.Sprint("for key ", i))
		first := w.call(person("ann"), http.MethodPost, "/v1/tasks", body, "Idempotency-Key", key).want(http.StatusAccepted)
		again := w.call(person("ann"), http.MethodPost, "/v1/tasks", body, "Idempotency-Key", key).want(http.StatusAccepted)
		if first.order().ids() != again.order().ids() {
			t.Errorf("key %q: the repeat made another request", key)
		}
	}
}

func TestAKeyItselfIsNotStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call(person("ann"), http.MethodPost, "/v1/tasks", wish(), "Idempotency-Key", "a-telling-name").want(http.StatusAccepted)
	for _, item := range w.store.All() {
		if text, _ := json.Marshal(item); strings.Contains(string(text), "a-telling-name") { // items hold nothing that cannot be marshalled
			t.Errorf("the key is stored in %v", item.Key)
		}
	}
}

func TestARetryWithAKeyIsRepeatedToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.fail(ann)
	path := "/v1/tasks/" + id + "/retry"
	first := w.call(ann, http.MethodPost, path, nil, "Idempotency-Key", "again-1").want(http.StatusAccepted)
	again := w.call(ann, http.MethodPost, path, nil, "Idempotency-Key", "again-1").want(http.StatusAccepted)
	if first.order().ids() != again.order().ids() || again.header.Get("Idempotent-Replayed") != "true" || first.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("got %s, then %s", first.body, again.body)
	}
	// The same key for the retry of another task is another request.
	other := w.fail(ann)
	if got := w.call(ann, http.MethodPost, "/v1/tasks/"+other+"/retry", nil, "Idempotency-Key", "again-1"); got.text("code") != "idempotency_mismatch" {
		t.Errorf("got %d: %s", got.status, got.body)
	}
}

// freeze stops new work on an account, as an alarm does.
func (w *world) freeze(account string) {
	w.t.Helper()
	if _, err := w.store.Update(w.t.Context(), write(credit.BalanceKey(account), credit.Freeze)); err != nil {
		w.t.Fatal(err)
	}
}
