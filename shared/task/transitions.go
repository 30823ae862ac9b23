package task

import (
	"slices"

	tr "darkroom/shared/transition"
)

// Money says what a move does to the task's credits.
type Money string

// The money moves. Capture and Release bring the second and third guard: the settle entry must be absent, and held >= cost.
const (
	NoMoney Money = ""
	Capture Money = "capture"
	Release Money = "release"
)

// Transition is one row of the table: a conditional change of the task's item, and what it does to credits.
type Transition struct {
	tr.Row
	Money Money
}

// Limits that conditions compare with.
const (
	RefusedLimit = 20 // provider calls of a task, refused ones included
	FaultLimit   = 5  // crashed handlers until a task is given up
)

// Groups of states that conditions name.
var (
	claimable  = []string{string(Created), string(Queued), string(Backoff)}
	attempting = []string{string(Submitting), string(Running)}
	succeeding = []string{string(Submitting), string(Running), string(Backoff)}
	beforeWin  = []string{string(Created), string(Queued), string(Submitting), string(Running), string(Backoff)}
	openStates = append(slices.Clone(beforeWin), string(Storing))
	terminal   = []string{string(Completed), string(Failed)}
)

// Effects that several rows share.
var (
	leaveIndex  = []tr.Effect{tr.Remove("shard"), tr.Remove("due")}
	clearLease  = []tr.Effect{tr.Set("lease_id", tr.Const("")), tr.Set("lease_until", tr.Const(int64(0)))}
	takeLease   = []tr.Effect{tr.Set("lease_id", tr.Param("lease_id")), tr.Set("lease_until", tr.Param("lease_until"))}
	markFailed  = []tr.Effect{tr.Set("error", tr.Param("error")), tr.SetOnce("timeline.failed", tr.Param("now"))}
	markErase   = []tr.Effect{tr.Set("erase", tr.Const(true))} // it stays in the index until its objects are gone
	recordUsage = []tr.Effect{tr.Set("attempts.{n}.usage", tr.Param("usage"))}
	recordJob   = effects(recordUsage, []tr.Effect{tr.Set("attempts.{n}.job", tr.Param("job")), tr.Set("attempts.{n}.handle", tr.Param("handle")), tr.Set("next_at", tr.Param("next_at"))})
	endAttempt  = effects(recordUsage, []tr.Effect{tr.Set("attempts.{n}.ended", tr.Const(true))})
	recordFound = []tr.Effect{tr.Set("win", tr.Param("n")), tr.Set("source", tr.Param("source")), tr.Set("faults", tr.Const(int64(0))), tr.Set("store_until", tr.Param("store_until"))}
)

func guards(all ...tr.Guard) []tr.Guard         { return all }
func effects(groups ...[]tr.Effect) []tr.Effect { return slices.Concat(groups...) }

// Guards that several rows share.
var (
	currentAttempt = tr.Equal("att", tr.Param("n"))
	mine           = tr.Equal("lease_id", tr.Param("lease_id"))
	leaseOver      = tr.AtMost("lease_until", tr.Param("now"))
	leaseAsRead    = tr.Equal("lease_until", tr.Param("read_lease_until"))
	asRead         = []tr.Guard{tr.Equal("state", tr.Param("read_state")), tr.Equal("att", tr.Param("read_att"))}
)

