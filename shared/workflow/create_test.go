package workflow_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"darkroom/shared/catalog"
	"darkroom/shared/credit"
	"darkroom/shared/fault"
	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/workflow"
	"darkroom/shared/workflow/simtest"
)

var ctx = context.Background()

// order makes a create call that must be accepted.
func order(t *testing.T, w *simtest.World, key string, wish workflow.Wish) *workflow.Created {
	t.Helper()
	made, err := w.Creator.Create(ctx, simtest.Alice, key, wish)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestCreateCallsNoProviderAndHoldsTheCredits(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	made := order(t, w, "", simtest.Wish(simtest.JobModel, 4))
	if calls := len(w.Jobs.Calls()); calls != 0 {
		t.Errorf("the provider was called %d times", calls)
	}
	for _, created := range made.Tasks {
		item, _ := w.Store.Get(ctx, created.Key()) // never fails
		if created.State != task.Queued || item.Text("message") == "" {
			t.Errorf("%s is %s with message %q; queued implies the id of its message", created.ID, created.State, item.Text("message"))
		}
		if strings.Contains(fmt.Sprint(item), made.Request.Prompt) {
			t.Errorf("the hot item holds the prompt: %v", item)
		}
	}
	if b := w.Balance(t, simtest.Alice); b.Held != 12 || b.Available != simtest.Credits-12 || b.Slots != simtest.Slots-4 {
		t.Errorf("the balance is %+v", b)
	}
	w.Check(t)
}

// observed looks at the store at the moment a hint is sent.
type observed struct {
	*simtest.Queue
	look func(task.Message)
}

func (o observed) Send(ctx context.Context, messages ...task.Message) ([]string, error) {
	for _, m := range messages {
		o.look(m)
	}
	return o.Queue.Send(ctx, messages...)
}

func TestTheTaskIsThereBeforeItsHintIsSent(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	looked := 0
	w.Creator.Hints = observed{w.Queue, func(m task.Message) {
		looked++
		if item, _ := w.Store.Get(ctx, task.Key(m.Account, m.Task)); item.Text("state") != "CREATED" { // the read never fails
			t.Errorf("the hint is sent while the task is %v", item)
		}
	}}
	order(t, w, "", simtest.Wish(simtest.JobModel, 3))
	if looked != 3 {
		t.Errorf("%d hints for three tasks", looked)
	}
}

func TestAQueueThatPanicsCostsNoTask(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	done(w)
	w.Creator.Hints = observed{w.Queue, func(task.Message) { panic("the queue client") }}
	func() {
		defer func() { _ = recover() }()
		_, _ = w.Creator.Create(ctx, simtest.Alice, "key", simtest.Wish(simtest.JobModel, 1)) //nolint:errcheck // it panics
	}()
	w.Creator.Hints = w.Queue
	made := order(t, w, "key", simtest.Wish(simtest.JobModel, 1))
	if !made.Replayed {
		t.Error("the task was not there")
	}
	w.Drain()
	if got := w.Task(t, made.Tasks[0]); got.State != task.Completed {
		t.Errorf("it is %s", got.State)
	}
	w.Check(t)
}

func TestARepeatIsAnsweredBeforeEveryOtherCheck(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	w.Queue.Break(errBroken) // so that the tasks stay CREATED
	wish := simtest.Wish(simtest.JobModel, 8)
	first := order(t, w, "key", wish)
	w.Queue.Break(nil)
	if _, _, err := w.Operators.Grant(ctx, simtest.Alice, "ref", "reason", "op", -(simtest.Credits - 24)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Operators.Switch(ctx, "bfl", false, "op", "outage"); err != nil {
		t.Fatal(err)
	}
	again := order(t, w, "key", wish)
	if !again.Replayed || again.Request.ID != first.Request.ID || !reflect.DeepEqual(again.Request.Tasks, first.Request.Tasks) {
		t.Errorf("got %+v, want the request %s again", again.Request, first.Request.ID)
	}
	if sent := len(w.Queue.Take()); sent != 8 {
		t.Errorf("%d hints for eight tasks that wait for one", sent)
	}
	wish.Prompt += "!"
	if _, err := w.Creator.Create(ctx, simtest.Alice, "key", wish); fault.CodeOf(err) != fault.IdempotencyMismatch {
		t.Errorf("another wish with the same key: %v", err)
	}
	w.Check(t)
}

func TestAKeyBelongsToItsAccount(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	mine := order(t, w, "key", simtest.Wish(simtest.JobModel, 1))
	theirs, err := w.Creator.Create(ctx, simtest.Bob, "key", simtest.Wish(simtest.AtOnceModel, 1))
	if err != nil || theirs.Replayed || theirs.Request.ID == mine.Request.ID {
		t.Errorf("got %+v, %v", theirs, err)
	}
	w.Check(t)
}

func TestWithoutAKeyEveryCallIsANewRequest(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	one, two := order(t, w, "", simtest.Wish(simtest.JobModel, 1)), order(t, w, "", simtest.Wish(simtest.JobModel, 1))
	if one.Request.ID == two.Request.ID || two.Replayed {
		t.Error("two calls without a key are one request")
	}
}

func TestEveryPartOfAWishTellsARequestFromARepeat(t *testing.T) {
	t.Parallel()
	seed := int64(7)
	for name, change := range map[string]func(*workflow.Wish){
		"model": func(w *workflow.Wish) { w.Model = "flux-2-pro" }, "prompt": func(w *workflow.Wish) { w.Prompt += " " }, "count": func(w *workflow.Wish) { w.Count = 2 },
		"size": func(w *workflow.Wish) { w.Params.Size = "1344x768" }, "ratio": func(w *workflow.Wish) { w.Params.AspectRatio = "1:1" },
		"quality": func(w *workflow.Wish) { w.Params.Quality = "standard" }, "format": func(w *workflow.Wish) { w.Params.OutputFormat = "png" },
		"seed": func(w *workflow.Wish) { w.Params.Seed = &seed }, "metadata": func(w *workflow.Wish) { w.Metadata = `{"a":1}` }, "max_cost": func(w *workflow.Wish) { w.MaxCost = 50 },
		"mode": func(w *workflow.Wish) { w.Mode = "edit" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := simtest.NewWorld()
			order(t, w, "key", simtest.Wish(simtest.JobModel, 1))
			other := simtest.Wish(simtest.JobModel, 1)
			change(&other)
			if _, err := w.Creator.Create(ctx, simtest.Alice, "key", other); fault.CodeOf(err) != fault.IdempotencyMismatch {
				t.Errorf("got %v, want %s", err, fault.IdempotencyMismatch)
			}
		})
	}
}

func TestARefusedCreateLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	wish := func(change func(*workflow.Wish)) workflow.Wish {
		w := simtest.Wish(simtest.JobModel, 1)
		change(&w)
		return w
	}
	state := func(state string) func(*simtest.World) error {
		return func(w *simtest.World) error {
			b := credit.Balance{Account: simtest.Alice, State: state, Available: 100, Granted: 100, Slots: 5, Limit: 5}
			_, err := w.Store.Store.Update(ctx, transition.Write{Key: credit.BalanceKey(simtest.Alice), Put: b.Item()})
			return err
		}
	}
	for _, c := range []struct {
		name   string
		before func(*simtest.World) error
		wish   workflow.Wish
		code   fault.Code
		field  string
	}{
		{"UnknownModel", nil, wish(func(w *workflow.Wish) { w.Model = "dall-e" }), fault.InvalidRequest, "body.model"},
		{"AModeNobodyHas", nil, wish(func(w *workflow.Wish) { w.Mode = "video" }), fault.InvalidRequest, "body.mode"},
		{"AnEditOfNothing", nil, wish(func(w *workflow.Wish) { w.Mode = "edit" }), fault.InvalidRequest, "body.inputs"},
		{"NoImage", nil, wish(func(w *workflow.Wish) { w.Count = 0 }), fault.InvalidRequest, "body.count"},
		{"LessThanNone", nil, wish(func(w *workflow.Wish) { w.Count = -1 }), fault.InvalidRequest, "body.count"},
		{"NineImages", nil, wish(func(w *workflow.Wish) { w.Count = 9 }), fault.InvalidRequest, "body.count"},
		{"ABillionImages", nil, wish(func(w *workflow.Wish) { w.Count = 1_000_000_000 }), fault.InvalidRequest, "body.count"},
		{"EmptyPrompt", nil, wish(func(w *workflow.Wish) { w.Prompt = " \n" }), fault.InvalidRequest, "body.prompt"},
		{"LongPrompt", nil, wish(func(w *workflow.Wish) { w.Prompt = strings.Repeat("é", 10001) }), fault.InvalidRequest, "body.prompt"},
		{"SizeOfAnotherModel", nil, wish(func(w *workflow.Wish) { w.Params.Size = "64x64" }), fault.InvalidRequest, "body.params.size"},
		{"PriceAboveTheLimit", nil, wish(func(w *workflow.Wish) { w.MaxCost = 2 }), fault.Conflict, "body.max_cost"},
		{"ProviderOff", func(w *simtest.World) error {
			_, err := w.Operators.Switch(ctx, "bfl", false, "op", "outage")
			return err
		}, wish(func(*workflow.Wish) {}), fault.ModelUnavailable, ""},
		{"TooDear", func(w *simtest.World) error { w.Accounts.SignupGrant = 2; return nil }, wish(func(*workflow.Wish) {}), fault.InsufficientCredits, ""},
		{"NotAllOfThem", func(w *simtest.World) error { w.Accounts.SignupGrant = 11; return nil }, wish(func(w *workflow.Wish) { w.Count = 4 }), fault.InsufficientCredits, ""},
		{"TooManyOpen", func(w *simtest.World) error { w.Accounts.Limit = 1; return nil }, wish(func(w *workflow.Wish) { w.Count = 2 }), fault.TooManyActive, ""},
		{"CreditsWinOverSlots", func(w *simtest.World) error { w.Accounts.SignupGrant, w.Accounts.Limit = 2, 0; return nil }, wish(func(*workflow.Wish) {}), fault.InsufficientCredits, ""},
		{"Frozen", state(credit.Frozen), wish(func(*workflow.Wish) {}), fault.Forbidden, ""},
		{"Closed", state(credit.Closed), wish(func(*workflow.Wish) {}), fault.Forbidden, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := simtest.NewWorld()
			if c.before != nil {
				if err := c.before(w); err != nil {
					t.Fatal(err)
				}
			}
			for _, key := range []string{"", "key"} {
				_, err := w.Creator.Create(ctx, simtest.Alice, key, c.wish)
				var refused *fault.Error
				if !errors.As(err, &refused) || refused.Code != c.code || refused.Field != c.field {
					t.Errorf("got %v, want %s at %q", err, c.code, c.field)
				}
			}
			for _, row := range w.Store.All() {
				if row.Key != credit.BalanceKey(simtest.Alice) && !strings.HasSuffix(row.Key.SK, "#G") && row.Key.PK != "B#bfl" {
					t.Errorf("it left %s", row.Key)
				}
			}
			if sent := w.Queue.Take(); len(sent) != 0 {
				t.Errorf("it sent %v", sent)
			}
		})
	}
}

