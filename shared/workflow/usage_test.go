package workflow_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/upload"
	"darkroom/shared/workflow/simtest"
)

// What the catalogue estimates for the images of these worlds, in millionths of a US dollar, and what they bring in credits of a cent each.
const (
	jobEstimate, jobBrings       = 15_000, 30_000
	atOnceEstimate, atOnceBrings = 53_000, 80_000
)

// takings are the metrics about money with their dimensions, in the order they were counted.
type takings struct {
	mu    sync.Mutex
	lines []string
}

func (m *takings) Count(name string, value float64, dimensions ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if name == "CreditsCaptured" || name == "CreditsReleased" || name == "ProviderCostMicroUSD" || name == "MarginMicroUSD" {
		m.lines = append(m.lines, fmt.Sprint(name, " ", int64(value), " ", dimensions))
	}
}

func (m *takings) want(t *testing.T, model string, credits string, cost, margin int64) {
	t.Helper()
	want := []string{credits + " [Model " + model + "]"}
	if cost != 0 {
		want = append(want, fmt.Sprintf("ProviderCostMicroUSD %d [Model %s]", cost, model), fmt.Sprintf("MarginMicroUSD %d [Model %s]", margin, model))
	}
	if !slices.Equal(m.lines, want) {
		t.Errorf("counted %q, want %q", m.lines, want)
	}
}

// till is a world that keeps its takings.
func till() (*simtest.World, *takings) {
	w, m := simtest.NewWorld(), &takings{}
	w.Engine.Metrics = m
	return w, m
}

func TestAnImageThatCameAtOnceIsRecordedAndCountedWithWhatWasTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		told provider.Usage
		want task.Usage
	}{
		"Tokens":           {provider.Usage{CostMicroUSD: 52_750, InputTokens: 14, OutputTokens: 1756}, task.Usage{CostMicroUSD: 52_750, InputTokens: 14, OutputTokens: 1756}},
		"TokensOfNoPrice":  {provider.Usage{InputTokens: 14, OutputTokens: 1756}, task.Usage{CostMicroUSD: atOnceEstimate, Estimated: true, InputTokens: 14, OutputTokens: 1756}},
		"Nothing":          {provider.Usage{}, task.Usage{CostMicroUSD: atOnceEstimate, Estimated: true}},
		"BelowNothing":     {provider.Usage{CostMicroUSD: -1, InputTokens: 14}, task.Usage{CostMicroUSD: atOnceEstimate, Estimated: true}},
		"BeyondAllMeasure": {provider.Usage{CostMicroUSD: 52_750, OutputTokens: math.MaxInt64}, task.Usage{CostMicroUSD: atOnceEstimate, Estimated: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, counted := till()
			w.AtOnce.OnSubmit = func(_ provider.Call, n int) (provider.Submission, error) {
				return provider.Submission{Output: &provider.Output{Data: simtest.Picture(n), ContentType: "image/png"}, Usage: c.told}, nil
			}
			got := until(t, w, w.Create(t, simtest.AtOnceModel))
			if got.State != task.Completed || got.Attempts[1].Usage != c.want {
				t.Errorf("%s with %+v, want %+v", got.State, got.Attempts[1].Usage, c.want)
			}
			counted.want(t, simtest.AtOnceModel, "CreditsCaptured 8", c.want.CostMicroUSD, atOnceBrings-c.want.CostMicroUSD)
		})
	}
}

// jobWith accepts every call and tells some usage.
func jobWith(usage provider.Usage) func(provider.Call, int) (provider.Submission, error) {
	return func(_ provider.Call, n int) (provider.Submission, error) {
		return provider.Submission{Job: &provider.Job{ID: fmt.Sprintf("job-%d", n)}, Usage: usage}, nil
	}
}

