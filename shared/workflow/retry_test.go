package workflow_test

import (
	"testing"
	"time"

	"darkroom/shared/fault"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/workflow/simtest"
)

func TestEveryWayToFailGivesTheCreditsBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		class provider.Class
		calls int // of the provider, until it is given up
		code  task.FailureCode
	}{
		{provider.Rejected, 1, task.ProviderRejected},
		{provider.Moderated, 1, task.Moderated},
		{provider.JobFailed, 3, task.ProviderUnavailable},
		{provider.Ambiguous, 3, task.ProviderUnavailable},
	} {
		t.Run(string(c.class), func(t *testing.T) {
			t.Parallel()
			w := simtest.NewWorld()
			w.Jobs.OnSubmit = fails(c.class, 0)
			got := until(t, w, w.Create(t, simtest.JobModel))
			if got.State != task.Failed || got.Error.Code != c.code || len(w.Jobs.Calls()) != c.calls {
				t.Errorf("%s, %+v after %d calls; want %s after %d", got.State, got.Error, len(w.Jobs.Calls()), c.code, c.calls)
			}
			if b := w.Balance(t, simtest.Alice); b.Available != simtest.Credits || b.Spent != 0 {
				t.Errorf("the balance is %+v", b)
			}
		})
	}
}

func TestACallThatWasNotExecutedUsesUpNoTry(t *testing.T) {
	t.Parallel()
	for _, class := range []provider.Class{provider.Throttled, provider.Down, provider.Transient} {
		t.Run(string(class), func(t *testing.T) {
			t.Parallel()
			w := simtest.NewWorld()
			done(w)
			w.Jobs.OnSubmit = func(_ provider.Call, n int) (provider.Submission, error) {
				if n <= 6 {
					return provider.Submission{}, &provider.Error{Class: class, Message: "no", RetryAfter: 10 * time.Second}
				}
				return provider.Submission{Job: &provider.Job{ID: "job"}}, nil
			}
			got := until(t, w, w.Create(t, simtest.JobModel))
			if got.State != task.Completed || got.Att != 7 || got.Max != 9 {
				t.Errorf("%s in attempt %d of %d, want the seventh of nine", got.State, got.Att, got.Max)
			}
		})
	}
}

func TestAProviderIsCalledTwentyTimesAtMost(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	w.Creator.DeadlineLimit = 24 * time.Hour
	model, _ := w.Engine.Catalog.Model(simtest.JobModel)
	model.DeadlineSeconds = 24 * 3600
	w.Jobs.OnSubmit = fails(provider.Throttled, 0)
	got := until(t, w, w.Create(t, simtest.JobModel))
	if calls := len(w.Jobs.Calls()); calls != task.RefusedLimit || got.State != task.Failed {
		t.Errorf("%d calls, then %s; want %d, then %s", calls, got.State, task.RefusedLimit, task.Failed)
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	w.Jobs.OnSubmit = fails(provider.Throttled, 5*time.Minute)
	w.Create(t, simtest.JobModel)
	w.Drain()
	for range 4 {
		w.Clock.Add(time.Minute)
		if _, err := w.Sweeper.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		w.Drain()
	}
	if calls := len(w.Jobs.Calls()); calls != 1 {
		t.Errorf("%d calls within four of five minutes", calls)
	}
	w.Clock.Add(2 * time.Minute)
	if _, err := w.Sweeper.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	w.Drain()
	if calls := len(w.Jobs.Calls()); calls != 2 {
		t.Errorf("%d calls after six minutes, want 2", calls)
	}
}

func TestATaskWaitsWhileItsProviderIsOffAndBurnsNoHint(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	done(w)
	made := w.Create(t, simtest.JobModel)
	if _, err := w.Operators.Switch(ctx, "bfl", false, "op", "outage"); err != nil {
		t.Fatal(err)
	}
	w.Clock.Add(10 * time.Second) // a switch is believed for five seconds
	for _, m := range w.Queue.Take() {
		if err := w.Handle(m); err != nil {
			t.Errorf("the hint comes back and would end in the dead-letter queue: %v", err)
		}
	}
	got := w.Task(t, made)
	if got.State != task.Queued || got.NextAt <= task.Millis(w.Clock.Now()) || got.Due > task.Millis(w.Clock.Now().Add(time.Minute)) || len(w.Jobs.Calls()) != 0 {
		t.Errorf("it is %s, next at %d, due at %d, after %d calls", got.State, got.NextAt, got.Due, len(w.Jobs.Calls()))
	}
	if _, err := w.Creator.Create(ctx, simtest.Alice, "", simtest.Wish(simtest.JobModel, 1)); fault.CodeOf(err) != fault.ModelUnavailable {
		t.Errorf("a new task of a provider that is off: %v", err)
	}
	if _, err := w.Operators.Switch(ctx, "bfl", true, "op", "over"); err != nil {
		t.Fatal(err)
	}
	if got := until(t, w, made); got.State != task.Completed {
		t.Errorf("it ended %s", got.State)
	}
}

func TestAnOutageLongerThanTheDeadlineReleases(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	made := w.Create(t, simtest.JobModel)
	if _, err := w.Operators.Switch(ctx, "bfl", false, "op", "outage"); err != nil {
		t.Fatal(err)
	}
	w.Clock.Add(10 * time.Second)
	if got := until(t, w, made); got.State != task.Failed || got.Error.Code != task.DeadlineExceeded || len(w.Jobs.Calls()) != 0 {
		t.Errorf("it ended %s, %+v after %d calls", got.State, got.Error, len(w.Jobs.Calls()))
	}
}

func TestALostSubmitIsFoundLongBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	done(w)
	w.Store.FailAfter("T3")
	made := w.Create(t, simtest.JobModel)
	w.Drain()
	if err := w.Recover(5 * time.Minute); err != nil {
		t.Errorf("%v; the deadline is in 15 min, a lease and a few sweeps must do", err)
	}
	if got := w.Task(t, made); got.State != task.Completed || got.Att != 2 {
		t.Errorf("it is %s in attempt %d", got.State, got.Att)
	}
}

