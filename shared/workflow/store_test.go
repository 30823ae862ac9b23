package workflow_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"darkroom/shared/fault"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/workflow/simtest"
)

// storing makes a world with one task whose success is recorded, and nothing in the queues.
func storing(t *testing.T) (*simtest.World, *task.Task) {
	t.Helper()
	w, made, call := running(t)
	if err := w.Deliver(call, "succeeded", "job-1", simtest.Link("1")); err != nil {
		t.Fatal(err)
	}
	w.Queue.Take()
	return w, made
}

func TestADeadLinkIsReplacedByAFreshOne(t *testing.T) {
	t.Parallel()
	w, made := storing(t)
	w.Jobs.OnPoll = func(provider.Job) (provider.Report, error) { return simtest.Done(simtest.Link("fresh")), nil }
	w.OnFetch = func(link string) ([]byte, error) {
		if link == simtest.Link("fresh") {
			return simtest.Picture(2), nil
		}
		return nil, fmt.Errorf("fetch: %w", provider.ErrGone)
	}
	if got := until(t, w, made); got.State != task.Completed || got.StoreTries != 2 {
		t.Errorf("it is %s after %d tries", got.State, got.StoreTries)
	}
}

func TestStoringIsTriedSixTimesAndThenGivenUp(t *testing.T) {
	t.Parallel()
	w, made := storing(t)
	fetches := 0
	w.OnFetch = func(string) ([]byte, error) { fetches++; return nil, errBroken }
	got := until(t, w, made)
	if got.State != task.Failed || got.Error.Code != task.OutputUnusable || fetches != simtest.Rules.StoreTries {
		t.Errorf("it is %s, %+v after %d fetches", got.State, got.Error, fetches)
	}
	if b := w.Balance(t, simtest.Alice); b.Available != simtest.Credits || b.Held != 0 {
		t.Errorf("the balance is %+v", b)
	}
}

func TestAnOutputThatWillNeverDoIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data []byte
		err  error
	}{
		"NotAnImage": {data: []byte("<html>not found</html>")}, "CutShort": {data: simtest.Picture(1)[:60]},
		"TooLarge": {err: provider.ErrTooLarge}, "ForbiddenHost": {err: provider.ErrForbiddenURL},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, made := storing(t)
			fetches := 0
			w.OnFetch = func(string) ([]byte, error) { fetches++; return c.data, c.err }
			got := until(t, w, made)
			if got.State != task.Failed || got.Error.Code != task.OutputUnusable || fetches != 1 {
				t.Errorf("it is %s, %+v after %d fetches", got.State, got.Error, fetches)
			}
			if objects := w.Bucket.Keys(); len(objects) != 0 || got.Erase || got.Due != 0 {
				t.Errorf("left %v; to erase %t, due %d", objects, got.Erase, got.Due)
			}
			if _, request, err := w.Tasks.Get(ctx, simtest.Alice, made.ID); err != nil || request.Prompt == "" {
				t.Errorf("its owner did not delete it and keeps the prompt: %+v, %v", request, err)
			}
		})
	}
}

// halfway puts the original and then breaks.
type halfway struct{ *simtest.Bucket }

func (h halfway) PutAsset(ctx context.Context, key string, data []byte, contentType, fileName string) error {
	if strings.HasPrefix(key, "p/") {
		return errBroken
	}
	return h.Bucket.PutAsset(ctx, key, data, contentType, fileName)
}

func TestNothingIsReferredToBeforeEveryObjectIsThere(t *testing.T) {
	t.Parallel()
	w, made := storing(t)
	w.Storer.Objects = halfway{w.Bucket}
	if err := w.Handle(task.Message{Account: made.Account, Task: made.ID, Queue: task.StoreQueue}); err != nil {
		t.Fatal(err)
	}
	if got := w.Task(t, made); got.State != task.Storing || got.Asset != nil {
		t.Errorf("it is %s with %+v while its preview is not there", got.State, got.Asset)
	}
	w.Storer.Objects = w.Bucket
	if got := until(t, w, made); got.State != task.Completed || len(w.Bucket.Keys()) != 2 {
		t.Errorf("it is %s with %v", got.State, w.Bucket.Keys())
	}
}

func TestTwoStoreStepsTakeOneTryBetweenThem(t *testing.T) {
	t.Parallel()
	w, made := storing(t)
	hint := task.Message{Account: made.Account, Task: made.ID, Queue: task.StoreQueue}
	fetches := 0
	w.OnFetch = func(string) ([]byte, error) {
		if fetches++; fetches == 1 {
			if err := w.Handle(hint); err != nil { // the second step, while the first one works
				t.Error(err)
			}
		}
		return simtest.Picture(1), nil
	}
	if err := w.Handle(hint); err != nil {
		t.Fatal(err)
	}
	if got := w.Task(t, made); fetches != 1 || got.StoreTries != 1 || got.State != task.Completed {
		t.Errorf("%d fetches and %d tries, it is %s", fetches, got.StoreTries, got.State)
	}
}