// dearer is the catalogue after a change of prices.
func dearer(t *testing.T, c *catalog.Catalog) *catalog.Catalog {
	t.Helper()
	changed := *c
	changed.PriceVersion = "later"
	changed.Models = slices.Clone(c.Models)
	for i := range changed.Models {
		changed.Models[i].Sizes = slices.Clone(changed.Models[i].Sizes)
		for j := range changed.Models[i].Sizes {
			price := map[string]int64{}
			for quality, credits := range changed.Models[i].Sizes[j].Credits {
				price[quality] = credits + 1
			}
			changed.Models[i].Sizes[j].Credits = price
		}
	}
	return &changed
}

func TestAPriceChangeBetweenQuoteAndCreateIsNoticedByWhoAsksForIt(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	done(w)
	wish := simtest.Wish(simtest.JobModel, 2)
	quote, err := w.Creator.Quote(ctx, simtest.Alice, wish)
	if err != nil || quote.Cost != 6 || quote.BalanceAfter != simtest.Credits-6 {
		t.Fatalf("quote %+v, %v", quote, err)
	}
	if rows := w.Store.All(); len(rows) != 0 {
		t.Errorf("a quote wrote %v", rows)
	}
	before := order(t, w, "", wish)
	w.Engine.Catalog = dearer(t, w.Engine.Catalog)
	bound := wish
	bound.MaxCost = quote.Cost
	if _, err := w.Creator.Create(ctx, simtest.Alice, "", bound); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("with max_cost from the quote: got %v, want %s", err, fault.Conflict)
	}
	after := order(t, w, "", wish)
	w.Drain()
	for _, c := range []struct {
		made    *workflow.Created
		cost    int64
		version string
	}{{before, 3, quote.PriceVersion}, {after, 4, "later"}} {
		for _, made := range c.made.Tasks {
			got := w.Task(t, made)
			entry, _ := w.Store.Get(ctx, credit.SettleKey(got.Account, got.ID.ULID())) // never fails
			if got.Cost != c.cost || got.PriceVersion != c.version || entry.Int("amount") != c.cost || entry.Text("kind") != "capture" {
				t.Errorf("a task made at %d credits (%s) costs %d (%s) and settled %v", c.cost, c.version, got.Cost, got.PriceVersion, entry)
			}
		}
	}
	w.Check(t)
}

func TestARetryIsANewRequestThatPaysForItself(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	done(w)
	wish := simtest.Wish(simtest.JobModel, 2)
	wish.Params.Size, wish.Metadata = "1344x768", `{"a":1}`
	first := order(t, w, "", wish).Tasks[0]
	w.Drain()
	again, err := w.Tasks.Retry(ctx, simtest.Alice, "key", first.ID)
	if err != nil {
		t.Fatal(err)
	}
	r := again.Request
	if len(again.Tasks) != 1 || r.Parent != first.ID || again.Tasks[0].Parent != first.ID || r.Prompt != wish.Prompt || r.Params.Size != wish.Params.Size || r.Metadata != wish.Metadata {
		t.Errorf("got %+v", r)
	}
	if repeat, err := w.Tasks.Retry(ctx, simtest.Alice, "key", first.ID); err != nil || !repeat.Replayed {
		t.Errorf("the same key again: %+v, %v", repeat, err)
	}
	if b := w.Balance(t, simtest.Alice); b.Held != 3 || b.Spent != 6 {
		t.Errorf("the balance is %+v", b)
	}
	if _, err := w.Tasks.Retry(ctx, simtest.Bob, "key", first.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another account: %v", err)
	}
	w.Check(t)
}
