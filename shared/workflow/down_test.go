package workflow_test

import (
	"testing"
	"time"

	"darkroom/shared/catalog"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/workflow/simtest"
)

// Whichever call meets a key that is refused, operators hear of it. Only a submit shuts the provider.
func TestEveryCallThatNeedsAnOperatorRaisesTheAlarmAndASubmitAloneOpensTheBreaker(t *testing.T) {
	t.Parallel()
	down := &provider.Error{Class: provider.Down, Message: "wrong key"}
	for name, c := range map[string]struct {
		opens bool
		meet  func(t *testing.T) *simtest.World
	}{
		"a submit": {true, func(t *testing.T) *simtest.World {
			t.Helper()
			w := simtest.NewWorld()
			w.Jobs.OnSubmit = fails(provider.Down, 0)
			accepted(w, w.Create(t, simtest.JobModel))
			return w
		}},
		"a poll": {false, func(t *testing.T) *simtest.World {
			t.Helper()
			w, made, _ := running(t)
			w.Jobs.OnPoll = func(provider.Job) (provider.Report, error) { return provider.Report{}, down }
			if err := w.Handle(task.Message{Account: made.Account, Task: made.ID, Queue: task.PollQueue}); err != nil {
				t.Fatal(err)
			}
			return w
		}},
		"a cancel": {false, func(t *testing.T) *simtest.World {
			t.Helper()
			w, _, _ := running(t)
			w.Jobs.OnCancel = func(provider.Job) error { return down }
			w.Clock.Add(time.Hour) // past the deadline: its job is not wanted any more
			if _, err := w.Sweeper.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			w.Drain()
			return w
		}},
		"a look-up": {false, func(t *testing.T) *simtest.World {
			t.Helper()
			w := simtest.NewWorld()
			w.Jobs.OnSubmit = lostAnswer
			w.Jobs.OnLookup = func(string) (*provider.Job, error) { return nil, down }
			made := w.Create(t, simtest.JobModel)
			accepted(w, made)
			w.Clock.Add(simtest.Rules.Grace + time.Second)
			if err := w.Handle(task.Message{Account: made.Account, Task: made.ID, Queue: task.SubmitQueue}); err != nil {
				t.Fatal(err)
			}
			return w
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := c.meet(t)
			if n := w.Counts.Of("ProviderDown"); n != 1 {
				t.Errorf("counted %v times, want once", n)
			}
			item, err := w.Store.Store.Get(ctx, catalog.SwitchKey("bfl"))
			if opened := catalog.BreakerFrom(item).Open(task.Millis(w.Clock.Now())); err != nil || opened != c.opens {
				t.Errorf("the breaker is open: %v, %v; want %v", opened, err, c.opens)
			}
		})
	}
}