// The table. T0 and T1 make new items and stand in Open and Create; every other row changes one that is there.
var (
	// T2: the create call has sent the task's hint.
	T2 = row("T2", "queued", []string{string(Created)}, Queued, NoMoney, nil,
		effects([]tr.Effect{tr.Set("message", tr.Param("message")), tr.SetOnce("timeline.queued", tr.Param("now"))}))

	// T3: a submit step takes the next attempt, before it calls the provider.
	T3 = row("T3", "claim", claimable, Submitting, NoMoney,
		guards(tr.Equal("att", tr.Param("read_att")), tr.Less("att", tr.Attr("max")), tr.AtMost("next_at", tr.Param("now")), tr.More("deadline_at", tr.Param("lease_until"))),
		effects([]tr.Effect{tr.Add("att", tr.Const(int64(1))), tr.Set("attempts.{n}", tr.Param("attempt"))}, takeLease,
			[]tr.Effect{tr.SetOnce("timeline.processing", tr.Param("now"))}))

	// T4: the provider has accepted the current attempt.
	T4 = row("T4", "record job", []string{string(Submitting), string(Backoff)}, Running, NoMoney, guards(currentAttempt), effects(recordJob, clearLease))

	// T4a: the answer of the current attempt's call was lost; the call may be running.
	T4a = row("T4a", "ambiguous", []string{string(Submitting)}, "", NoMoney, guards(currentAttempt, mine),
		effects([]tr.Effect{tr.Set("lease_until", tr.Param("lease_until")), tr.Set("attempts.{n}.maybe", tr.Const(true))}))

	// T5: an attempt has succeeded, any attempt, the first one once.
	T5 = row("T5", "success", succeeding, Storing, NoMoney, guards(tr.AtLeast("att", tr.Param("n"))), effects(recordFound, recordUsage, clearLease))

	// T5r: the link of the recorded output is dead; here is a fresh one.
	T5r = row("T5r", "new source", []string{string(Storing)}, "", NoMoney, guards(tr.Equal("win", tr.Param("n"))), effects(recordUsage, []tr.Effect{tr.Set("source", tr.Param("source"))}))

	// T5s: a store step takes a try at bringing the image home.
	T5s = row("T5s", "store try", []string{string(Storing)}, "", NoMoney, guards(tr.Less("store_tries", tr.Param("limit")), leaseOver),
		effects([]tr.Effect{tr.Add("store_tries", tr.Const(int64(1)))}, takeLease))

	// T5f: that try failed; the next hint may try at once.
	T5f = row("T5f", "store try failed", []string{string(Storing)}, "", NoMoney, guards(mine), effects([]tr.Effect{tr.Set("lease_until", tr.Const(int64(0)))}))

	// T6: the current attempt has failed for good.
	T6 = row("T6", "failure", attempting, Failed, Release, guards(currentAttempt), effects(endAttempt, markFailed, clearLease, leaveIndex))

	// T7: the current attempt has failed, and another one is allowed.
	T7 = row("T7", "retry", attempting, Backoff, NoMoney, guards(currentAttempt, tr.Less("att", tr.Attr("max"))),
		effects(endAttempt, []tr.Effect{tr.Set("next_at", tr.Param("next_at"))}, clearLease))

	// T7r: the current attempt's call was certainly not executed, so it does not use up a try.
	T7r = row("T7r", "refused", []string{string(Submitting)}, Backoff, NoMoney, guards(currentAttempt, tr.Less("max", tr.Const(int64(RefusedLimit)))),
		effects(endAttempt, []tr.Effect{tr.Add("max", tr.Const(int64(1))), tr.Set("next_at", tr.Param("next_at"))}, clearLease))

	// T8: the deadline has passed without a success. A submit step that may still be calling gets its grace first.
	T8 = row("T8", "time-out", beforeWin, Failed, Release,
		guards(tr.AtMost("deadline_at", tr.Param("now")), tr.Any(tr.In("state", string(Created), string(Queued), string(Running), string(Backoff)), tr.AtMost("lease_until", tr.Param("late")))),
		effects(markFailed, clearLease, leaveIndex))

	// T8c: its owner cancels it while no provider works on it.
	T8c = row("T8c", "cancel", claimable, Failed, Release, nil, effects(markFailed, leaveIndex))

	// T9s, T9b, T9f: a submit step was lost. Staged bytes are a success that waits to be recorded; else the next attempt; else the end.
	T9s = row("T9s", "lost submit, staged", []string{string(Submitting)}, Storing, NoMoney, guards(tr.AtLeast("att", tr.Param("n")), leaseAsRead, leaseOver), effects(recordFound, clearLease))
	T9b = row("T9b", "lost submit, retry", []string{string(Submitting)}, Backoff, NoMoney, guards(currentAttempt, leaseAsRead, leaseOver, tr.Less("att", tr.Attr("max"))),
		effects([]tr.Effect{tr.Set("next_at", tr.Param("next_at"))}, clearLease))
	T9f = row("T9f", "lost submit, failure", []string{string(Submitting)}, Failed, Release, guards(currentAttempt, leaseAsRead, leaseOver), effects(markFailed, clearLease, leaveIndex))

	// T10: the image is in our bucket.
	T10 = row("T10", "complete", []string{string(Storing)}, Completed, Capture, nil,
		effects([]tr.Effect{tr.Set("asset", tr.Param("asset")), tr.SetOnce("timeline.completed", tr.Param("now")), tr.Remove("source")}, clearLease, leaveIndex))

	// T11: storing is given up.
	T11 = row("T11", "give up storing", []string{string(Storing)}, Failed, Release,
		guards(tr.Any(tr.AtLeast("store_tries", tr.Param("limit")), tr.AtMost("store_until", tr.Param("now"))), leaseOver), effects(markFailed, clearLease, markErase))

	// T11p: the output itself cannot be used.
	T11p = row("T11p", "unusable", []string{string(Storing)}, Failed, Release, guards(mine), effects(markFailed, clearLease, markErase))

	// T12: the sweep has seen it and looks again later. Also for states of a newer version.
	T12 = row("T12", "sweep touch", nil, "", NoMoney, guards(tr.Equal("due", tr.Param("read_due"))), effects([]tr.Effect{tr.Set("due", tr.Param("due"))}))

	// T13: a signed webhook or a look-up names the job of an attempt whose answer was lost. It comes with the job's adoption row, absent before.
	T13 = row("T13", "adopt", []string{string(Submitting), string(Backoff)}, Running, NoMoney, guards(currentAttempt), effects(recordJob, clearLease))

	// T14: its provider is off; not before next_at.
	T14 = row("T14", "postpone", openStates, "", NoMoney, asRead, effects([]tr.Effect{tr.Set("next_at", tr.Param("next_at"))}))

	// T15: a handler crashed on it.
	T15 = row("T15", "fault", openStates, "", NoMoney, asRead, effects([]tr.Effect{tr.Add("faults", tr.Const(int64(1)))}))

	// T16: handlers keep crashing on it. A lease stays as it is: a store step may be writing, and T20 waits for it.
	T16 = row("T16", "poison", openStates, Failed, Release, guards(tr.AtLeast("faults", tr.Const(int64(FaultLimit)))), effects(markFailed, markErase))

	// T17: an operator ends it. A lease stays, as with T16.
	T17 = row("T17", "forced release", openStates, Failed, Release, nil, effects(markFailed, markErase))

	// T18: its owner deletes it; the content goes after the undo window.
	T18 = row("T18", "delete", terminal, "", NoMoney, guards(tr.Absent("deleted_at"), tr.Absent("erase")),
		effects([]tr.Effect{tr.Set("deleted_at", tr.Param("now")), tr.Set("shard", tr.Param("shard")), tr.Set("due", tr.Param("due"))}))

	// T19: its owner takes that back.
	T19 = row("T19", "restore", terminal, "", NoMoney, guards(tr.Present("deleted_at"), tr.Absent("erasing")), effects([]tr.Effect{tr.Remove("deleted_at")}, leaveIndex))

	// T20: its content is being erased from now on. No store step holds a lease that could write more of it.
	T20 = row("T20", "erasing", terminal, "", NoMoney,
		guards(tr.Absent("erasing"), leaseOver, tr.Any(
			tr.All(tr.Equal("deleted_at", tr.Param("read_deleted_at")), tr.AtMost("deleted_at", tr.Param("past"))),
			tr.Equal("erase", tr.Const(true)))),
		effects([]tr.Effect{tr.Set("erasing", tr.Const(true))}))

	// T20s: the objects of a deleted task are gone; with its request row, whose prompt goes with the last of its tasks.
	T20s = row("T20s", "erased", terminal, "", NoMoney, guards(tr.Equal("erasing", tr.Const(true)), tr.Present("deleted_at"), tr.Absent("erased")),
		effects([]tr.Effect{tr.Set("erased", tr.Const(true)), tr.Remove("asset"), tr.Remove("label")}, leaveIndex))

	// T20k: the objects of a failed task are gone. It was not deleted, so its owner keeps the prompt and may try again.
	T20k = row("T20k", "objects erased", []string{string(Failed)}, "", NoMoney, guards(tr.Equal("erasing", tr.Const(true)), tr.Absent("deleted_at")),
		effects([]tr.Effect{tr.Remove("erase"), tr.Remove("erasing"), tr.Remove("asset"), tr.Remove("source")}, leaveIndex))

	// T21c, T21f: the ledger says it is settled although it is open: an alarm. Its state follows the entry, without moving money.
	T21c = row("T21c", "conclude captured", openStates, Completed, NoMoney, nil, effects([]tr.Effect{tr.SetOnce("timeline.completed", tr.Param("now"))}, clearLease, leaveIndex))
	T21f = row("T21f", "conclude released", openStates, Failed, NoMoney, nil, effects(markFailed, clearLease, leaveIndex))
)

// Transitions is the whole table, for the tests that read it.
var Transitions = []*Transition{T2, T3, T4, T4a, T5, T5r, T5s, T5f, T6, T7, T7r, T8, T8c, T9s, T9b, T9f, T10, T11, T11p, T12, T13, T14, T15, T16, T17,
	T18, T19, T20, T20s, T20k, T21c, T21f}

func row(id, name string, from []string, to State, money Money, guards []tr.Guard, effects []tr.Effect) *Transition {
	return &Transition{Row: tr.Row{ID: id, Name: name, From: from, To: string(to), Guards: guards, Effects: effects}, Money: money}
}
