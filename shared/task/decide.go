package task

import (
	"fmt"
	"time"

	tr "darkroom/shared/transition"
)

// Decision is what follows from an event.
type Decision struct {
	Move  *Move  // the change to make; nil: none
	Then  Step   // what the step goes on to do, once the move counted
	Hints []Hint // to send once the move counted
	Note  string // why nothing happens, or what is odd; for the log and the counters
}

// Step is work outside the database that a decision allows.
type Step string

// The steps.
const (
	Nothing       Step = ""
	CallProvider  Step = "call provider"  // the claim is mine: submit the attempt
	RepairSubmit  Step = "repair submit"  // look for staged bytes, then for the job
	AskProvider   Step = "ask provider"   // poll the current attempt's job
	CancelJob     Step = "cancel job"     // best effort
	FetchOutput   Step = "fetch output"   // the store try is mine
	EraseObjects  Step = "erase objects"  // then report Erased
	RefreshSource Step = "refresh source" // ask for a fresh link of the recorded output
)

// Target is a queue of hints.
type Target string

// The queues. ToSubmit is the Submit queue, or the Generate queue for a model whose provider answers with the image.
const (
	ToSubmit Target = "submit"
	ToPoll   Target = "poll"
	ToStore  Target = "store"
)

// Hint asks for a look at the task.
type Hint struct {
	To    Target
	Delay time.Duration // 0 to 15 min
}

// Notes that counters are made of.
const (
	NoteLateSuccess = "late success"     // the task had failed: nothing changes
	NoteSuperseded  = "superseded"       // a report of an attempt that is not the current one
	NoteRepeated    = "repeated"         // the same news again
	NoteNotYet      = "not yet"          // a lease or a waiting time still runs
	NoteNewer       = "unknown state"    // written by a newer version
	NoteImpossible  = "not possible now" // asked of a task that is past it
)

// maxHintAttempt is the attempt up to which a submit step sends itself the next hint: the platform ends chains of about 16 calls. Beyond it
// the sweep sends the hint.
const maxHintAttempt = 3

// Decide says what follows from an event on a task as it was read, at a time. It is pure. The move it returns carries its own conditions, so
// a decision on a stale reading does no harm: it is refused.
func (r Rules) Decide(t *Task, e Event, at time.Time) Decision {
	now := Millis(at)
	if !t.State.Known() || t.V > Version {
		if _, sweep := e.(Sweep); sweep {
			return Decision{Move: r.touch(t, now), Note: NoteNewer}
		}
		return Decision{Note: NoteNewer}
	}
	switch e := e.(type) {
	case SubmitHint:
		return r.submitHint(t, e, now)
	case PollHint:
		return r.pollHint(t, now)
	case StoreHint:
		return r.storeHint(t, e, now)
	case Sweep:
		return r.sweep(t, now)
	case Accepted:
		return r.accepted(t, e, now)
	case Succeeded:
		return r.succeeded(t, e, now)
	case Failing:
		return r.failing(t, e, now)
	case Pending:
		return Decision{}
	case Unstaged:
		return r.unstaged(t, e, now)
	case LookupFailed:
		return r.lookupFailed(t, e, now)
	case StagedFound:
		return r.stagedFound(t, e, now)
	case Stored:
		return r.stored(t, e, now)
	case StoreFailed:
		return r.storeFailed(t, e, now)
	case Unusable:
		return r.unusable(t, e, now)
	case Erased:
		return r.erased(t, e, now)
	case Cancel:
		return r.cancel(t, now)
	case Delete:
		return r.delete(t, now)
	case Restore:
		return r.restore(t)
	case ForcedRelease:
		return r.forcedRelease(t, e, now)
	case Crashed:
		return r.crashed(t, now)
	case SettledAlready:
		return r.conclude(t, e, now)
	}
	panic(fmt.Sprintf("task: no decision for event %T", e))
}

// cancelHint asks the poll step to stop a job that nobody waits for any more.
func cancelHint(t *Task) []Hint {
	if _, _, open := t.OpenJob(); open {
		return []Hint{{To: ToPoll}}
	}
	return nil
}

func (r Rules) timeOut(t *Task, now int64) Decision {
	return Decision{
		Move:  t.fail(T8, DeadlineExceeded, now, tr.Args{"late": now - r.Grace.Milliseconds()}),
		Hints: cancelHint(t),
	}
}

func (r Rules) timedOut(t *Task, now int64) bool {
	return t.DeadlineAt <= now && t.State != Storing && !t.State.Terminal() &&
		(t.State != Submitting || t.LeaseUntil <= now-r.Grace.Milliseconds())
}
