package workflow_test

import (
	"sync"
	"testing"
	"time"

	"darkroom/shared/credit"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/workflow/simtest"
)

// running makes a world with one task whose job runs, and nothing in the queues.
func running(t *testing.T) (*simtest.World, *task.Task, provider.Call) {
	t.Helper()
	w := simtest.NewWorld()
	made := w.Create(t, simtest.JobModel)
	accepted(w, made)
	w.Queue.Take()
	if got := w.Task(t, made); got.State != task.Running {
		t.Fatalf("it is %s", got.State)
	}
	return w, made, w.Jobs.Calls()[0]
}

// fails is a submit that the provider refuses.
func fails(class provider.Class, wait time.Duration) func(provider.Call, int) (provider.Submission, error) {
	return func(provider.Call, int) (provider.Submission, error) {
		return provider.Submission{}, &provider.Error{Class: class, Message: "no", RetryAfter: wait}
	}
}

// until runs a task until its end and returns it.
func until(t *testing.T, w *simtest.World, made *task.Task) *task.Task {
	t.Helper()
	w.Drain()
	if err := w.Recover(2 * time.Hour); err != nil {
		t.Fatal(err)
	}
	w.Check(t)
	return w.Task(t, made)
}

func TestBothKindsOfProvidersTakeATaskThroughTheSameStatuses(t *testing.T) {
	t.Parallel()
	for _, model := range []string{simtest.JobModel, simtest.AtOnceModel} {
		w := simtest.NewWorld()
		done(w)
		got := until(t, w, w.Create(t, model))
		if got.State != task.Completed || len(got.Timeline) != 4 {
			t.Errorf("%s: %s after %v, want created, queued, processing, completed", model, got.State, got.Timeline)
		}
		if len(w.Bucket.Keys()) < 2 || got.Asset == nil || got.Asset.Width != 2 {
			t.Errorf("%s: asset %+v, objects %v", model, got.Asset, w.Bucket.Keys())
		}
		if b := w.Balance(t, simtest.Alice); b.Spent != got.Cost || b.Held != 0 {
			t.Errorf("%s: balance %+v", model, b)
		}
	}
}

func TestAnAttemptIsCalledWithWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	seed := int64(42)
	wish := simtest.Wish(simtest.JobModel, 1)
	wish.Params.Size, wish.Params.Seed, wish.Params.OutputFormat = "1344x768", &seed, "png"
	made := order(t, w, "", wish).Tasks[0]
	w.Drain()
	call := w.Jobs.Calls()[0]
	if call.Model != "flux-2-klein-9b" || call.Prompt != wish.Prompt || call.Params.Width != 1344 || call.Params.Height != 768 || *call.Params.Seed != 42 || call.Params.OutputFormat != "png" {
		t.Errorf("called with %+v", call)
	}
	token, err := simtest.Tokens().Read("bfl", call.Marker)
	if err != nil || token.Task != made.ID || token.Account != made.Account || token.Attempt != 1 {
		t.Errorf("the marker reads %+v, %v", token, err)
	}
	if want := "https://api.example.com/webhooks/bfl/" + call.Marker; call.Webhook.URL != want {
		t.Errorf("the webhook is %s, want %s", call.Webhook.URL, want)
	}
}

func TestProvidersThatNeverCallBackAreAsked(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	polls := 0
	w.Jobs.OnPoll = func(job provider.Job) (provider.Report, error) {
		if polls++; polls < 4 {
			return provider.Report{State: provider.Running}, nil
		}
		return simtest.Done(simtest.Link("late")), nil
	}
	if got := until(t, w, w.Create(t, simtest.JobModel)); got.State != task.Completed || polls != 4 {
		t.Errorf("%s after %d polls", got.State, polls)
	}
}

func TestAPollThatIsNotAnsweredChangesNothing(t *testing.T) {
	t.Parallel()
	w, made, _ := running(t)
	w.Jobs.OnPoll = func(provider.Job) (provider.Report, error) {
		return provider.Report{}, &provider.Error{Class: provider.TransientRead, Message: "no answer"}
	}
	for range 20 {
		if err := w.Handle(task.Message{Account: made.Account, Task: made.ID, Queue: task.PollQueue}); err != nil {
			t.Fatalf("the hint must not come back: the sweep asks again: %v", err)
		}
	}
	if got := w.Task(t, made); got.State != task.Running {
		t.Errorf("it is %s", got.State)
	}
}