func TestAJobIsRecordedAndCountedWhoeverTellsOfIt(t *testing.T) {
	t.Parallel()
	worked := provider.Usage{ComputeMS: 5858}
	polled := func(usage provider.Usage) func(provider.Job) (provider.Report, error) {
		return func(job provider.Job) (provider.Report, error) {
			report := simtest.Done(simtest.Link(job.ID))
			report.Usage = usage
			return report, nil
		}
	}
	for name, c := range map[string]struct {
		arrange func(*simtest.World)
		deliver []string // a webhook, once the task was submitted
		want    task.Usage
	}{
		"TheSubmitTellsThePrice": {func(w *simtest.World) {
			w.Jobs.OnSubmit = jobWith(provider.Usage{CostMicroUSD: 15_400, InputMilliMP: 500, OutputMilliMP: 1000})
			w.Jobs.OnPoll = polled(provider.Usage{})
		}, nil, task.Usage{CostMicroUSD: 15_400, InputMilliMP: 500, OutputMilliMP: 1000}},
		"APollTellsTheWork": {func(w *simtest.World) { w.Jobs.OnPoll = polled(worked) }, nil, task.Usage{CostMicroUSD: jobEstimate, Estimated: true, ComputeMS: 5858}},
		"AWebhookTells":     {func(*simtest.World) {}, []string{"succeeded", "job-1", simtest.Link("1"), "14000"}, task.Usage{CostMicroUSD: 14_000}},
		"NobodyTells":       {func(w *simtest.World) { done(w) }, nil, task.Usage{CostMicroUSD: jobEstimate, Estimated: true}},
		"AdoptedByALookUp": {func(w *simtest.World) {
			w.Jobs.OnSubmit, w.Jobs.OnLookup, w.Jobs.OnPoll = lostAnswer, found, polled(worked)
		}, nil, task.Usage{CostMicroUSD: jobEstimate, Estimated: true, ComputeMS: 5858}},
		"AdoptedByAWebhook": {func(w *simtest.World) { w.Jobs.OnSubmit = lostAnswer }, []string{"succeeded", "job-1", simtest.Link("1"), "14000"}, task.Usage{CostMicroUSD: 14_000}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, counted := till()
			c.arrange(w)
			made := w.Create(t, simtest.JobModel)
			if c.deliver != nil {
				accepted(w, made)
				if err := w.Deliver(w.Jobs.Calls()[0], c.deliver...); err != nil {
					t.Fatal(err)
				}
			}
			got := until(t, w, made)
			if got.State != task.Completed || got.Att != 1 || got.Attempts[1].Usage != c.want {
				t.Errorf("%s in attempt %d with %+v, want %+v", got.State, got.Att, got.Attempts[1].Usage, c.want)
			}
			counted.want(t, simtest.JobModel, "CreditsCaptured 3", c.want.CostMicroUSD, jobBrings-c.want.CostMicroUSD)
		})
	}
}

func TestEveryAttemptThatMayBeBilledIsCountedWithTheImage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first error // of the first attempt; the second succeeds, and tells no price
		want  int64
	}{
		"TheAnswerWasLost":  {&provider.Error{Class: provider.Ambiguous, Message: "no"}, 2 * jobEstimate},
		"TheJobWasLost":     {&provider.Error{Class: provider.JobFailed, Message: "no"}, 2 * jobEstimate},
		"TheLossHasAPrice":  {&provider.Error{Class: provider.JobFailed, Message: "no", Usage: provider.Usage{CostMicroUSD: 700}}, 700 + jobEstimate},
		"ItWasTurnedAway":   {&provider.Error{Class: provider.Throttled, Message: "no"}, jobEstimate},
		"ItWasNeverReached": {&provider.Error{Class: provider.Transient, Message: "no"}, jobEstimate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, counted := till()
			done(w)
			w.Jobs.OnSubmit = func(call provider.Call, n int) (provider.Submission, error) {
				if n == 1 {
					return provider.Submission{}, c.first
				}
				return jobWith(provider.Usage{})(call, n)
			}
			if got := until(t, w, w.Create(t, simtest.JobModel)); got.State != task.Completed || got.Att != 2 || got.ProviderCostMicroUSD() != c.want {
				t.Errorf("%s in attempt %d with %+v, want the cost %d", got.State, got.Att, got.Attempts, c.want)
			}
			counted.want(t, simtest.JobModel, "CreditsCaptured 3", c.want, jobBrings-c.want)
		})
	}
}

