package workflow_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"darkroom/shared/credit"
	"darkroom/shared/task"
	"darkroom/shared/workflow/simtest"
)

// TestABrokenInvariantFreezesTheAccountAndMovesNothing: the task is open although its settle entry exists, or its hold is not held.
func TestABrokenInvariantFreezesTheAccountAndMovesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(*simtest.World, *task.Task) error
		state task.State
	}{
		{"CapturedBefore", settleBefore(credit.KindCapture), task.Completed},
		{"ReleasedBefore", settleBefore(credit.KindRelease), task.Failed},
		{"NotHeld", func(w *simtest.World, t *task.Task) error {
			write := credit.SettleWrite(t.Account, credit.Release, t.Cost)
			_, err := w.Store.Store.Update(context.Background(), write)
			return err
		}, task.Storing},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := simtest.NewWorld()
			done(w)
			made := w.Create(t, simtest.JobModel)
			w.Store.FailBefore("T10")
			w.Drain()
			if err := c.spoil(w, made); err != nil {
				t.Fatal(err)
			}
			before := w.Balance(t, made.Account)
			w.Clock.Add(5 * time.Minute)
			if err := w.Handle(task.Message{Account: made.Account, Task: made.ID, Queue: task.StoreQueue}); err != nil {
				t.Fatal(err)
			}
			before.State = credit.Frozen
			if now := w.Balance(t, made.Account); now != before {
				t.Errorf("the balance is %+v, want %+v", now, before)
			}
			if got := w.Task(t, made); got.State != c.state {
				t.Errorf("the task is %s, want %s as the ledger says", got.State, c.state)
			}
			if w.Counts.Of("LedgerMismatch") != 1 {
				t.Errorf("%v alarms, want 1", w.Counts.Of("LedgerMismatch"))
			}
			_, err := w.Creator.Create(context.Background(), made.Account, "", simtest.Wish(simtest.JobModel, 1))
			if err == nil || !strings.Contains(err.Error(), "frozen") {
				t.Errorf("a frozen account takes new work: %v", err)
			}
		})
	}
}

func settleBefore(kind credit.Kind) func(*simtest.World, *task.Task) error {
	return func(w *simtest.World, t *task.Task) error {
		return w.Store.Store.Transact(context.Background(), credit.Entry{ID: t.ID.ULID(), Kind: kind, Amount: t.Cost, Task: string(t.ID)}.Write(t.Account))
	}
}