func TestADeletedTaskIsHiddenAtOnceAndGoneAfterSevenDays(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	done(w)
	made := order(t, w, "", simtest.Wish(simtest.JobModel, 2))
	one, two := made.Tasks[0], made.Tasks[1]
	until(t, w, one)
	remove := func(id task.ID) {
		t.Helper()
		if err := w.Tasks.Delete(ctx, simtest.Alice, id); err != nil {
			t.Fatal(err)
		}
	}
	remove(one.ID)
	if _, _, err := w.Tasks.Get(ctx, simtest.Alice, one.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a deleted task is still shown: %v", err)
	}
	if page, err := w.Tasks.List(ctx, simtest.Alice, noFilter, "", 10); err != nil || len(page.Tasks) != 1 || page.Tasks[0].ID != two.ID {
		t.Errorf("the list shows %+v, %v", page, err)
	}
	if len(w.Bucket.Keys()) != 4 {
		t.Errorf("its objects are gone within the undo window: %v", w.Bucket.Keys())
	}
	if back, err := w.Tasks.Restore(ctx, simtest.Alice, one.ID); err != nil || back.Asset == nil || back.Due != 0 {
		t.Errorf("restored %+v, %v", back, err)
	}
	w.Check(t)

	remove(one.ID)
	sweepDays(t, w, 8)
	gone := w.Task(t, one)
	if !gone.Erased || gone.Asset != nil || gone.Label != "" || gone.Due != 0 || len(w.Bucket.Keys()) != 2 {
		t.Errorf("after eight days: %+v, objects %v", gone, w.Bucket.Keys())
	}
	if _, err := w.Tasks.Restore(ctx, simtest.Alice, one.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an erased task is restored: %v", err)
	}
	if _, request, err := w.Tasks.Get(ctx, simtest.Alice, two.ID); err != nil || request.Prompt == "" || request.Live != 1 {
		t.Errorf("the other task's request: %+v, %v", request, err)
	}
	remove(two.ID)
	sweepDays(t, w, 8)
	if text := w.Dump(); strings.Contains(text, "lighthouse") || len(w.Bucket.Keys()) != 0 {
		t.Errorf("what the user wrote is still there:\n%s", text)
	}
	if receipt, err := w.Tasks.Receipt(ctx, simtest.Alice, one.ID); err != nil || receipt.Settle == nil || receipt.Settle.Amount != 3 {
		t.Errorf("what was paid stays true: %+v, %v", receipt, err)
	}
	w.Check(t)
}

// sweepDays lets days pass, with a sweep every hour.
func sweepDays(t *testing.T, w *simtest.World, days int) {
	t.Helper()
	for range 24 * days {
		w.Clock.Add(time.Hour)
		if _, err := w.Sweeper.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		w.Drain()
	}
}

func TestAnErasureThatDiedIsFinished(t *testing.T) {
	t.Parallel()
	for _, row := range []string{"T20", "T20s-last", "T20s"} {
		for name, fault := range map[string]func(*simtest.Flaky, string){"Before": (*simtest.Flaky).FailBefore, "After": (*simtest.Flaky).FailAfter} {
			t.Run(row+name, func(t *testing.T) {
				t.Parallel()
				w := simtest.NewWorld()
				done(w)
				made := w.Create(t, simtest.JobModel)
				until(t, w, made)
				if err := w.Tasks.Delete(ctx, simtest.Alice, made.ID); err != nil {
					t.Fatal(err)
				}
				fault(w.Store, row)
				sweepDays(t, w, 8)
				if got := w.Task(t, made); !got.Erased || len(w.Bucket.Keys()) != 0 {
					t.Errorf("erased %t, objects %v", got.Erased, w.Bucket.Keys())
				}
				w.Check(t)
			})
		}
	}
}

