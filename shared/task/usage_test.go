package task_test

import (
	"reflect"
	"testing"

	"darkroom/shared/asset"
	"darkroom/shared/task"
	tr "darkroom/shared/transition"
)

var (
	guess   = task.Usage{CostMicroUSD: 30_000, Estimated: true}
	charged = task.Usage{CostMicroUSD: 45_000, OutputMilliMP: 2000}
	metered = task.Usage{ComputeMS: 5858}
)

// usageAfter is what a decision's move records of an attempt's usage, read back as a later step reads it.
func usageAfter(t *testing.T, subject *task.Task, e task.Event) (task.Usage, *task.Move) {
	t.Helper()
	d := rules.Decide(subject, e, clock)
	if d.Move == nil {
		t.Fatalf("%+v in %s moves nothing: %s", e, subject.State, d.Note)
	}
	item := stored(subject)
	recorded, records := d.Move.Args["usage"]
	attempt, claims := d.Move.Args["attempt"]
	switch {
	case records:
		changes{"attempts.1.usage": recorded}.on(item)
	case claims:
		changes{"attempts.1": attempt}.on(item)
	default: // it stays as it is
		return subject.Attempts[1].Usage, d.Move
	}
	return task.From(subject.Key(), item).Attempts[1].Usage, d.Move
}

// with is a task whose first attempt has a usage on record.
func with(state task.State, u task.Usage) *task.Task {
	subject := given(state)
	a := subject.Attempts[1]
	a.Usage = u
	subject.Attempts[1] = a
	return subject
}

func TestAClaimRecordsTheEstimate(t *testing.T) {
	t.Parallel()
	for estimate, want := range map[int64]task.Usage{30_000: guess, 0: {}} {
		hint := submit
		hint.EstimateMicroUSD = estimate
		if got, _ := usageAfter(t, given(task.Queued), hint); got != want {
			t.Errorf("estimate %d: got %+v, want %+v", estimate, got, want)
		}
	}
}

