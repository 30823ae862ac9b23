package task_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/shared/asset"
	"darkroom/shared/task"
)

// matrixRow says what follows from an event in each of the eight states, in the order of task.States. A cell is the row's id, then ":step" when the step
// goes on, then ">queue" for each hint; "(note)" when nothing happens for that reason; "." when nothing happens at all.
type matrixRow struct {
	when  string
	given func(*task.Task)
	event task.Event
	cells string
}

var (
	submit     = task.SubmitHint{LeaseID: "NEW", Provider: "bfl", CallTime: 30 * time.Second, RetryAt: clock.Add(45 * time.Second)}
	noProvider = task.SubmitHint{LeaseID: "NEW", RetryAt: clock.Add(45 * time.Second)}
	freshLink  = task.Source{URL: "https://img.example/2.png"}
	sameLink   = task.Source{URL: "https://img.example/1.png"}
	staged     = task.Source{Staged: "stage/t/1"}
)

func failingFor(reason task.FailReason) task.Failing {
	return task.Failing{Attempt: 1, Reason: reason, LeaseID: "MINE"}
}

// matrix is every event, in every state, in every condition that makes a difference.
var matrix = []matrixRow{
	//                                                          CREATED QUEUED SUBMITTING RUNNING BACKOFF STORING COMPLETED FAILED
	{"as usual", nil, submit, "T3:call-provider T3:call-provider (repeated) (repeated) T3:call-provider (repeated) (repeated) (repeated)"},
	{"the lease is over", leaseUntil(0), submit, "T3:call-provider T3:call-provider .:repair-submit (repeated) T3:call-provider (repeated) (repeated) (repeated)"},
	{"it has to wait", func(t *task.Task) { t.NextAt = in(time.Millisecond) }, submit, "(not-yet) (not-yet) (repeated) (repeated) (not-yet) (repeated) (repeated) (repeated)"},
	{"every attempt is used", func(t *task.Task) { t.Att = t.Max }, submit, "(not-yet) (not-yet) (repeated) (repeated) (not-yet) (repeated) (repeated) (repeated)"},
	{"no time for an attempt is left", deadline(90 * time.Second), submit, "(not-yet) (not-yet) (repeated) (repeated) (not-yet) (repeated) (repeated) (repeated)"},
	{"just enough time is left", deadline(90*time.Second + time.Millisecond), submit, "T3:call-provider T3:call-provider (repeated) (repeated) T3:call-provider (repeated) (repeated) (repeated)"},
	{"every provider is off", nil, noProvider, "T14 T14 (repeated) (repeated) T14 (repeated) (repeated) (repeated)"},
	{"the deadline has passed", deadline(0), submit, "T8 T8 (repeated) T8>poll T8 (repeated) (repeated) (repeated)"},
	{"past the deadline, the lease is just over", both(deadline(0), leaseUntil(-time.Millisecond)), submit, "T8 T8 .:repair-submit T8>poll T8 (repeated) (repeated) (repeated)"},
	{"past the deadline, the lease is long over", both(deadline(0), leaseUntil(-2*time.Minute)), submit, "T8 T8 T8 T8>poll T8 (repeated) (repeated) (repeated)"},

	{"as usual", nil, task.PollHint{}, "(repeated) (repeated) (repeated) .:ask-provider (repeated) (repeated) (repeated) (repeated)"},
	{"a store try has failed", func(t *task.Task) { t.StoreTries = 1 }, task.PollHint{}, "(repeated) (repeated) (repeated) .:ask-provider (repeated) .:refresh-source (repeated) (repeated)"},
	{"a store try still runs", both(leaseUntil(time.Minute), func(t *task.Task) { t.StoreTries = 1 }), task.PollHint{}, "(repeated) (repeated) (repeated) .:ask-provider (repeated) (repeated) (repeated) (repeated)"},
	{"the output is staged", func(t *task.Task) { t.StoreTries, t.Source = 1, staged }, task.PollHint{}, "(repeated) (repeated) (repeated) .:ask-provider (repeated) (repeated) (repeated) (repeated)"},
	{"another attempt's job is open", openJob, task.PollHint{}, "(repeated) (repeated) (repeated) .:ask-provider (repeated) (repeated) .:cancel-job .:cancel-job"},
	{"the other attempt's job has ended", both(openJob, endedJob), task.PollHint{}, "(repeated) (repeated) (repeated) .:ask-provider (repeated) (repeated) (repeated) (repeated)"},

	{"as usual", nil, task.StoreHint{LeaseID: "NEW"}, "(repeated) (repeated) (repeated) (repeated) (repeated) T5s:fetch-output (repeated) (repeated)"},
	{"a store try still runs", leaseUntil(time.Millisecond), task.StoreHint{LeaseID: "NEW"}, "(repeated) (repeated) (repeated) (repeated) (repeated) (not-yet) (repeated) (repeated)"},
	{"every try is used", tries(6), task.StoreHint{LeaseID: "NEW"}, "(repeated) (repeated) (repeated) (repeated) (repeated) T11 (repeated) (repeated)"},
	{"the time to store is over", func(t *task.Task) { t.StoreUntil = now }, task.StoreHint{LeaseID: "NEW"}, "(repeated) (repeated) (repeated) (repeated) (repeated) T11 (repeated) (repeated)"},
	{"given up with another job open", both(openJob, tries(6)), task.StoreHint{LeaseID: "NEW"}, "(repeated) (repeated) (repeated) (repeated) (repeated) T11>poll (repeated) (repeated)"},
	{"deleted, can be restored", deleted(-7*24*time.Hour + time.Millisecond), task.StoreHint{LeaseID: "NEW"}, "(repeated) (repeated) (repeated) (repeated) (repeated) T5s:fetch-output (repeated) (repeated)"},
	{"deleted seven days ago", deleted(-7 * 24 * time.Hour), task.StoreHint{LeaseID: "NEW"}, "(repeated) (repeated) (repeated) (repeated) (repeated) T5s:fetch-output T20:erase-objects T20:erase-objects"},
	{"marked by the move that failed it", toErase, task.StoreHint{LeaseID: "NEW"}, "(repeated) (repeated) (repeated) (repeated) (repeated) T5s:fetch-output T20:erase-objects T20:erase-objects"},
	{"a step died while it erased", erasing, task.StoreHint{LeaseID: "NEW"}, "(repeated) (repeated) (repeated) (repeated) (repeated) T5s:fetch-output .:erase-objects .:erase-objects"},
	{"erased", both(erasing, erased), task.StoreHint{LeaseID: "NEW"}, "(repeated) (repeated) (repeated) (repeated) (repeated) T5s:fetch-output (repeated) (repeated)"},

	{"as usual", nil, task.Sweep{}, "T12>submit T12>submit T12 T12>poll T12>submit T12>store (repeated) (repeated)"},
	{"the lease is over", leaseUntil(0), task.Sweep{}, "T12>submit T12>submit T12>submit T12>poll T12>submit T12>store (repeated) (repeated)"},
	{"a step still has its lease", leaseUntil(time.Millisecond), task.Sweep{}, "T12>submit T12>submit T12 T12>poll T12>submit T12 (repeated) (repeated)"},
	{"it has to wait", func(t *task.Task) { t.NextAt = in(time.Millisecond) }, task.Sweep{}, "T12 T12 T12 T12>poll T12 T12>store (repeated) (repeated)"},
	{"the deadline has passed", deadline(0), task.Sweep{}, "T8 T8 T12 T8>poll T8 T12>store (repeated) (repeated)"},
	{"past the deadline, the lease is long over", both(deadline(0), leaseUntil(-2*time.Minute)), task.Sweep{}, "T8 T8 T8 T8>poll T8 T12>store (repeated) (repeated)"},
	{"four handlers crashed on it", faults(4), task.Sweep{}, "T12>submit T12>submit T12 T12>poll T12>submit T12>store (repeated) (repeated)"},
	{"five handlers crashed on it", faults(5), task.Sweep{}, "T16 T16 T16 T16>poll T16 T16 (repeated) (repeated)"},
	{"every try is used", tries(6), task.Sweep{}, "T12>submit T12>submit T12 T12>poll T12>submit T11 (repeated) (repeated)"},
	{"the last try still runs", both(tries(6), leaseUntil(time.Millisecond)), task.Sweep{}, "T12>submit T12>submit T12 T12>poll T12>submit T12 (repeated) (repeated)"},
	{"the time to store is over", func(t *task.Task) { t.StoreUntil = now }, task.Sweep{}, "T12>submit T12>submit T12 T12>poll T12>submit T11 (repeated) (repeated)"},
	{"deleted seven days ago", deleted(-7 * 24 * time.Hour), task.Sweep{}, "T12>submit T12>submit T12 T12>poll T12>submit T12>store T12>store T12>store"},
	{"marked by the move that failed it", toErase, task.Sweep{}, "T12>submit T12>submit T12 T12>poll T12>submit T12>store T12>store T12>store"},
	{"a step died while it erased", erasing, task.Sweep{}, "T12>submit T12>submit T12 T12>poll T12>submit T12>store T12>store T12>store"},
	{"erased", both(erasing, erased), task.Sweep{}, "T12>submit T12>submit T12 T12>poll T12>submit T12>store (repeated) (repeated)"},

	{"of the current attempt", nil, task.Accepted{Attempt: 1, Job: "j2"}, "(superseded) (superseded) T4 (superseded) T4 (superseded) (superseded) (superseded)"},
	{"the job is known", nil, task.Accepted{Attempt: 1, Job: "j1"}, "(superseded) (superseded) T4 (repeated) T4 (repeated) (repeated) (superseded)"},
	{"found by a look-up or a signed webhook", nil, task.Accepted{Attempt: 1, Job: "j2", Found: true}, "(superseded) (superseded) T13>poll (superseded) T13>poll (superseded) (superseded) (superseded)"},
	{"of an attempt before", second, task.Accepted{Attempt: 1, Job: "j2"}, "(superseded) (superseded) (superseded) (superseded) (superseded) (superseded) (superseded) (superseded)"},

	{"of the current attempt", nil, task.Succeeded{Attempt: 1, Source: sameLink}, "(superseded) (superseded) T5>store T5>store T5>store (repeated) (repeated) (late-success)"},
	{"with a fresh link", nil, task.Succeeded{Attempt: 1, Source: freshLink}, "(superseded) (superseded) T5>store T5>store T5>store T5r>store (repeated) (late-success)"},
	{"of an attempt before", second, task.Succeeded{Attempt: 1, Source: freshLink}, "(superseded) (superseded) T5>store T5>store T5>store (repeated) (repeated) (late-success)"},
	{"of an attempt that was never begun", nil, task.Succeeded{Attempt: 2, Source: freshLink}, "(superseded) (superseded) (superseded) (superseded) (superseded) (repeated) (repeated) (late-success)"},
	{"of no attempt", nil, task.Succeeded{Source: freshLink}, "(superseded) (superseded) (superseded) (superseded) (superseded) (repeated) (repeated) (late-success)"},

	{"for good", nil, failingFor(task.RejectedByProvider), "(superseded) (superseded) T6 T6 (repeated) (repeated) (repeated) (repeated)"},
	{"for good", nil, failingFor(task.ModeratedAway), "(superseded) (superseded) T6 T6 (repeated) (repeated) (repeated) (repeated)"},
	{"for good", nil, failingFor(task.BadInput), "(superseded) (superseded) T6 T6 (repeated) (repeated) (repeated) (repeated)"},
	{"not executed", nil, failingFor(task.NotExecuted), "(superseded) (superseded) T7r>submit T7>submit (repeated) (repeated) (repeated) (repeated)"},
	{"the answer was lost", nil, failingFor(task.AnswerLost), "(superseded) (superseded) T4a>submit T7>submit (repeated) (repeated) (repeated) (repeated)"},
	{"the job was lost", nil, failingFor(task.JobLost), "(superseded) (superseded) T7>submit T7>submit (repeated) (repeated) (repeated) (repeated)"},
	{"not executed, the last attempt", lastAttempt(1), failingFor(task.NotExecuted), "(superseded) (superseded) T7r>submit T6 (repeated) (repeated) (repeated) (repeated)"},
	{"the answer was lost, the last attempt", lastAttempt(1), failingFor(task.AnswerLost), "(superseded) (superseded) T4a>submit T6 (repeated) (repeated) (repeated) (repeated)"},
	{"the job was lost, the last attempt", lastAttempt(1), failingFor(task.JobLost), "(superseded) (superseded) T6 T6 (repeated) (repeated) (repeated) (repeated)"},
	{"not executed, twenty calls", func(t *task.Task) { t.Max = 20 }, failingFor(task.NotExecuted), "(superseded) (superseded) T7>submit T7>submit (repeated) (repeated) (repeated) (repeated)"},
	{"not executed, the twentieth call", lastAttempt(20), task.Failing{Attempt: 20, Reason: task.NotExecuted}, "(superseded) (superseded) T6 T6 (repeated) (repeated) (repeated) (repeated)"},
	{"the fourth attempt: the sweep sends the hint", lastAttempt(4), task.Failing{Attempt: 4, Reason: task.NotExecuted}, "(superseded) (superseded) T7r T6 (repeated) (repeated) (repeated) (repeated)"},
	{"longer than a message can wait", nil, task.Failing{Attempt: 1, Reason: task.NotExecuted, RetryAfter: time.Hour}, "(superseded) (superseded) T7r T7 (repeated) (repeated) (repeated) (repeated)"},
	{"of an attempt before", second, failingFor(task.RejectedByProvider), "(superseded) (superseded) (superseded) (superseded) (superseded) (superseded) (superseded) (superseded)"},

	{"still at work", nil, task.Pending{Attempt: 1}, ". . . . . . . ."},

	{"nothing found", leaseUntil(0), task.Unstaged{Attempt: 1}, "(repeated) (repeated) T9b>submit (repeated) (repeated) (repeated) (repeated) (repeated)"},
	{"nothing found, the last attempt", both(leaseUntil(0), lastAttempt(1)), task.Unstaged{Attempt: 1}, "(repeated) (repeated) T9f (repeated) (repeated) (repeated) (repeated) (repeated)"},
	{"nothing found of an attempt before", both(leaseUntil(0), second), task.Unstaged{Attempt: 1}, "(repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (repeated)"},
	{"the look-up failed", leaseUntil(0), task.LookupFailed{Attempt: 1}, "(repeated) (repeated) (not-yet) (repeated) (repeated) (repeated) (repeated) (repeated)"},
	{"the look-up fails on and on", leaseUntil(-2 * time.Minute), task.LookupFailed{Attempt: 1}, "(repeated) (repeated) T9b>submit (repeated) (repeated) (repeated) (repeated) (repeated)"},
	{"the look-up fails on and on, the last attempt", both(leaseUntil(-2*time.Minute), lastAttempt(1)), task.LookupFailed{Attempt: 1}, "(repeated) (repeated) T9f (repeated) (repeated) (repeated) (repeated) (repeated)"},
	{"the look-up failed for an attempt before", both(leaseUntil(0), second), task.LookupFailed{Attempt: 1}, "(repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (repeated)"},
	{"staged bytes found", leaseUntil(0), task.StagedFound{Attempt: 1, Source: staged}, "(repeated) (repeated) T9s>store (repeated) (repeated) (repeated) (repeated) (repeated)"},
	{"staged by an attempt before", both(leaseUntil(0), second), task.StagedFound{Attempt: 1, Source: staged}, "(repeated) (repeated) T9s>store (repeated) (repeated) (repeated) (repeated) (repeated)"},
	{"staged by no attempt we know", leaseUntil(0), task.StagedFound{Attempt: 2, Source: staged}, "(repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (repeated)"},
	{"staged by no attempt", leaseUntil(0), task.StagedFound{Source: staged}, "(repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (repeated)"},

	{"as usual", nil, task.Stored{Asset: asset.Asset{SHA256: "ab"}}, "(repeated) (repeated) (repeated) (repeated) (repeated) T10 (repeated) (repeated)"},
	{"another attempt's job is open", openJob, task.Stored{Asset: asset.Asset{SHA256: "ab"}}, "(repeated) (repeated) (repeated) (repeated) (repeated) T10>poll (repeated) (repeated)"},
	{"as usual", nil, task.StoreFailed{LeaseID: "MINE"}, "(repeated) (repeated) (repeated) (repeated) (repeated) T5f>store (repeated) (repeated)"},
	{"the link is dead", nil, task.StoreFailed{LeaseID: "MINE", DeadLink: true}, "(repeated) (repeated) (repeated) (repeated) (repeated) T5f>poll>store (repeated) (repeated)"},
	{"its check was not made", nil, task.StoreFailed{LeaseID: "MINE", HeldBack: true}, "(repeated) (repeated) (repeated) (repeated) (repeated) (not-yet) (repeated) (repeated)"},
	{"the last try", tries(6), task.StoreFailed{LeaseID: "MINE", DeadLink: true}, "(repeated) (repeated) (repeated) (repeated) (repeated) T5f (repeated) (repeated)"},
	{"as usual", nil, task.Unusable{LeaseID: "MINE"}, "(repeated) (repeated) (repeated) (repeated) (repeated) T11p (repeated) (repeated)"},
	{"our own check refused it", nil, task.Unusable{LeaseID: "MINE", Moderated: true}, "(repeated) (repeated) (repeated) (repeated) (repeated) T11p (repeated) (repeated)"},

	{"as usual", nil, task.Erased{Live: 1}, "(repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (repeated)"},
	{"of a deleted task", both(deleted(-8*24*time.Hour), erasing), task.Erased{Live: 2}, "(repeated) (repeated) (repeated) (repeated) (repeated) (repeated) T20s T20s"},
	{"of a failed task", both(toErase, erasing), task.Erased{Live: 1}, "(repeated) (repeated) (repeated) (repeated) (repeated) (repeated) T20k-impossible T20k"},
	{"a second time", both(erasing, erased), task.Erased{Live: 1}, "(repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (repeated)"},

	{"as usual", nil, task.Cancel{}, "T8c T8c (not-possible-now) (not-possible-now) T8c (not-possible-now) (not-possible-now) (not-possible-now)"},
	{"another attempt's job is open", openJob, task.Cancel{}, "T8c T8c (not-possible-now) (not-possible-now) T8c>poll (not-possible-now) (not-possible-now) (not-possible-now)"},
	{"as usual", nil, task.Delete{}, "(not-possible-now) (not-possible-now) (not-possible-now) (not-possible-now) (not-possible-now) (not-possible-now) T18 T18"},
	{"deleted already", deleted(-time.Hour), task.Delete{}, "(not-possible-now) (not-possible-now) (not-possible-now) (not-possible-now) (not-possible-now) (not-possible-now) (repeated) (repeated)"},
	{"its objects are about to be removed", toErase, task.Delete{}, "(not-possible-now) (not-possible-now) (not-possible-now) (not-possible-now) (not-possible-now) (not-possible-now) (not-possible-now) (not-possible-now)"},
	{"as usual", nil, task.Restore{}, "(repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (repeated)"},
	{"deleted", deleted(-time.Hour), task.Restore{}, "(repeated) (repeated) (repeated) (repeated) (repeated) (repeated) T19 T19"},
	{"its content is being erased", both(deleted(-8*24*time.Hour), erasing), task.Restore{}, "(repeated) (repeated) (repeated) (repeated) (repeated) (repeated) (not-possible-now) (not-possible-now)"},
	{"as usual", nil, task.ForcedRelease{By: "op", Why: "asked"}, "T17 T17 T17 T17>poll T17 T17 (not-possible-now) (not-possible-now)"},

	{"as usual", nil, task.Crashed{}, "T15 T15 T15 T15 T15 T15 (repeated) (repeated)"},
	{"four handlers crashed before", faults(4), task.Crashed{}, "T15 T15 T15 T15 T15 T15 (repeated) (repeated)"},
	{"five handlers crashed before", faults(5), task.Crashed{}, "T16 T16 T16 T16>poll T16 T16 (repeated) (repeated)"},
	{"the ledger has captured", nil, task.SettledAlready{Captured: true}, "T21c T21c T21c T21c T21c T21c (repeated) (repeated)"},
	{"the ledger has released", nil, task.SettledAlready{}, "T21f T21f T21f T21f T21f T21f (repeated) (repeated)"},
}

