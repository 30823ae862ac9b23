package workflow_test

import (
	"context"
	"errors"
	"testing"

	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/workflow/simtest"
)

// TestALostCreateAnswerIsRepeatedWithTheSameKey is line 12 of the table.
func TestALostCreateAnswerIsRepeatedWithTheSameKey(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*simtest.Flaky, string){"Made": (*simtest.Flaky).FailAfter, "NotMade": (*simtest.Flaky).FailBefore} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := simtest.NewWorld()
			ctx := context.Background()
			if _, err := w.Accounts.Balance(ctx, simtest.Alice); err != nil {
				t.Fatal(err)
			}
			fault(w.Store, "T1")
			if _, err := w.Creator.Create(ctx, simtest.Alice, "my key", simtest.Wish(simtest.JobModel, 2)); !errors.Is(err, simtest.ErrLost) {
				t.Fatalf("got %v, want %v", err, simtest.ErrLost)
			}
			made, err := w.Creator.Create(ctx, simtest.Alice, "my key", simtest.Wish(simtest.JobModel, 2))
			if err != nil || made.Replayed != (name == "Made") || len(made.Tasks) != 2 {
				t.Fatalf("the repeat: %+v, %v", made, err)
			}
			if b := w.Balance(t, simtest.Alice); b.Held != 6 {
				t.Errorf("%d credits are held for two images of 3", b.Held)
			}
			if sent := w.Queue.Take(); len(sent) != 2 {
				t.Errorf("%d hints for two tasks that wait to begin", len(sent))
			}
			w.Check(t)
		})
	}
}

// TestARepeatOfTheDatabaseClientMeetsItsOwnLease: the client repeats a claim whose answer was lost; the repeat is refused by its own work and goes on.
func TestARepeatOfTheDatabaseClientMeetsItsOwnLease(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	made := w.Create(t, simtest.JobModel)
	w.Submitter.Store = repeating{w.Store}
	w.Drain()
	if calls := len(w.Jobs.Calls()); calls != 1 {
		t.Errorf("the provider was called %d times, want once: the lease is this step's own", calls)
	}
	if got := w.Task(t, made); got.State != task.Running || got.Att != 1 {
		t.Errorf("it is %s in attempt %d", got.State, got.Att)
	}
}

// repeating makes every single write twice and answers with the second.
type repeating struct{ *simtest.Flaky }

func (r repeating) Update(ctx context.Context, w transition.Write) (transition.Item, error) {
	if w.Row != &task.T3.Row {
		return r.Flaky.Update(ctx, w)
	}
	if _, err := r.Flaky.Update(ctx, w); err != nil {
		return nil, err
	}
	return r.Flaky.Update(ctx, w)
}