func TestTwoTasksOfOneRequestAreErasedSideBySide(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	done(w)
	made := order(t, w, "", simtest.Wish(simtest.JobModel, 2))
	until(t, w, made.Tasks[0])
	for _, each := range made.Tasks {
		if err := w.Tasks.Delete(ctx, simtest.Alice, each.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.Clock.Add(8 * 24 * time.Hour)
	hint := func(each *task.Task) task.Message {
		return task.Message{Account: each.Account, Task: each.ID, Queue: task.StoreQueue}
	}
	w.Store.Meet("T20s", func() { // between reading the request and writing it, the other task goes
		if err := w.Handle(hint(made.Tasks[1])); err != nil {
			t.Error(err)
		}
	})
	if err := w.Handle(hint(made.Tasks[0])); err != nil {
		t.Fatal(err)
	}
	if text := w.Dump(); strings.Contains(text, "lighthouse") {
		t.Errorf("what the user wrote is still there:\n%s", text)
	}
	w.Check(t)
}

func TestWhatAnOwnerCanDoDependsOnTheState(t *testing.T) {
	t.Parallel()
	w, made, _ := running(t)
	refused := func(what string, err error, want fault.Code) {
		t.Helper()
		if fault.CodeOf(err) != want || err == nil {
			t.Errorf("%s: got %v, want %s", what, err, want)
		}
	}
	_, err := w.Tasks.Cancel(ctx, simtest.Alice, made.ID)
	refused("cancel what is at the provider", err, fault.NotCancelable)
	refused("delete what is open", w.Tasks.Delete(ctx, simtest.Alice, made.ID), fault.Conflict)
	if _, err := w.Operators.Release(ctx, simtest.Alice, made.ID, "op", "asked for"); err != nil {
		t.Fatal(err)
	}
	_, err = w.Operators.Release(ctx, simtest.Alice, made.ID, "op", "again")
	refused("release what has ended", err, fault.Conflict)
	_, err = w.Tasks.Cancel(ctx, simtest.Alice, made.ID)
	refused("cancel what has ended", err, fault.NotCancelable)
	if got := until(t, w, made); got.Error.Code != task.Released || w.Counts.Of("CreditsReleased") != 3 {
		t.Errorf("it ended with %+v, %v credits released", got.Error, w.Counts.Of("CreditsReleased"))
	}
	if cancelled := w.Jobs.Cancelled(); len(cancelled) != 1 {
		t.Errorf("cancelled %v, want the job that nobody waits for", cancelled)
	}
	receipt, err := w.Tasks.Receipt(ctx, simtest.Alice, made.ID)
	if err != nil || receipt.Settle.By != "op" || receipt.Settle.Reason != "asked for" {
		t.Errorf("the receipt says %+v, %v", receipt.Settle, err)
	}
}

func TestACancelledTaskGoesToNoProvider(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	made := w.Create(t, simtest.JobModel)
	got, err := w.Tasks.Cancel(ctx, simtest.Alice, made.ID)
	if err != nil || got.State != task.Failed || got.Error.Code != task.Cancelled {
		t.Fatalf("got %+v, %v", got, err)
	}
	w.Drain()
	if calls := len(w.Jobs.Calls()); calls != 0 {
		t.Errorf("the provider was called %d times", calls)
	}
	if b := w.Balance(t, simtest.Alice); b.Available != simtest.Credits || b.Slots != simtest.Slots {
		t.Errorf("the balance is %+v", b)
	}
	w.Check(t)
}

func TestACancelAndAClaimAtOnceHaveOneWinner(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	made := w.Create(t, simtest.JobModel)
	w.Store.Meet("T8c", func() { accepted(w, made) })
	if _, err := w.Tasks.Cancel(ctx, simtest.Alice, made.ID); fault.CodeOf(err) != fault.NotCancelable {
		t.Errorf("got %v: the claim was first", err)
	}
	if got := w.Task(t, made); got.State != task.Running {
		t.Errorf("it is %s", got.State)
	}
	w.Check(t)
}

func TestAnotherAccountFindsNothing(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	done(w)
	made := w.Create(t, simtest.JobModel)
	until(t, w, made)
	before := w.Dump()
	for what, ask := range map[string]func() error{
		"get":     func() error { _, _, err := w.Tasks.Get(ctx, simtest.Bob, made.ID); return err },
		"cancel":  func() error { _, err := w.Tasks.Cancel(ctx, simtest.Bob, made.ID); return err },
		"delete":  func() error { return w.Tasks.Delete(ctx, simtest.Bob, made.ID) },
		"restore": func() error { _, err := w.Tasks.Restore(ctx, simtest.Bob, made.ID); return err },
		"retry":   func() error { _, err := w.Tasks.Retry(ctx, simtest.Bob, "", made.ID); return err },
		"receipt": func() error { _, err := w.Tasks.Receipt(ctx, simtest.Bob, made.ID); return err },
		"ids": func() error {
			found, err := w.Tasks.ByIDs(ctx, simtest.Bob, []task.ID{made.ID})
			if err == nil && len(found) == 0 {
				return fault.New(fault.NotFound, "none")
			}
			return errors.Join(err, fmt.Errorf("found %v", found))
		},
	} {
		if err := ask(); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: got %v, want %s", what, err, fault.NotFound)
		}
	}
	if after := w.Dump(); after != before {
		t.Errorf("asking changed\n%s\nto\n%s", before, after)
	}
}