// Conditions of a task, for the matrix. Those about deletion apply to tasks that have ended, those about attempts to tasks that have begun one.
func leaseUntil(d time.Duration) func(*task.Task) {
	return func(t *task.Task) { t.LeaseUntil = in(d) }
}
func deadline(d time.Duration) func(*task.Task) {
	return func(t *task.Task) { t.DeadlineAt = in(d) }
}
func tries(n int) func(*task.Task)  { return func(t *task.Task) { t.StoreTries = n } }
func faults(n int) func(*task.Task) { return func(t *task.Task) { t.Faults = n } }
func lastAttempt(n int) func(*task.Task) {
	return func(t *task.Task) {
		if t.Att > 0 {
			t.Attempts[n] = t.Attempts[1]
			t.Att, t.Max = n, n
		}
	}
}
func second(t *task.Task) {
	if t.Att > 0 {
		t.Attempts[2], t.Attempts[1] = t.Attempts[1], task.Attempt{Provider: "bfl"}
		t.Att = 2
		if t.Win > 0 {
			t.Win = 2
		}
	}
}
func openJob(t *task.Task) {
	if second(t); t.Att > 0 {
		t.Attempts[1] = task.Attempt{Provider: "bfl", Job: "j0"}
	}
}
func endedJob(t *task.Task) {
	if t.Att > 0 {
		t.Attempts[1] = task.Attempt{Provider: "bfl", Job: "j0", Ended: true}
	}
}
func deleted(d time.Duration) func(*task.Task) {
	return func(t *task.Task) {
		if t.State.Terminal() {
			t.DeletedAt, t.Due = in(d), now
		}
	}
}
func toErase(t *task.Task) {
	if t.State.Terminal() {
		t.Erase, t.Due = true, now
	}
}
func erasing(t *task.Task) {
	if t.State.Terminal() {
		t.Erasing, t.Due = true, now
	}
}
func erased(t *task.Task) {
	if t.State.Terminal() {
		t.Erased, t.Due = true, 0
	}
}
func both(first, then func(*task.Task)) func(*task.Task) {
	return func(t *task.Task) { first(t); then(t) }
}