func TestOfAPollAndAWebhookOneRecordsTheSuccess(t *testing.T) {
	t.Parallel()
	for i := range 1000 {
		w, made, call := running(t)
		w.Jobs.OnPoll = func(job provider.Job) (provider.Report, error) { return simtest.Done(simtest.Link("polled")), nil }
		var both sync.WaitGroup
		both.Go(func() { _ = w.Handle(task.Message{Account: made.Account, Task: made.ID, Queue: task.PollQueue}) }) //nolint:errcheck // checked by its effect
		both.Go(func() { _ = w.Deliver(call, "succeeded", "job-1", simtest.Link("called-back")) })                  //nolint:errcheck // checked by its effect
		both.Wait()
		w.Drain()
		if got := w.Task(t, made); got.State != task.Completed {
			t.Fatalf("race %d: it is %s", i, got.State)
		}
		if entries, objects := settles(w), w.Bucket.Keys(); len(entries) != 1 || entries[0].Kind != credit.KindCapture || len(objects) != 2 {
			t.Fatalf("race %d: settled %v with objects %v", i, entries, objects)
		}
	}
}

// settles are the settle entries of the whole ledger.
func settles(w *simtest.World) (found []credit.Entry) {
	_, ledger := w.Rows()
	for _, row := range ledger {
		if entry, ok := credit.EntryFrom(row.Key, row.Item); ok && (entry.Kind == credit.KindCapture || entry.Kind == credit.KindRelease) {
			found = append(found, entry)
		}
	}
	return found
}

func TestReportsAreRepeatedWithoutEffect(t *testing.T) {
	t.Parallel()
	for name, words := range map[string][]string{
		"Success": {"succeeded", "job-1", simtest.Link("1")}, "Failure": {"failed", "job-1", string(provider.Rejected)}, "StillRunning": {"running", "job-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _, call := running(t)
			if err := w.Deliver(call, words...); err != nil {
				t.Fatal(err)
			}
			w.Drain()
			before := w.Dump()
			for range 100 {
				if err := w.Deliver(call, words...); err != nil {
					t.Fatal(err)
				}
				w.Drain()
			}
			if after := w.Dump(); after != before {
				t.Errorf("a hundred repeats changed\n%s\nto\n%s", before, after)
			}
			w.Check(t)
		})
	}
}

func TestAProviderThatContradictsItselfIsBelievedOnce(t *testing.T) {
	t.Parallel()
	success, failure := []string{"succeeded", "job-1", simtest.Link("1")}, []string{"failed", "job-1", string(provider.Rejected)}
	for _, c := range []struct {
		name        string
		first, then []string
		want        task.State
	}{{"FailureAfterSuccess", success, failure, task.Completed}, {"SuccessAfterFailure", failure, success, task.Failed}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, made, call := running(t)
			for _, words := range [][]string{c.first, c.then} {
				if err := w.Deliver(call, words...); err != nil {
					t.Fatal(err)
				}
			}
			if got := until(t, w, made); got.State != c.want {
				t.Errorf("it is %s, want %s", got.State, c.want)
			}
			if late := w.Counts.Of("LateSuccess"); (late == 1) != (c.want == task.Failed) {
				t.Errorf("%v late successes counted", late)
			}
		})
	}
}

// secondAttempt makes a world where attempt 1's answer was lost, it was given up for lost, and attempt 2 runs.
func secondAttempt(t *testing.T) (w *simtest.World, made *task.Task, first, second provider.Call) {
	t.Helper()
	w = simtest.NewWorld()
	w.Jobs.OnSubmit = lostAnswer
	made = w.Create(t, simtest.JobModel)
	accepted(w, made)
	for range 3 { // over the grace, into the back-off, and on
		w.Clock.Add(3 * time.Minute)
		w.Drain()
		if _, err := w.Sweeper.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		accepted(w, made)
	}
	calls := w.Jobs.Calls()
	if got := w.Task(t, made); got.State != task.Running || got.Att != 2 || len(calls) != 2 {
		t.Fatalf("it is %s in attempt %d after %d calls", got.State, got.Att, len(calls))
	}
	w.Queue.Take()
	return w, made, calls[0], calls[1]
}

func TestALateFailureOfAFormerAttemptCountsForNothing(t *testing.T) {
	t.Parallel()
	w, made, first, second := secondAttempt(t)
	if err := w.Deliver(first, "failed", "job-1", string(provider.Rejected)); err != nil {
		t.Fatal(err)
	}
	if got := w.Task(t, made); got.State != task.Running || got.Att != 2 {
		t.Errorf("it is %s in attempt %d", got.State, got.Att)
	}
	if w.Counts.Of("SupersededReport") != 1 {
		t.Errorf("%v superseded reports counted", w.Counts.Of("SupersededReport"))
	}
	if err := w.Deliver(second, "succeeded", "job-2", simtest.Link("2")); err != nil {
		t.Fatal(err)
	}
	if got := until(t, w, made); got.State != task.Completed || got.Win != 2 {
		t.Errorf("it is %s, attempt %d won", got.State, got.Win)
	}
}

