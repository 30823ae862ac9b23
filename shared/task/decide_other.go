package task

import (
	"time"

	tr "darkroom/shared/transition"
)

// sweep settles what is past its bound and sends every other hint again. The touch comes first, so that of two sweepers one sends it.
func (r Rules) sweep(t *Task, now int64) Decision {
	switch {
	case t.State.Terminal() && t.Due == 0:
		return Decision{Note: NoteRepeated}
	case t.State.Terminal():
		d := Decision{Move: r.touch(t, now)} // also when it is too early: whatever stays at the front of the index keeps the sweep from what lies behind
		if r.eraseDue(t, now) || (t.Erasing && !t.Erased) {
			d.Hints = []Hint{{To: ToStore}}
		}
		return d
	case t.Faults >= FaultLimit:
		return Decision{Move: t.fail(T16, Internal, now, nil), Hints: cancelHint(t)}
	case t.State == Storing && t.LeaseUntil <= now && (t.StoreTries >= r.StoreTries || t.StoreUntil <= now):
		return r.giveUpStoring(t, now)
	case r.timedOut(t, now):
		return r.timeOut(t, now)
	}
	d := Decision{Move: r.touch(t, now)}
	switch t.State {
	case Created, Queued, Backoff:
		if t.NextAt <= now {
			d.Hints = []Hint{{To: ToSubmit}}
		}
	case Submitting:
		if t.LeaseUntil <= now {
			d.Hints = []Hint{{To: ToSubmit}}
		}
	case Running:
		d.Hints = []Hint{{To: ToPoll}}
	case Storing:
		if t.LeaseUntil <= now {
			d.Hints = []Hint{{To: ToStore}}
		}
	}
	return d
}

// Touch puts a task that could not be moved behind the others in the index, so that it cannot starve them.
func (r Rules) Touch(t *Task, at time.Time) *Move { return r.touch(t, Millis(at)) }

func (r Rules) touch(t *Task, now int64) *Move {
	return t.move(T12, tr.Args{"read_due": t.Due, "due": r.due(t, now)})
}

func (r Rules) cancel(t *Task, now int64) Decision {
	if t.State != Created && t.State != Queued && t.State != Backoff {
		return Decision{Note: NoteImpossible}
	}
	return Decision{Move: t.fail(T8c, Cancelled, now, nil), Hints: cancelHint(t)}
}

func (r Rules) delete(t *Task, now int64) Decision {
	switch {
	case t.DeletedAt > 0:
		return Decision{Note: NoteRepeated}
	case !t.State.Terminal() || t.Erase:
		return Decision{Note: NoteImpossible}
	}
	return Decision{Move: t.move(T18, tr.Args{"now": now, "shard": t.ID.Shard(), "due": now + r.Undo.Milliseconds()})}
}

func (r Rules) restore(t *Task) Decision {
	switch {
	case t.DeletedAt == 0:
		return Decision{Note: NoteRepeated}
	case t.Erasing:
		return Decision{Note: NoteImpossible}
	}
	return Decision{Move: t.move(T19, tr.Args{})}
}

func (r Rules) forcedRelease(t *Task, e ForcedRelease, now int64) Decision {
	if t.State.Terminal() {
		return Decision{Note: NoteImpossible}
	}
	m := t.fail(T17, Released, now, nil)
	m.By, m.Entry = e.By, e.Why
	return Decision{Move: m, Hints: cancelHint(t)}
}

func (r Rules) crashed(t *Task, now int64) Decision {
	switch {
	case t.State.Terminal():
		return Decision{Note: NoteRepeated}
	case t.Faults >= FaultLimit:
		return Decision{Move: t.fail(T16, Internal, now, nil), Hints: cancelHint(t)}
	}
	return Decision{Move: t.move(T15, t.asRead(tr.Args{}))}
}

// conclude follows the ledger, which is the truth about money, when the task's state disagrees with it.
func (r Rules) conclude(t *Task, e SettledAlready, now int64) Decision {
	switch {
	case t.State.Terminal():
		return Decision{Note: NoteRepeated}
	case e.Captured:
		return Decision{Move: t.move(T21c, tr.Args{"now": now})}
	}
	m := t.fail(T21f, Internal, now, nil)
	return Decision{Move: m}
}