func TestAnAmbiguousSubmitWaitsForNewsBeforeItIsRepeated(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	w.Jobs.OnSubmit = lostAnswer
	made := w.Create(t, simtest.JobModel)
	accepted(w, made)
	w.Clock.Add(90 * time.Second) // within the grace
	if _, err := w.Sweeper.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	w.Drain()
	if calls := len(w.Jobs.Calls()); calls != 1 {
		t.Fatalf("%d calls within the grace: the first may be running", calls)
	}
	// The signed webhook brings the job, which is adopted, and then the image: no second call was paid.
	first := w.Jobs.Calls()[0]
	if err := w.Deliver(first, "running", "job-lost"); err != nil {
		t.Fatal(err)
	}
	if got := w.Task(t, made); got.State != task.Running || got.Attempts[1].Job != "job-lost" || !got.Attempts[1].Maybe {
		t.Errorf("it is %s with %+v", got.State, got.Attempts[1])
	}
	done(w)
	if got := until(t, w, made); got.State != task.Completed || len(w.Jobs.Calls()) != 1 {
		t.Errorf("it ended %s after %d calls", got.State, len(w.Jobs.Calls()))
	}
}

// A signed delivery may be the first that is heard of a job, and the last: whatever it says, the job must be known if somebody has to ask again.
func TestAJobIsAdoptedByWhateverItsFirstDeliverySays(t *testing.T) {
	t.Parallel()
	for name, words := range map[string][]string{
		"it is done":                   {"succeeded", "job-lost", simtest.Link("dead")},
		"it runs":                      {"running", "job-lost"},
		"only that there is something": {string(simtest.Untold), "job-lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := simtest.NewWorld()
			w.Jobs.OnSubmit = lostAnswer
			w.Jobs.OnPoll = func(job provider.Job) (provider.Report, error) {
				if job.ID != "job-lost" {
					t.Errorf("asked about %q", job.ID)
				}
				return simtest.Done(simtest.Link("fresh")), nil
			}
			w.OnFetch = func(link string) ([]byte, error) {
				if link == simtest.Link("dead") {
					return nil, provider.ErrGone
				}
				return simtest.Picture(1), nil
			}
			made := w.Create(t, simtest.JobModel)
			accepted(w, made)
			if err := w.Deliver(w.Jobs.Calls()[0], words...); err != nil {
				t.Fatal(err)
			}
			if got := until(t, w, made); got.State != task.Completed || got.Attempts[1].Job != "job-lost" || len(w.Jobs.Calls()) != 1 {
				t.Errorf("it ended %s with %+v after %d calls, want completed after one", got.State, got.Attempts[1], len(w.Jobs.Calls()))
			}
		})
	}
}

