package workflow_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/workflow/simtest"
)

// crash is one line of the table of crashes: where a process dies, and what must come of it when everything that was on its way is lost as well.
type crash struct {
	name   string
	model  string
	before func(*simtest.World)             // arranges the crash
	until  func(*simtest.World, *task.Task) // what runs until the crash, besides the create call
	left   task.State                       // where the task stands after the crash
	end    task.State
	calls  int // of the provider, in the end
}

// drain runs everything up to the crash.
func drain(w *simtest.World, _ *task.Task) { w.Drain() }

// accepted runs the submit step only.
func accepted(w *simtest.World, _ *task.Task) {
	for _, m := range w.Queue.Take() {
		_ = w.Handle(m) //nolint:errcheck // the crash
	}
}

// done makes every job end with an image.
func done(w *simtest.World) {
	w.Jobs.OnPoll = func(job provider.Job) (provider.Report, error) { return simtest.Done(simtest.Link(job.ID)), nil }
}

// lostAnswer makes the first submit's answer get lost.
func lostAnswer(call provider.Call, n int) (provider.Submission, error) {
	if n == 1 {
		return provider.Submission{}, &provider.Error{Class: provider.Ambiguous, Message: "no answer"}
	}
	return provider.Submission{Job: &provider.Job{ID: "job-2"}}, nil
}

// found makes a look-up know the job of the lost answer.
func found(marker string) (*provider.Job, error) { return &provider.Job{ID: "job-lost"}, nil }

var errBroken = errors.New("broken")

