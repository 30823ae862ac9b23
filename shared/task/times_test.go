package task_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"darkroom/shared/task"
)

func genID() *rapid.Generator[task.ID] {
	return rapid.Custom(func(t *rapid.T) task.ID {
		return task.NewID(rapid.StringMatching(`[0-7][0-9A-HJKMNP-TV-Z]{25}`).Draw(t, "ulid"))
	})
}

func TestRetryDelayStaysBetweenHalfTheBoundAndTheBound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := genID().Draw(t, "id")
		n := rapid.IntRange(0, 1000).Draw(t, "n")
		base := time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "base"))
		limit := time.Duration(rapid.Int64Range(int64(base), int64(24*time.Hour)).Draw(t, "limit"))
		bound := limit
		if doublings := min(n, 30); base<<doublings>>doublings == base && base<<doublings > 0 {
			bound = min(limit, base<<doublings)
		}
		got := task.RetryDelay(id, n, base, limit)
		if got < bound/2-1 || got > bound {
			t.Fatalf("got %s, want between %s and %s", got, bound/2, bound)
		}
		if again := task.RetryDelay(id, n, base, limit); again != got {
			t.Fatalf("the same question has two answers: %s and %s", got, again)
		}
	})
}

func TestRetryDelaySpreadsTasks(t *testing.T) {
	t.Parallel()
	shortest, longest := time.Hour, time.Duration(0)
	for i := range 100 {
		wait := task.RetryDelay(task.NewID(string(rune('A'+i%26))+string(rune('A'+i/26))), 10, time.Second, time.Minute)
		shortest, longest = min(shortest, wait), max(longest, wait)
	}
	if shortest > 35*time.Second || longest < 55*time.Second {
		t.Errorf("100 tasks wait between %s and %s, want the whole range from 30 s to 60 s", shortest, longest)
	}
}

func TestPollHintsAreTenMessagesThatAQueueCanDelay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		usual := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "usual"))
		hints := task.PollHints(usual)
		if len(hints) != 10 {
			t.Fatalf("%d hints; one batch holds ten", len(hints))
		}
		before := time.Duration(0)
		for _, h := range hints {
			if h.To != task.ToPoll || h.Delay < time.Second || h.Delay > 15*time.Minute || h.Delay%time.Second != 0 || h.Delay < before {
				t.Fatalf("%+v after %s; want whole seconds up to 15 min, none before the last", h, before)
			}
			before = h.Delay
		}
	})
}

func TestPollHintsOfAUsualModelAreThoseOfTheDesign(t *testing.T) {
	t.Parallel()
	want := []int{2, 5, 10, 20, 40, 80, 140, 220, 340, 600} // seconds
	for i, h := range task.PollHints(6 * time.Second) {
		if int(h.Delay/time.Second) != want[i] {
			t.Errorf("hint %d: got %s, want %ds", i, h.Delay, want[i])
		}
	}
}

// TestASweepNeverSleepsPastTheDeadline: an open task is due again within the step of the sweep, and at its deadline if that is nearer.
func TestASweepNeverSleepsPastTheDeadline(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		subject := given(rapid.SampledFrom(task.States[:6]).Draw(t, "state"))
		subject.DeadlineAt = in(time.Duration(rapid.Int64Range(int64(-time.Hour), int64(time.Hour)).Draw(t, "deadline")))
		subject.LeaseUntil = in(time.Duration(rapid.Int64Range(int64(-time.Hour), int64(time.Hour)).Draw(t, "lease")))
		subject.NextAt = in(time.Duration(rapid.Int64Range(int64(-time.Hour), int64(24*time.Hour)).Draw(t, "next")))
		d := rules.Decide(subject, task.Sweep{}, clock)
		if d.Move.Transition != task.T12 {
			return
		}
		due := d.Move.Args["due"].(int64)
		latest := in(rules.Sweep)
		if subject.DeadlineAt > now && subject.State != task.Storing {
			latest = min(latest, subject.DeadlineAt)
		}
		if due <= now || due > latest {
			t.Fatalf("%s is due %d ms from now, want 1 to %d", subject.State, due-now, latest-now)
		}
	})
}

func TestEveryHintFitsAQueue(t *testing.T) {
	t.Parallel()
	for _, row := range matrix {
		for _, state := range task.States {
			subject := given(state)
			if row.given != nil {
				row.given(subject)
			}
			for _, h := range rules.Decide(subject, row.event, clock).Hints {
				if h.Delay < 0 || h.Delay > 15*time.Minute {
					t.Errorf("%s, %T %s: hint after %s", state, row.event, row.when, h.Delay)
				}
			}
		}
	}
}

func TestAProvidersWishToWaitIsKept(t *testing.T) {
	t.Parallel()
	subject := given(task.Submitting)
	d := rules.Decide(subject, task.Failing{Attempt: 1, Reason: task.NotExecuted, RetryAfter: 5 * time.Minute}, clock)
	if got := d.Move.Args["next_at"]; got != in(5*time.Minute) {
		t.Errorf("next try at %v, want %d", got, in(5*time.Minute))
	}
	if len(d.Hints) != 1 || d.Hints[0].Delay != 5*time.Minute {
		t.Errorf("hints %+v, want one in five minutes", d.Hints)
	}
}