func TestWhatTheProviderTellsTakesThePlaceOfTheEstimate(t *testing.T) {
	t.Parallel()
	fresh := task.Source{URL: "https://img.example/2.png"}
	for name, c := range map[string]struct {
		before task.Usage
		state  task.State
		event  task.Event
		want   task.Usage
	}{
		"AJobThatTellsItsCost":         {guess, task.Submitting, task.Accepted{Attempt: 1, Job: "j1", Usage: charged}, charged},
		"AJobThatTellsNothing":         {guess, task.Submitting, task.Accepted{Attempt: 1, Job: "j1"}, guess},
		"AnAdoptedJob":                 {guess, task.Submitting, task.Accepted{Attempt: 1, Job: "j1", Found: true}, guess},
		"ASuccessThatTellsItsCost":     {guess, task.Submitting, task.Succeeded{Attempt: 1, Source: source1, Usage: charged}, charged},
		"ASuccessThatTellsWorkAlone":   {guess, task.Running, task.Succeeded{Attempt: 1, Source: source1, Usage: metered}, task.Usage{CostMicroUSD: 30_000, Estimated: true, ComputeMS: 5858}},
		"ASuccessAfterTheCostWasTold":  {charged, task.Running, task.Succeeded{Attempt: 1, Source: source1}, charged},
		"MoreIsToldOfTheSameWork":      {charged, task.Running, task.Succeeded{Attempt: 1, Source: source1, Usage: metered}, task.Usage{CostMicroUSD: 45_000, OutputMilliMP: 2000, ComputeMS: 5858}},
		"AFreshLinkTellsTheUnits":      {guess, task.Storing, task.Succeeded{Attempt: 1, Source: fresh, Usage: task.Usage{MilliUnits: 1000}}, task.Usage{CostMicroUSD: 30_000, Estimated: true, MilliUnits: 1000}},
		"AnAttemptOfAnOlderVersion":    {task.Usage{}, task.Running, task.Succeeded{Attempt: 1, Source: source1, Usage: metered}, metered},
		"AFailedJobThatTellsItsCost":   {guess, task.Running, task.Failing{Attempt: 1, Reason: task.JobLost, Usage: charged}, charged},
		"ARefusalThatTellsItsCost":     {guess, task.Submitting, task.Failing{Attempt: 1, Reason: task.ModeratedAway, Usage: task.Usage{CostMicroUSD: 6, InputTokens: 12}}, task.Usage{CostMicroUSD: 6, InputTokens: 12}},
		"AnEmptyAnswerThatTellsTokens": {guess, task.Submitting, task.Failing{Attempt: 1, Reason: task.JobLost, Usage: task.Usage{InputTokens: 12}}, task.Usage{CostMicroUSD: 30_000, Estimated: true, InputTokens: 12}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, _ := usageAfter(t, with(c.state, c.before), c.event); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

var source1 = task.Source{URL: "https://img.example/0.png"}

// A call that was refused is not billed. One that may have been executed, and a job that was accepted, may be.
func TestAFailedAttemptCostsItsEstimateUnlessItWasNeverExecuted(t *testing.T) {
	t.Parallel()
	for reason, want := range map[task.FailReason]struct{ refused, afterAcceptance task.Usage }{
		task.RejectedByProvider: {task.Usage{}, guess},
		task.ModeratedAway:      {task.Usage{}, guess},
		task.BadInput:           {task.Usage{}, guess},
		task.NotExecuted:        {task.Usage{}, guess},
		task.AnswerLost:         {guess, guess},
		task.JobLost:            {guess, guess},
	} {
		for state, want := range map[task.State]task.Usage{task.Submitting: want.refused, task.Running: want.afterAcceptance} {
			for _, most := range []int{1, 3, task.RefusedLimit} { // of attempts: T6, T7 or T7r
				subject := with(state, guess)
				subject.Max = most
				got, move := usageAfter(t, subject, failingFor(reason))
				if got != want {
					t.Errorf("%s in %s by %s: got %+v, want %+v", reason, state, move.Transition.ID, got, want)
				}
				if move.Transition.Money == task.Release && move.ProviderCostMicroUSD != want.CostMicroUSD {
					t.Errorf("%s in %s by %s: the release counts %d, want %d", reason, state, move.Transition.ID, move.ProviderCostMicroUSD, want.CostMicroUSD)
				}
			}
		}
	}
}

func TestEveryEndCountsAllAttempts(t *testing.T) {
	t.Parallel()
	two := func(state task.State) *task.Task {
		subject := with(state, guess)
		subject.Att = 2
		subject.Attempts[2] = task.Attempt{Provider: "fal", Usage: charged}
		return subject
	}
	late := two(task.Running)
	late.DeadlineAt = now
	for name, c := range map[string]struct {
		subject *task.Task
		event   task.Event
	}{
		"Completed":   {two(task.Storing), task.Stored{Asset: asset.Asset{SHA256: "ab"}}},
		"Unusable":    {two(task.Storing), task.Unusable{LeaseID: "MINE"}},
		"Released":    {two(task.Running), task.ForcedRelease{By: "olga", Why: "stuck"}},
		"Cancelled":   {two(task.Backoff), task.Cancel{}},
		"OutOfTime":   {late, task.Sweep{}},
		"FailedAtEnd": {two(task.Running), task.Failing{Attempt: 2, Reason: task.RejectedByProvider}},
	} {
		d := rules.Decide(c.subject, c.event, clock)
		if d.Move == nil || d.Move.Transition.Money == task.NoMoney || d.Move.ProviderCostMicroUSD != guess.CostMicroUSD+charged.CostMicroUSD {
			t.Errorf("%s: %+v, want an end that counts %d", name, d.Move, guess.CostMicroUSD+charged.CostMicroUSD)
		}
	}
}

func TestDecidingLeavesTheTaskAsItWasRead(t *testing.T) {
	t.Parallel()
	subject := with(task.Running, guess)
	before := with(task.Running, guess)
	rules.Decide(subject, task.Failing{Attempt: 1, Reason: task.JobLost, Usage: charged}, clock)
	if !reflect.DeepEqual(subject, before) {
		t.Errorf("got %+v, was %+v", subject, before)
	}
}

func TestAUsageIsReadBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	told := task.Usage{CostMicroUSD: 1, InputTokens: 2, OutputTokens: 3, InputMilliMP: 4, OutputMilliMP: 5, MilliUnits: 6, ComputeMS: 7}
	got, move := usageAfter(t, with(task.Running, task.Usage{}), task.Succeeded{Attempt: 1, Source: source1, Usage: told})
	if got != told {
		t.Errorf("got %+v, want %+v", got, told)
	}
	if item := move.Args["usage"].(tr.Item); len(item) != 7 || item["estimated"] != nil {
		t.Errorf("the item is %v", item)
	}
}
