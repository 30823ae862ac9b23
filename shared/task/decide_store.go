package task

import (
	"time"

	tr "darkroom/shared/transition"
)

// pollHint asks about the current job, fetches a fresh link, or cancels a job that nobody waits for.
func (r Rules) pollHint(t *Task, now int64) Decision {
	switch {
	case t.State == Running:
		return Decision{Then: AskProvider}
	case t.State == Storing && t.Source.URL != "" && t.StoreTries > 0 && t.LeaseUntil <= now: // a try has failed
		return Decision{Then: RefreshSource}
	case t.State.Terminal():
		if _, _, open := t.OpenJob(); open {
			return Decision{Then: CancelJob}
		}
	}
	return Decision{Note: NoteRepeated}
}

// TryStore is the store step's first move, made without reading the task: the answer brings it.
func (r Rules) TryStore(account string, id ID, leaseID string, at time.Time) *Move {
	now := Millis(at)
	return &Move{Transition: T5s, Account: account, Task: id, Args: tr.Args{
		"limit": int64(r.StoreTries), "now": now, "lease_id": leaseID, "lease_until": now + r.StoreLease.Milliseconds(),
	}}
}

// storeHint takes a try at storing, gives up, or erases.
func (r Rules) storeHint(t *Task, e StoreHint, now int64) Decision {
	switch {
	case t.State == Storing && t.LeaseUntil > now:
		return Decision{Note: NoteNotYet}
	case t.State == Storing && (t.StoreTries >= r.StoreTries || t.StoreUntil <= now):
		return r.giveUpStoring(t, now)
	case t.State == Storing:
		return Decision{Move: r.TryStore(t.Account, t.ID, e.LeaseID, Time(now)), Then: FetchOutput}
	case t.Erasing && !t.Erased:
		return Decision{Then: EraseObjects} // a step died between the mark and the end
	case r.eraseDue(t, now):
		return Decision{Move: t.move(T20, tr.Args{"read_deleted_at": t.DeletedAt, "past": now - r.Undo.Milliseconds(), "now": now}), Then: EraseObjects}
	}
	return Decision{Note: NoteRepeated}
}

func (r Rules) eraseDue(t *Task, now int64) bool {
	return t.State.Terminal() && !t.Erasing && t.LeaseUntil <= now && (t.Erase || (t.DeletedAt > 0 && t.DeletedAt <= now-r.Undo.Milliseconds()))
}

func (r Rules) giveUpStoring(t *Task, now int64) Decision {
	return Decision{Move: t.fail(T11, OutputUnusable, now, tr.Args{"limit": int64(r.StoreTries)}), Hints: cancelHint(t)}
}

// stored completes the task.
func (r Rules) stored(t *Task, e Stored, now int64) Decision {
	if t.State != Storing {
		return Decision{Note: NoteRepeated}
	}
	m := t.move(T10, tr.Args{"asset": e.Asset.Item(), "now": now})
	m.At = now
	return Decision{Move: m, Hints: cancelHint(t)}
}

// storeFailed frees the try for the next hint. One that was held back keeps its lease until that runs out: the image is paid for, and the few tries there are
// must last as long as whoever checks it may be away.
func (r Rules) storeFailed(t *Task, e StoreFailed, now int64) Decision {
	switch {
	case t.State != Storing:
		return Decision{Note: NoteRepeated}
	case e.HeldBack:
		return Decision{Note: NoteNotYet}
	}
	d := Decision{Move: t.move(T5f, tr.Args{"lease_id": e.LeaseID})}
	if t.StoreTries < r.StoreTries {
		if e.DeadLink {
			d.Hints = append(d.Hints, Hint{To: ToPoll})
		}
		d.Hints = append(d.Hints, Hint{To: ToStore, Delay: storeBackoff(t.ID, t.StoreTries)})
	}
	return d
}

// unusable ends the task: no further try can help.
func (r Rules) unusable(t *Task, e Unusable, now int64) Decision {
	if t.State != Storing {
		return Decision{Note: NoteRepeated}
	}
	code := OutputUnusable
	if e.Moderated {
		code = Moderated
	}
	return Decision{Move: t.fail(T11p, code, now, tr.Args{"lease_id": e.LeaseID}), Hints: cancelHint(t)}
}

// erased strips the rows after the objects are gone.
func (r Rules) erased(t *Task, e Erased, now int64) Decision {
	switch {
	case !t.Erasing || t.Erased:
		return Decision{Note: NoteRepeated}
	case t.DeletedAt == 0:
		return Decision{Move: t.move(T20k, tr.Args{})}
	}
	request := OneTaskLess
	if e.Live <= 1 {
		request = LastTask
	}
	m := t.move(T20s, tr.Args{})
	m.Others = []tr.Write{{Key: RequestKey(t.Account, t.Request), Row: request, Args: tr.Args{}}}
	return Decision{Move: m}
}