// cell describes a decision as the matrix does.
func cell(d task.Decision) string {
	text := "."
	if d.Move != nil {
		text = d.Move.Transition.ID
	}
	if d.Then != task.Nothing {
		text += ":" + string(d.Then)
	}
	for _, h := range d.Hints {
		text += ">" + string(h.To)
	}
	if text == "." && d.Note != "" {
		text = "(" + d.Note + ")"
	}
	return strings.ReplaceAll(text, " ", "-")
}

func TestEveryEventInEveryStateHasTheDecisionOfTheMatrix(t *testing.T) {
	t.Parallel()
	for _, row := range matrix {
		cells := strings.Fields(row.cells)
		if len(cells) != len(task.States) {
			t.Fatalf("%T %s: %d cells for %d states", row.event, row.when, len(cells), len(task.States))
		}
		for i, state := range task.States {
			if strings.HasSuffix(cells[i], "-impossible") { // a condition that no task of this state can be in
				continue
			}
			subject := given(state)
			if row.given != nil {
				row.given(subject)
			}
			d := rules.Decide(subject, row.event, clock)
			if got := cell(d); got != cells[i] {
				t.Errorf("%s, %T %s: got %s, want %s", state, row.event, row.when, got, cells[i])
			}
			// What is decided on a fresh reading is what the table allows: nothing is refused without a race.
			if d.Move != nil && !d.Move.Transition.Holds(stored(subject), d.Move.Args) {
				t.Errorf("%s, %T %s: %s is decided and refused at once", state, row.event, row.when, d.Move.Transition.ID)
			}
		}
	}
}