var crashes = []crash{
	{name: "01 after the create transaction, no hint", model: simtest.JobModel, end: task.Completed, calls: 1, left: task.Created,
		before: func(w *simtest.World) { w.Queue.Break(errBroken) }},
	{name: "02 after the hint was sent, before that was noted", model: simtest.JobModel, end: task.Completed, calls: 1, left: task.Created,
		before: func(w *simtest.World) { w.Store.FailBefore("T2") }},
	{name: "03 after the claim, before the provider was called", model: simtest.JobModel, end: task.Completed, calls: 1, left: task.Submitting, until: drain,
		before: func(w *simtest.World) { w.Store.FailAfter("T3") }},
	{name: "04 the provider's answer was lost, a look-up finds the job", model: simtest.JobModel, end: task.Completed, calls: 1, left: task.Submitting, until: accepted,
		before: func(w *simtest.World) { w.Jobs.OnSubmit, w.Jobs.OnLookup = lostAnswer, found }},
	{name: "04 the provider's answer was lost, nobody finds the job", model: simtest.JobModel, end: task.Completed, calls: 2, left: task.Submitting, until: accepted,
		before: func(w *simtest.World) { w.Jobs.OnSubmit = lostAnswer }},
	{name: "05 the job was known but not recorded, a look-up finds it", model: simtest.JobModel, end: task.Completed, calls: 1, left: task.Submitting, until: drain,
		before: func(w *simtest.World) { w.Store.FailBefore("T4"); w.Jobs.OnLookup = found }},
	{name: "05 the job was known but not recorded, nobody finds it", model: simtest.JobModel, end: task.Completed, calls: 2, left: task.Submitting, until: drain,
		before: func(w *simtest.World) { w.Store.FailBefore("T4") }},
	{name: "07 after a success was recorded, no store hint", model: simtest.JobModel, end: task.Completed, calls: 1, left: task.Storing,
		until: func(w *simtest.World, t *task.Task) {
			accepted(w, t)
			w.Queue.Break(errBroken)
			_ = w.Handle(task.Message{Account: t.Account, Task: t.ID, Queue: task.PollQueue}) //nolint:errcheck // the crash
		}},
	{name: "08 after a store try was counted", model: simtest.JobModel, end: task.Completed, calls: 1, left: task.Storing, until: drain,
		before: func(w *simtest.World) { w.Store.FailAfter("T5s") }},
	{name: "09 after the objects were put", model: simtest.JobModel, end: task.Completed, calls: 1, left: task.Storing, until: drain,
		before: func(w *simtest.World) { w.Store.FailBefore("T10") }},
	{name: "10 completed, and the answer was lost", model: simtest.JobModel, end: task.Completed, calls: 1, left: task.Completed, until: drain,
		before: func(w *simtest.World) { w.Store.FailAfter("T10") }},
	{name: "13 after the job was recorded, before polls were asked for", model: simtest.JobModel, end: task.Completed, calls: 1, left: task.Running,
		until: func(w *simtest.World, t *task.Task) { accepted(w, t); w.Queue.Take() }},
	{name: "14 after a retry was decided, before its hint was sent", model: simtest.JobModel, end: task.Completed, calls: 2, left: task.Backoff, until: accepted,
		before: func(w *simtest.World) {
			w.Jobs.OnSubmit = func(_ provider.Call, n int) (provider.Submission, error) {
				if n == 1 {
					return provider.Submission{}, &provider.Error{Class: provider.JobFailed, Message: "failed"}
				}
				return provider.Submission{Job: &provider.Job{ID: "job-2"}}, nil
			}
		}},
	{name: "15 the synchronous answer was not staged", model: simtest.AtOnceModel, end: task.Completed, calls: 2, left: task.Submitting, until: accepted,
		before: func(w *simtest.World) { w.Submitter.Staging = &brokenStaging{Bucket: w.Bucket, before: true} }},
	{name: "16 staged, and the success was not recorded", model: simtest.AtOnceModel, end: task.Completed, calls: 1, left: task.Submitting, until: accepted,
		before: func(w *simtest.World) { w.Store.FailBefore("T5") }},
	{name: "17 staged, and the answer of that was lost", model: simtest.AtOnceModel, end: task.Completed, calls: 1, left: task.Storing, until: accepted,
		before: func(w *simtest.World) { w.Submitter.Staging = &brokenStaging{Bucket: w.Bucket} }},
	{name: "18 failed for good, and the answer was lost", model: simtest.JobModel, end: task.Failed, calls: 1, left: task.Failed, until: drain,
		before: func(w *simtest.World) {
			w.Store.FailAfter("T6")
			w.Jobs.OnSubmit = func(provider.Call, int) (provider.Submission, error) {
				return provider.Submission{}, &provider.Error{Class: provider.Rejected, Message: "no"}
			}
		}},
	{name: "18 timed out, and the answer was lost", model: simtest.JobModel, end: task.Failed, calls: 1, left: task.Failed,
		until: func(w *simtest.World, t *task.Task) {
			accepted(w, t)
			w.Store.FailAfter("T8")
			w.Clock.Add(time.Hour)
			_, _ = w.Sweeper.Sweep(context.Background()) //nolint:errcheck // the crash
		}},
	{name: "18 cancelled, and the answer was lost", model: simtest.JobModel, end: task.Failed, calls: 0, left: task.Failed,
		until: func(w *simtest.World, t *task.Task) {
			w.Store.FailAfter("T8c")
			_, _ = w.Tasks.Cancel(context.Background(), t.Account, t.ID) //nolint:errcheck // the crash
		}},
	{name: "18 storing was given up, and the answer was lost", model: simtest.JobModel, end: task.Failed, calls: 1, left: task.Failed,
		until: func(w *simtest.World, t *task.Task) {
			w.OnFetch = func(string) ([]byte, error) { return nil, errBroken }
			w.Drain()
			w.Store.FailAfter("T11")
			w.Clock.Add(time.Hour)
			_, _ = w.Sweeper.Sweep(context.Background()) //nolint:errcheck // the crash
		}},
	{name: "18 the last lost submit, and the answer was lost", model: simtest.AtOnceModel, end: task.Failed, calls: 0, left: task.Failed,
		until: func(w *simtest.World, t *task.Task) {
			for range 2 { // both attempts die right after their claim
				w.Store.FailAfter("T3")
				w.Drain()
				w.Clock.Add(5 * time.Minute)
				w.Store.FailAfter("T9f")
				_, _ = w.Sweeper.Sweep(context.Background()) //nolint:errcheck // the crash
				w.Drain()
				w.Clock.Add(5 * time.Second)
				_, _ = w.Sweeper.Sweep(context.Background()) //nolint:errcheck // the crash
				w.Clock.Add(time.Minute)
				_, _ = w.Sweeper.Sweep(context.Background()) //nolint:errcheck // the crash
			}
		}},
}

// brokenStaging fails the first put, before or after it took effect.
type brokenStaging struct {
	*simtest.Bucket
	before bool
	used   bool
}

func (b *brokenStaging) PutOnce(ctx context.Context, key string, data []byte, contentType string) error {
	if b.used {
		return b.Bucket.PutOnce(ctx, key, data, contentType)
	}
	b.used = true
	if !b.before {
		if err := b.Bucket.PutOnce(ctx, key, data, contentType); err != nil {
			return err
		}
	}
	return errBroken
}