// A provider that cannot be asked what became of a lost call must not keep the task until its deadline, nor use up anybody's patience with errors.
func TestALookUpThatIsNeverAnsweredEndsTheAttemptAfterAWhile(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	w.Jobs.OnSubmit = lostAnswer
	w.Jobs.OnLookup = func(string) (*provider.Job, error) {
		return nil, &provider.Error{Class: provider.Down, Message: "wrong key"}
	}
	done(w)
	made := w.Create(t, simtest.JobModel)
	accepted(w, made)
	for range 12 { // eleven minutes; the deadline is in 15
		w.Clock.Add(55 * time.Second)
		if _, err := w.Sweeper.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		for _, m := range w.Queue.Take() {
			if err := w.Handle(m); err != nil {
				t.Fatalf("%s: %v", m.Queue, err)
			}
		}
	}
	if got := w.Task(t, made); got.State != task.Completed || got.Att != 2 || len(w.Jobs.Calls()) != 2 {
		t.Errorf("it is %s in attempt %d after %d calls, want completed in the second", got.State, got.Att, len(w.Jobs.Calls()))
	}
	w.Check(t)
}

func TestAJobIsAdoptedByOneTaskOnly(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	w.Jobs.OnSubmit = func(provider.Call, int) (provider.Submission, error) {
		return provider.Submission{}, &provider.Error{Class: provider.Ambiguous, Message: "no answer"}
	}
	one, two := w.Create(t, simtest.JobModel), w.Create(t, simtest.JobModel)
	accepted(w, one)
	calls := w.Jobs.Calls()
	for _, said := range []struct {
		about provider.Call
		words []string
	}{{calls[0], []string{"running", "the-same-job"}}, {calls[1], []string{"running", "the-same-job"}}, {calls[1], []string{"succeeded", "the-same-job", simtest.Link("1")}}} {
		if err := w.Deliver(said.about, said.words...); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := w.Task(t, one), w.Task(t, two); a.State != task.Running || b.State != task.Submitting {
		t.Errorf("they are %s and %s, want one with the job and one still looking", a.State, b.State)
	}
	w.Check(t)
}

func TestACrashingHandlerEndsTheTaskAfterFiveFaults(t *testing.T) {
	t.Parallel()
	w, made, _ := running(t)
	m := task.Message{Account: made.Account, Task: made.ID}
	for n := 1; n <= task.FaultLimit; n++ {
		if err := w.Engine.Crashed(ctx, m); err != nil {
			t.Fatal(err)
		}
		if got := w.Task(t, made); got.Faults != n || got.State != task.Running {
			t.Fatalf("after %d crashes it is %s with %d faults", n, got.State, got.Faults)
		}
	}
	if err := w.Engine.Crashed(ctx, m); err != nil {
		t.Fatal(err)
	}
	if got := until(t, w, made); got.State != task.Failed || got.Error.Code != task.Internal {
		t.Errorf("it is %s, %+v", got.State, got.Error)
	}
	if err := w.Engine.Crashed(ctx, m); err != nil {
		t.Errorf("a crash on a task that has ended: %v", err)
	}
	if err := w.Engine.Crashed(ctx, task.Message{Account: made.Account, Task: "tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC"}); err != nil {
		t.Errorf("a crash on a task that is not there: %v", err)
	}
}

func TestASuccessForgivesFaults(t *testing.T) {
	t.Parallel()
	w, made, call := running(t)
	for range 4 {
		if err := w.Engine.Crashed(ctx, task.Message{Account: made.Account, Task: made.ID}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Deliver(call, "succeeded", "job-1", simtest.Link("1")); err != nil {
		t.Fatal(err)
	}
	if got := w.Task(t, made); got.Faults != 0 || got.State != task.Storing {
		t.Errorf("it is %s with %d faults", got.State, got.Faults)
	}
}