func TestALateSuccessOfAFormerAttemptWinsAndTheOtherJobIsCancelled(t *testing.T) {
	t.Parallel()
	w, made, first, second := secondAttempt(t)
	if err := w.Deliver(first, "succeeded", "job-1", simtest.Link("1")); err != nil {
		t.Fatal(err)
	}
	if err := w.Deliver(second, "failed", "job-2", string(provider.Rejected)); err != nil {
		t.Fatal(err)
	}
	if got := until(t, w, made); got.State != task.Completed || got.Win != 1 {
		t.Errorf("it is %s, attempt %d won", got.State, got.Win)
	}
	if cancelled := w.Jobs.Cancelled(); len(cancelled) != 1 || cancelled[0] != "job-2" {
		t.Errorf("cancelled %v, want the job that nobody waits for", cancelled)
	}
}

// TestASweepThatReadBeforeTheSuccessCannotTakeItBack is the worst mistake of the list: the sweep reads a running task past its deadline, the success is
// recorded, and then the sweep wants to give the credits back.
func TestASweepThatReadBeforeTheSuccessCannotTakeItBack(t *testing.T) {
	t.Parallel()
	w, made, call := running(t)
	w.Clock.Add(time.Hour)
	w.Store.Meet("T8", func() {
		if err := w.Deliver(call, "succeeded", "job-1", simtest.Link("1")); err != nil {
			t.Error(err)
		}
	})
	if _, err := w.Sweeper.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if got := w.Task(t, made); got.State != task.Storing {
		t.Errorf("it is %s", got.State)
	}
	if got := until(t, w, made); got.State != task.Completed {
		t.Errorf("it ended %s", got.State)
	}
}

func TestAFailureAndATimeOutAtOnceReleaseOnce(t *testing.T) {
	t.Parallel()
	w, made, call := running(t)
	w.Clock.Add(time.Hour)
	w.Store.Meet("T8", func() {
		if err := w.Deliver(call, "failed", "job-1", string(provider.Moderated)); err != nil {
			t.Error(err)
		}
	})
	if _, err := w.Sweeper.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if got := until(t, w, made); got.State != task.Failed || got.Error.Code != task.Moderated {
		t.Errorf("it is %s, %+v", got.State, got.Error)
	}
	if entries := settles(w); len(entries) != 1 || entries[0].Reason != "moderated" {
		t.Errorf("settled %+v", entries)
	}
}

func TestASuccessAfterTheTimeOutIsNeitherPaidNorDelivered(t *testing.T) {
	t.Parallel()
	w, made, call := running(t)
	if got := until(t, w, made); got.State != task.Failed || got.Error.Code != task.DeadlineExceeded {
		t.Fatalf("it is %s, %+v", got.State, got.Error)
	}
	if err := w.Deliver(call, "succeeded", "job-1", simtest.Link("1")); err != nil {
		t.Fatal(err)
	}
	got := until(t, w, made)
	if b := w.Balance(t, simtest.Alice); got.State != task.Failed || got.Asset != nil || b.Spent != 0 || b.Available != simtest.Credits || len(w.Bucket.Keys()) != 0 {
		t.Errorf("it is %s with %+v, balance %+v, objects %v", got.State, got.Asset, b, w.Bucket.Keys())
	}
	if w.Counts.Of("LateSuccess") != 1 {
		t.Errorf("%v late successes counted", w.Counts.Of("LateSuccess"))
	}
}

func TestOneOfFourImagesFailsAndIsPaidForByNobody(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	w.Jobs.OnPoll = func(job provider.Job) (provider.Report, error) {
		if job.ID == "job-3" {
			return provider.Report{State: provider.Failed, Err: &provider.Error{Class: provider.Rejected, Message: "no"}}, nil
		}
		return simtest.Done(simtest.Link(job.ID)), nil
	}
	made := order(t, w, "", simtest.Wish(simtest.JobModel, 4))
	until(t, w, made.Tasks[0])
	if b := w.Balance(t, simtest.Alice); b.Spent != 9 || b.Available != simtest.Credits-9 || b.Slots != simtest.Slots {
		t.Errorf("the balance is %+v, want three captures of 3", b)
	}
}

func TestAHundredProviderErrorsBlockNothing(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	w.Jobs.OnSubmit = fails(provider.Rejected, 0)
	for range 100 {
		until(t, w, w.Create(t, simtest.JobModel))
	}
	w.Jobs.OnSubmit = nil
	done(w)
	if got := until(t, w, w.Create(t, simtest.JobModel)); got.State != task.Completed {
		t.Errorf("it is %s", got.State)
	}
	if b := w.Balance(t, simtest.Alice); b.Available != simtest.Credits-3 || b.Held != 0 || b.Slots != simtest.Slots {
		t.Errorf("the balance is %+v", b)
	}
}
