package workflow_test

import (
	"testing"
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/workflow/simtest"
)

// The last attempt has its grace like the others: an image that is announced within it was made for us, and is neither refunded nor ordered again.
func TestASignedSuccessInTheGraceOfTheLastAttemptIsDelivered(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	w.Jobs.OnSubmit = fails(provider.Ambiguous, 0)
	made := w.Create(t, simtest.JobModel)
	w.Drain()
	for minute := 0; len(w.Jobs.Calls()) < 3; minute++ {
		if minute == 15 {
			t.Fatalf("%d calls before the deadline, want 3", len(w.Jobs.Calls()))
		}
		w.Clock.Add(time.Minute)
		if _, err := w.Sweeper.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		w.Drain()
	}
	w.Clock.Add(time.Minute)
	if _, err := w.Sweeper.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	w.Drain()
	if got := w.Task(t, made); got.State != task.Submitting || got.Att != 3 || got.Max != 3 {
		t.Fatalf("a minute after the last call it is %s in attempt %d of %d, want it still waiting for news", got.State, got.Att, got.Max)
	}
	if err := w.Deliver(w.Jobs.Calls()[2], "succeeded", "job-3", simtest.Link("3")); err != nil {
		t.Fatal(err)
	}
	got := until(t, w, made)
	if got.State != task.Completed || got.Win != 3 || len(w.Jobs.Calls()) != 3 {
		t.Errorf("it ended %s by attempt %d after %d calls, want completed by the third of three", got.State, got.Win, len(w.Jobs.Calls()))
	}
	if b := w.Balance(t, simtest.Alice); b.Spent != got.Cost || b.Held != 0 || b.Available != simtest.Credits-got.Cost {
		t.Errorf("the balance is %+v, want %d captured", b, got.Cost)
	}
}