// Credits that are given back bring nothing, so what a failed task cost is lost.
func TestAFailureAfterTheBillIsALoss(t *testing.T) {
	t.Parallel()
	charge := provider.Usage{CostMicroUSD: 15_400, OutputMilliMP: 1000}
	ends := func(class provider.Class, usage provider.Usage) func(provider.Job) (provider.Report, error) {
		return func(provider.Job) (provider.Report, error) {
			return provider.Report{State: provider.Failed, Err: &provider.Error{Class: class, Message: "no"}, Usage: usage}, nil
		}
	}
	for name, c := range map[string]struct {
		arrange func(*simtest.World)
		want    int64
	}{
		"ModeratedAfterTheWork": {func(w *simtest.World) {
			w.Jobs.OnSubmit, w.Jobs.OnPoll = jobWith(charge), ends(provider.Moderated, provider.Usage{})
		}, 15_400},
		"TheEndTellsThePrice":  {func(w *simtest.World) { w.Jobs.OnPoll = ends(provider.Rejected, charge) }, 15_400},
		"NobodyTellsThePrice":  {func(w *simtest.World) { w.Jobs.OnPoll = ends(provider.Rejected, provider.Usage{}) }, jobEstimate},
		"EveryJobFails":        {func(w *simtest.World) { w.Jobs.OnPoll = ends(provider.JobFailed, provider.Usage{}) }, 3 * jobEstimate},
		"TheTimeIsOver":        {func(*simtest.World) {}, jobEstimate},
		"RefusedBeforeTheWork": {func(w *simtest.World) { w.Jobs.OnSubmit = fails(provider.Rejected, 0) }, 0},
		"TheOutputIsUnusable": {func(w *simtest.World) {
			done(w)
			w.OnFetch = func(string) ([]byte, error) { return []byte("<html>"), nil }
		}, jobEstimate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, counted := till()
			var log bytes.Buffer
			w.Engine.Log = slog.New(slog.NewTextHandler(&log, nil))
			c.arrange(w)
			if got := until(t, w, w.Create(t, simtest.JobModel)); got.State != task.Failed || got.ProviderCostMicroUSD() != c.want {
				t.Errorf("%s with %+v, want a failure that cost %d", got.State, got.Attempts, c.want)
			}
			counted.want(t, simtest.JobModel, "CreditsReleased 3", c.want, -c.want)
			if said := strings.Contains(log.String(), fmt.Sprintf("account=%s model=%s", simtest.Alice, simtest.JobModel)) &&
				strings.Contains(log.String(), fmt.Sprintf("provider_cost_micro_usd=%d", c.want)); said != (c.want > 0) {
				t.Errorf("the log names the account and what it cost: %v\n%s", said, &log)
			}
		})
	}
}

func TestATaskIsCountedOnceHoweverOftenItsResultIsSeen(t *testing.T) {
	t.Parallel()
	for range 50 {
		w, counted := till()
		made := w.Create(t, simtest.JobModel)
		accepted(w, made)
		w.Queue.Take()
		done(w)
		call := w.Jobs.Calls()[0]
		poll, store := task.Message{Account: made.Account, Task: made.ID, Queue: task.PollQueue}, task.Message{Account: made.Account, Task: made.ID, Queue: task.StoreQueue}
		for range 3 { // together, and then again when it has ended
			var all sync.WaitGroup
			for range 2 {
				all.Go(func() { _ = w.Handle(poll) })                                           //nolint:errcheck // counted below
				all.Go(func() { _ = w.Deliver(call, "succeeded", "job-1", simtest.Link("1")) }) //nolint:errcheck // counted below
				all.Go(func() { _ = w.Handle(store) })                                          //nolint:errcheck // counted below
			}
			all.Wait()
			w.Drain()
			w.Clock.Add(time.Minute)
		}
		if got := until(t, w, made); got.State != task.Completed {
			t.Fatalf("it is %s", got.State)
		}
		counted.want(t, simtest.JobModel, "CreditsCaptured 3", jobEstimate, jobBrings-jobEstimate)
	}
}

func TestAnEstimateCountsTheInputsAndNotTheMask(t *testing.T) {
	t.Parallel()
	w, d := newDrawer()
	source, mask := d.ready(t, w, upload.Source, drawing(t, 64, 64)), d.ready(t, w, upload.Mask, drawing(t, 64, 64))
	reference := d.ready(t, w, upload.Reference, drawing(t, 64, 64))
	made := order(t, w, "", edit(source, mask, reference)).Tasks[0]
	if got := until(t, w, made).Attempts[1].Usage; got != (task.Usage{CostMicroUSD: atOnceEstimate + 2*10_000, Estimated: true}) {
		t.Errorf("got %+v, want the estimate of an image made from two", got)
	}
}
