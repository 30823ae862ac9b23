package task_test

import (
	"slices"
	"testing"

	"darkroom/shared/credit"
	"darkroom/shared/task"
)

// TestThePublicStatusNeverGoesBack walks every move of the table from every state.
func TestThePublicStatusNeverGoesBack(t *testing.T) {
	t.Parallel()
	place := func(s task.State) int { return slices.Index(task.Statuses, s.Status()) }
	edges := 0
	for _, move := range task.Transitions {
		if move.To == "" {
			continue
		}
		if len(move.From) == 0 {
			t.Errorf("%s leads to %s from any state", move.ID, move.To)
		}
		for _, from := range move.From {
			edges++
			if place(task.State(move.To)) < place(task.State(from)) {
				t.Errorf("%s leads from %s (%s) back to %s (%s)", move.ID, from, task.State(from).Status(), move.To, task.State(move.To).Status())
			}
			if task.State(from).Terminal() {
				t.Errorf("%s leads out of %s, which is final", move.ID, from)
			}
		}
	}
	if edges < 50 {
		t.Errorf("only %d edges were walked", edges)
	}
}

// TestEveryOpenStateReachesAnEnd: from every open state there is a way to an image and a way to the credits back, except that only a failure is
// certain where an operator or the clock decides.
func TestEveryOpenStateReachesAnEnd(t *testing.T) {
	t.Parallel()
	reaches := func(goal task.State) map[string]bool {
		found := map[string]bool{string(goal): true}
		for grown := true; grown; {
			grown = false
			for _, move := range task.Transitions {
				for _, from := range move.From {
					if move.To != "" && found[move.To] && !found[from] && move.Money != task.NoMoney == task.State(move.To).Terminal() {
						found[from], grown = true, true
					}
				}
			}
		}
		return found
	}
	completed, failed := reaches(task.Completed), reaches(task.Failed)
	for _, state := range open {
		if !completed[state] || !failed[state] {
			t.Errorf("from %s: completed %t, failed %t; both must be in reach", state, completed[state], failed[state])
		}
	}
	if completed["FAILED"] || failed["COMPLETED"] {
		t.Error("one end leads to the other")
	}
}

func TestARecordedSuccessFailsOnlyByStoringItself(t *testing.T) {
	t.Parallel()
	var exits []string
	for _, move := range task.Transitions {
		if slices.Contains(move.From, "STORING") && move.To != "" {
			exits = append(exits, move.ID)
		}
	}
	if want := []string{"T10", "T11", "T11p", "T16", "T17", "T21c", "T21f"}; !slices.Equal(exits, want) {
		t.Errorf("moves out of STORING: got %v, want %v", exits, want)
	}
}

func TestOnlyMovesThatEndATaskMoveMoneyAndAllOfThemDo(t *testing.T) {
	t.Parallel()
	for _, move := range task.Transitions {
		want := task.NoMoney
		switch {
		case move.ID == "T21c", move.ID == "T21f": // they follow a settle entry that is there
		case move.To == "COMPLETED":
			want = task.Capture
		case move.To == "FAILED":
			want = task.Release
		}
		if move.Money != want {
			t.Errorf("%s leads to %q and moves %q, want %q", move.ID, move.To, move.Money, want)
		}
	}
}