func TestACrashAnywhereCostsTimeOnly(t *testing.T) {
	t.Parallel()
	for _, c := range crashes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := simtest.NewWorld()
			done(w)
			if c.before != nil {
				c.before(w)
			}
			made := w.Create(t, c.model)
			if c.until != nil {
				c.until(w, made)
			}
			if got := w.Task(t, made).State; got != c.left {
				t.Errorf("the crash left %s, want %s", got, c.left)
			}
			w.Check(t)
			w.Queue.Break(nil)
			w.Queue.Take() // whatever was on its way is lost
			if err := w.Recover(time.Hour); err != nil {
				t.Fatal(err)
			}
			ended := w.Task(t, made)
			if ended.State != c.end {
				t.Errorf("it ended %s (%+v), want %s", ended.State, ended.Error, c.end)
			}
			if calls := len(w.Jobs.Calls()) + w.AtOnce.Calls(); calls != c.calls {
				t.Errorf("the provider was called %d times, want %d", calls, c.calls)
			}
			w.Check(t)
			replayEverything(t, w, ended)
		})
	}
}

// replayEverything repeats hints of every kind to a task that has ended, and fails the test if anything changes.
func replayEverything(t *testing.T, w *simtest.World, ended *task.Task) {
	t.Helper()
	before, calls := w.Task(t, ended), len(w.Jobs.Calls())+w.AtOnce.Calls()
	balance, objects := w.Balance(t, ended.Account), len(w.Bucket.Keys())
	for _, queue := range []task.Queue{task.SubmitQueue, task.GenerateQueue, task.PollQueue, task.StoreQueue} {
		for range 3 {
			if err := w.Handle(task.Message{Account: ended.Account, Task: ended.ID, Request: ended.Request, Queue: queue}); err != nil {
				t.Errorf("a late %s hint: %v", queue, err)
			}
		}
	}
	if now := w.Task(t, ended); now.State != before.State || now.StoreTries != before.StoreTries || now.Att != before.Att {
		t.Errorf("late hints changed the task from %+v to %+v", before, now)
	}
	if now := w.Balance(t, ended.Account); now != balance {
		t.Errorf("late hints changed the balance from %+v to %+v", balance, now)
	}
	if now := len(w.Jobs.Calls()) + w.AtOnce.Calls(); now != calls || len(w.Bucket.Keys()) != objects {
		t.Errorf("late hints made %d calls and %d objects", now-calls, len(w.Bucket.Keys())-objects)
	}
}

// TestAWebhookBeforeTheJobIsRecordedWins is line 6 of the table: the provider reports the image while its answer to the submit is still on the way.
func TestAWebhookBeforeTheJobIsRecordedWins(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	w.Jobs.OnSubmit = func(call provider.Call, _ int) (provider.Submission, error) {
		if err := w.Deliver(call, "succeeded", "job-1", simtest.Link("job-1")); err != nil {
			t.Error(err)
		}
		return provider.Submission{Job: &provider.Job{ID: "job-1"}}, nil
	}
	made := w.Create(t, simtest.JobModel)
	for _, m := range w.Queue.Take() {
		if err := w.Handle(m); err != nil {
			t.Errorf("the loser of the race must end quietly: %v", err)
		}
	}
	if got := w.Task(t, made); got.State != task.Storing || got.Win != 1 {
		t.Fatalf("it is %s, attempt %d won", got.State, got.Win)
	}
	w.Drain()
	if got := w.Task(t, made); got.State != task.Completed {
		t.Errorf("it is %s", got.State)
	}
	w.Check(t)
}

// TestCreditsComeBackBeforeTheProviderIsAskedToStop is line 11 of the table.
func TestCreditsComeBackBeforeTheProviderIsAskedToStop(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	made := w.Create(t, simtest.JobModel)
	accepted(w, made)
	w.Queue.Take()
	w.Clock.Add(time.Hour)
	if _, err := w.Sweeper.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := w.Task(t, made); got.State != task.Failed || got.Error.Code != task.DeadlineExceeded {
		t.Fatalf("it is %s, %+v", got.State, got.Error)
	}
	if b := w.Balance(t, made.Account); b.Available != simtest.Credits || b.Held != 0 {
		t.Errorf("the balance is %+v before the cancel", b)
	}
	if cancelled := w.Jobs.Cancelled(); len(cancelled) != 0 {
		t.Errorf("%v was cancelled by the sweep, which must call no provider", cancelled)
	}
	w.Drain()
	if cancelled := w.Jobs.Cancelled(); len(cancelled) != 1 || cancelled[0] != "job-1" {
		t.Errorf("cancelled %v, want job-1 by the hint that the time-out sent", cancelled)
	}
	w.Check(t)
}