func TestTheMatrixReachesEveryRowAndEveryEvent(t *testing.T) {
	t.Parallel()
	used, events := map[string]bool{"T2": true}, map[string]bool{} // T2 is the create call's own; nothing decides it
	id := regexp.MustCompile(`\bT\d+[a-z]*\b`)
	for _, row := range matrix {
		events[strings.TrimPrefix(fmt.Sprintf("%T", row.event), "task.")] = true
		for _, cell := range strings.Fields(row.cells) {
			if !strings.HasSuffix(cell, "-impossible") {
				used[id.FindString(cell)] = true
			}
		}
	}
	for _, transition := range task.Transitions {
		if !used[transition.ID] {
			t.Errorf("no event in the matrix leads to %s %s", transition.ID, transition.Name)
		}
	}
	text, err := os.ReadFile("event.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`func \((\w+)\) event\(\)`).FindAllStringSubmatch(string(text), -1)
	if len(declared) < 20 {
		t.Fatalf("found only %d kinds of events in event.go", len(declared))
	}
	for _, kind := range declared {
		if !events[kind[1]] {
			t.Errorf("the matrix has no row for event %s", kind[1])
		}
	}
}

func TestAnUnknownStateOrANewerVersionIsLeftAloneAndLookedAtAgain(t *testing.T) {
	t.Parallel()
	newer := given(task.Running)
	newer.V = task.Version + 1
	unknown := given(task.Running)
	unknown.State = "PAUSED"
	for _, subject := range []*task.Task{newer, unknown} {
		for _, row := range matrix {
			want := "(unknown-state)"
			if _, sweep := row.event.(task.Sweep); sweep {
				want = "T12"
			}
			d := rules.Decide(subject, row.event, clock)
			if got := cell(d); got != want || d.Note != task.NoteNewer {
				t.Errorf("%s v%d, %T: got %s %q, want %s", subject.State, subject.V, row.event, got, d.Note, want)
			}
			if d.Move != nil && !d.Move.Transition.Holds(stored(subject), d.Move.Args) {
				t.Errorf("%s v%d: the touch is refused", subject.State, subject.V)
			}
		}
	}
}

func TestDecideDoesNotChangeTheTask(t *testing.T) {
	t.Parallel()
	for _, row := range matrix {
		for _, state := range task.States {
			subject := given(state)
			before := fmt.Sprintf("%+v", *subject)
			rules.Decide(subject, row.event, clock)
			if after := fmt.Sprintf("%+v", *subject); after != before {
				t.Errorf("%s, %T: the task was changed\nfrom %s\nto   %s", state, row.event, before, after)
			}
		}
	}
}

func TestStatesAreEight(t *testing.T) {
	t.Parallel()
	var names []string
	for _, state := range task.States {
		names = append(names, string(state))
	}
	if !slices.Equal(names, everyState) {
		t.Errorf("got %v, want %v", names, everyState)
	}
}