func TestEveryMoneyMoveBringsTheSettleEntryAndTheBalanceGuard(t *testing.T) {
	t.Parallel()
	settled := 0
	for _, transition := range task.Transitions {
		move := task.Move{Transition: transition, Account: account, Task: taskID, Cost: 5, Entry: "internal", By: "op", At: now}
		writes := move.Writes()
		if writes[task.TaskPart].Row != &transition.Row || writes[task.TaskPart].Key != task.Key(account, taskID) {
			t.Errorf("%s: the first write is not the task's", transition.ID)
		}
		if transition.Money == task.NoMoney {
			if len(writes) != 1 {
				t.Errorf("%s moves no money and has %d writes", transition.ID, len(writes))
			}
			continue
		}
		settled++
		row, kind := credit.Release, credit.KindRelease
		if transition.Money == task.Capture {
			row, kind = credit.Capture, credit.KindCapture
		}
		if len(writes) != 3 {
			t.Fatalf("%s has %d writes, want task, balance and settle entry", transition.ID, len(writes))
		}
		balance, entry := writes[task.BalancePart], writes[task.SettlePart]
		if balance.Row != row || balance.Key != credit.BalanceKey(account) || balance.Args["cost"] != int64(5) || balance.Args["-cost"] != int64(-5) {
			t.Errorf("%s: balance write %+v", transition.ID, balance)
		}
		if entry.Row != nil || entry.Key != credit.SettleKey(account, taskID.ULID()) {
			t.Errorf("%s: the settle entry is not put if absent under the task's one key: %+v", transition.ID, entry)
		}
		if entry.Put.Text("kind") != string(kind) || entry.Put.Int("amount") != 5 || entry.Put.Text("task") != string(taskID) {
			t.Errorf("%s: settle entry %v", transition.ID, entry.Put)
		}
	}
	if settled != 9 {
		t.Errorf("%d rows move money, want 9: T6, T8, T8c, T9f, T10, T11, T11p, T16, T17", settled)
	}
}

func TestEveryFailureHasWordsThatNameNoProvider(t *testing.T) {
	t.Parallel()
	for _, code := range []task.FailureCode{task.Moderated, task.InvalidInput, task.ProviderRejected, task.ProviderUnavailable, task.DeadlineExceeded,
		task.OutputUnusable, task.Cancelled, task.Released, task.Internal} {
		if f := task.Fail(code); f.Code != code || f.Message == "" {
			t.Errorf("%s: got %+v", code, f)
		}
	}
}

func TestAFailureKeepsItsReasonInTaskAndLedger(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state task.State
		given func(*task.Task)
		event task.Event
		code  task.FailureCode
		entry string
		by    string
	}{
		{task.Running, nil, failingFor(task.RejectedByProvider), task.ProviderRejected, "provider_rejected", ""},
		{task.Running, nil, failingFor(task.ModeratedAway), task.Moderated, "moderated", ""},
		{task.Submitting, nil, failingFor(task.BadInput), task.InvalidInput, "invalid_input", ""},
		{task.Running, lastAttempt(1), failingFor(task.JobLost), task.ProviderUnavailable, "provider_unavailable", ""},
		{task.Submitting, both(leaseUntil(0), lastAttempt(1)), task.Unstaged{Attempt: 1}, task.ProviderUnavailable, "provider_unavailable", ""},
		{task.Queued, deadline(0), task.Sweep{}, task.DeadlineExceeded, "deadline_exceeded", ""},
		{task.Storing, tries(6), task.Sweep{}, task.OutputUnusable, "output_unusable", ""},
		{task.Storing, nil, task.Unusable{LeaseID: "MINE"}, task.OutputUnusable, "output_unusable", ""},
		{task.Storing, nil, task.Unusable{LeaseID: "MINE", Moderated: true}, task.Moderated, "moderated", ""},
		{task.Created, nil, task.Cancel{}, task.Cancelled, "cancelled", ""},
		{task.Running, faults(5), task.Crashed{}, task.Internal, "internal", ""},
		{task.Running, nil, task.ForcedRelease{By: "op", Why: "stuck since Monday"}, task.Released, "stuck since Monday", "op"},
	} {
		subject := given(c.state)
		if c.given != nil {
			c.given(subject)
		}
		d := rules.Decide(subject, c.event, clock)
		if d.Move == nil {
			t.Errorf("%s, %T: no move", c.state, c.event)
			continue
		}
		made := task.From(subject.Key(), d.Move.Transition.Apply(stored(subject), d.Move.Args))
		if made.Error == nil || *made.Error != task.Fail(c.code) {
			t.Errorf("%s, %T: the task says %+v, want %s", c.state, c.event, made.Error, c.code)
		}
		entry := d.Move.Writes()[task.SettlePart].Put
		if entry.Text("reason") != c.entry || entry.Text("by") != c.by || entry.Int("at") != now {
			t.Errorf("%s, %T: the ledger says %v, want reason %q by %q at %d", c.state, c.event, entry, c.entry, c.by, now)
		}
	}
}
