package workflow_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"darkroom/shared/catalog"
	"darkroom/shared/memstore"
	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/workflow"
)

// twoRoutes is a model that two providers run.
var twoRoutes = &catalog.Model{ID: "m", Routes: []catalog.Route{{Provider: "first", Model: "a"}, {Provider: "second", Model: "b"}}}

// board is Switches with a clock that a test moves, over one store.
type board struct {
	*workflow.Switches
	now   *atomic.Int64
	store *memstore.Store
}

func newBoard(store *memstore.Store) board {
	now := &atomic.Int64{}
	now.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli())
	return board{&workflow.Switches{Store: store, Now: func() time.Time { return time.UnixMilli(now.Load()) }}, now, store}
}

func (b board) wait(d time.Duration) { b.now.Add(d.Milliseconds()) }

// picks is the provider that a task's next attempt would use; "" for none.
func (b board) picks(t *testing.T, of *task.Task) string {
	t.Helper()
	route, _, ok, err := b.Route(context.Background(), twoRoutes, of)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return ""
	}
	return route.Provider
}

func (b board) refused(t *testing.T, provider string, down bool) {
	t.Helper()
	if err := b.Refused(context.Background(), provider, down); err != nil {
		t.Fatal(err)
	}
}

func TestAProviderThatIsDownIsLeftAloneAndAnotherTakesOver(t *testing.T) {
	t.Parallel()
	b := newBoard(memstore.New())
	if got := b.picks(t, &task.Task{}); got != "first" {
		t.Fatalf("picked %q, want the first route", got)
	}
	b.refused(t, "first", true)
	if got := b.picks(t, &task.Task{}); got != "second" {
		t.Errorf("picked %q while the first is down", got)
	}
	b.refused(t, "second", true)
	if got := b.picks(t, &task.Task{}); got != "" {
		t.Errorf("picked %q while both are down", got)
	}
	if offered, err := b.Available(context.Background(), twoRoutes); err != nil || offered {
		t.Errorf("offered while both are down: %v, %v", offered, err)
	}
}

func TestABreakerOpensAfterFiveRefusalsInARowAndASuccessClosesIt(t *testing.T) {
	t.Parallel()
	b := newBoard(memstore.New())
	for range 4 {
		b.refused(t, "first", false)
	}
	if got := b.picks(t, &task.Task{}); got != "first" {
		t.Errorf("picked %q after four refusals", got)
	}
	if err := b.Worked(context.Background(), "first"); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		b.refused(t, "first", false)
	}
	if got := b.picks(t, &task.Task{}); got != "first" {
		t.Errorf("picked %q: the success did not start the count anew", got)
	}
	b.refused(t, "first", false)
	if got := b.picks(t, &task.Task{}); got != "second" {
		t.Errorf("picked %q after five refusals in a row", got)
	}
	if offered, err := b.Available(context.Background(), &catalog.Model{Routes: twoRoutes.Routes[:1]}); err != nil || !offered {
		t.Errorf("a provider that is only busy is no longer offered: %v, %v", offered, err)
	}
}

func TestOfManyProcessesOneTriesAHalfOpenProvider(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	b := newBoard(store)
	b.refused(t, "first", true)
	b.wait(time.Minute)
	var tried atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			other := board{&workflow.Switches{Store: store, Now: b.Now}, b.now, store}
			if route, _, ok, err := other.Route(context.Background(), &catalog.Model{Routes: twoRoutes.Routes[:1]}, &task.Task{}); err == nil && ok && route.Provider == "first" {
				tried.Add(1)
			}
		})
	}
	all.Wait()
	if tried.Load() != 1 {
		t.Errorf("%d processes tried, want 1", tried.Load())
	}
}

func TestABreakerStaysOpenLongerWithEveryRefusal(t *testing.T) {
	t.Parallel()
	b := newBoard(memstore.New())
	last := time.Duration(0)
	for i := range 12 {
		b.refused(t, "first", true)
		item, err := b.store.Get(context.Background(), catalog.SwitchKey("first"))
		if err != nil {
			t.Fatal(err)
		}
		open := time.UnixMilli(catalog.BreakerFrom(item).OpenUntil).Sub(b.Now())
		if open < last || open > 10*time.Minute || open < 30*time.Second {
			t.Errorf("refusal %d: open for %s after %s", i+1, open, last)
		}
		last = open
	}
	if last != 10*time.Minute {
		t.Errorf("in the end it is open for %s, want 10 minutes", last)
	}
}

// While nobody has said how an attempt ended, its job may be running: no other provider may begin another. A step that died left not even a note.
func TestNoOtherProviderTakesOverWhileAnAttemptMayBeRunning(t *testing.T) {
	t.Parallel()
	for name, attempt := range map[string]task.Attempt{"its answer was lost": {Provider: "second", Maybe: true}, "its step died": {Provider: "second"}} {
		b := newBoard(memstore.New())
		lost := &task.Task{Att: 1, Attempts: map[int]task.Attempt{1: attempt}}
		if got := b.picks(t, lost); got != "second" {
			t.Errorf("%s: picked %q, want the provider that may be working on it", name, got)
		}
		b.refused(t, "second", true)
		if got := b.picks(t, lost); got != "" {
			t.Errorf("%s: picked %q while the attempt at the other may be running", name, got)
		}
	}
	b := newBoard(memstore.New())
	ended := &task.Task{Att: 1, Attempts: map[int]task.Attempt{1: {Provider: "second", Maybe: true, Ended: true}}}
	if got := b.picks(t, ended); got != "first" {
		t.Errorf("picked %q after the attempt had ended", got)
	}
}

func TestASwitchKeepsTheBreakerAndTheReverse(t *testing.T) {
	t.Parallel()
	b := newBoard(memstore.New())
	ctx := context.Background()
	b.refused(t, "first", true)
	off := catalog.Switch{Provider: "first", On: false, Reason: "r", By: "b", At: 1}
	if _, err := b.store.Update(ctx, off.Write()); err != nil {
		t.Fatal(err)
	}
	item, err := b.store.Get(ctx, catalog.SwitchKey("first"))
	if err != nil || catalog.SwitchFrom("first", item).On || !catalog.BreakerFrom(item).Down {
		t.Errorf("the row is %v, %v; want off, with its breaker as it was", item, err)
	}
}

// readCounter counts the reads of a store.
type readCounter struct {
	*memstore.Store
	reads int
}

func (c *readCounter) Get(ctx context.Context, key transition.Key) (transition.Item, error) {
	c.reads++
	return c.Store.Get(ctx, key)
}

func TestASwitchIsBelievedForFiveSecondsWithoutReadingItAgain(t *testing.T) {
	t.Parallel()
	b := newBoard(memstore.New())
	store := &readCounter{Store: b.store}
	b.Store = store
	for _, step := range []struct {
		wait time.Duration
		want int
	}{{0, 1}, {0, 1}, {4999 * time.Millisecond, 1}, {time.Millisecond, 2}, {time.Second, 2}} {
		b.wait(step.wait)
		b.picks(t, &task.Task{})
		if store.reads != step.want {
			t.Errorf("%s later: %d reads, want %d", step.wait, store.reads, step.want)
		}
	}
}
