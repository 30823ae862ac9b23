package task

import (
	"time"

	tr "darkroom/shared/transition"
)

// submitHint claims the next attempt, or looks after a submit that was lost.
func (r Rules) submitHint(t *Task, e SubmitHint, now int64) Decision {
	switch {
	case r.timedOut(t, now):
		return r.timeOut(t, now)
	case t.State == Submitting && t.LeaseUntil <= now:
		return Decision{Then: RepairSubmit}
	case t.State != Created && t.State != Queued && t.State != Backoff:
		return Decision{Note: NoteRepeated}
	case t.NextAt > now:
		return Decision{Note: NoteNotYet}
	case e.Provider == "":
		return Decision{Move: t.move(T14, t.asRead(tr.Args{"next_at": Millis(e.RetryAt)})), Note: "no provider"}
	}
	leaseUntil := now + (e.CallTime + r.Lease).Milliseconds()
	if t.Att >= t.Max || t.DeadlineAt <= leaseUntil {
		return Decision{Note: NoteNotYet} // too late for another attempt: the sweep times it out
	}
	return Decision{
		Move: t.move(T3, tr.Args{
			"read_att": int64(t.Att), "n": int64(t.Att + 1), "now": now, "lease_id": e.LeaseID, "lease_until": leaseUntil,
			"attempt": tr.Item{"provider": e.Provider, "started": now, "usage": estimated(e.EstimateMicroUSD).item()},
		}),
		Then: CallProvider,
	}
}

// pollDelays are when to ask about a job, after it was accepted. They are stretched by the model's usual time; the sweep asks too.
var pollDelays = []time.Duration{2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second,
	140 * time.Second, 220 * time.Second, 340 * time.Second, 600 * time.Second}

// usualTime is the median that pollDelays are made for.
const usualTime = 6 * time.Second

// PollHints ask about a job at ten moments, in one batch. usual is the model's median time to make an image.
func PollHints(usual time.Duration) []Hint {
	stretch := min(3, max(0.5, usual.Seconds()/usualTime.Seconds()))
	hints := make([]Hint, len(pollDelays))
	for i, delay := range pollDelays {
		hints[i] = Hint{To: ToPoll, Delay: min(15*time.Minute, max(time.Second, time.Duration(float64(delay)*stretch).Truncate(time.Second)))}
	}
	return hints
}

// accepted records the job of the current attempt.
func (r Rules) accepted(t *Task, e Accepted, now int64) Decision {
	if known := t.Attempts[e.Attempt]; known.Job == e.Job {
		return Decision{Note: NoteRepeated}
	}
	if e.Attempt != t.Att || (t.State != Submitting && t.State != Backoff) {
		return Decision{Note: NoteSuperseded}
	}
	args := tr.Args{"n": int64(e.Attempt), "job": e.Job, "handle": e.Handle, "next_at": int64(0), "usage": t.Attempts[e.Attempt].Usage.learn(e.Usage).item()}
	if !e.Found {
		return Decision{Move: t.move(T4, args)}
	}
	m := t.move(T13, args)
	m.Others = []tr.Write{AdoptionWrite(t.Attempts[e.Attempt].Provider, e.Job, t.Account, t.ID, e.Attempt)}
	return Decision{Move: m, Hints: []Hint{{To: ToPoll}}}
}

// succeeded records a success: of any attempt, the first one once.
func (r Rules) succeeded(t *Task, e Succeeded, now int64) Decision {
	usage := t.Attempts[e.Attempt].Usage.learn(e.Usage).item()
	switch {
	case t.State == Failed:
		return Decision{Note: NoteLateSuccess}
	case t.State == Storing && e.Attempt == t.Win && e.Source.URL != "" && e.Source != t.Source:
		return Decision{Move: t.move(T5r, tr.Args{"n": int64(e.Attempt), "source": e.Source.item(), "usage": usage}), Hints: []Hint{{To: ToStore}}}
	case t.State == Storing, t.State == Completed:
		return Decision{Note: NoteRepeated}
	case e.Attempt > t.Att || e.Attempt < 1, t.State == Created, t.State == Queued:
		return Decision{Note: NoteSuperseded} // no such attempt was ever begun
	}
	args := r.found(e.Attempt, e.Source, now)
	args["usage"] = usage
	return Decision{Move: t.move(T5, args), Hints: []Hint{{To: ToStore}}}
}

func (r Rules) found(attempt int, source Source, now int64) tr.Args {
	return tr.Args{"n": int64(attempt), "source": source.item(), "store_until": now + r.Store.Milliseconds(), "now": now}
}

// verdicts are the reasons that end a task at once.
var verdicts = map[FailReason]FailureCode{RejectedByProvider: ProviderRejected, ModeratedAway: Moderated, BadInput: InvalidInput}

// free are the reasons for which a call makes no image, and no bill unless the provider says so. A job that was accepted may be billed however it ended.
var free = map[FailReason]bool{RejectedByProvider: true, ModeratedAway: true, BadInput: true, NotExecuted: true}

// failing turns the reason an attempt failed for into a move. It counts only from the current attempt.
func (r Rules) failing(t *Task, e Failing, now int64) Decision {
	switch {
	case e.Attempt != t.Att:
		return Decision{Note: NoteSuperseded}
	case t.State != Submitting && t.State != Running:
		return Decision{Note: NoteRepeated}
	}
	usage := t.Attempts[e.Attempt].Usage
	if t.State == Submitting && free[e.Reason] {
		usage = Usage{}
	}
	usage = usage.learn(e.Usage)
	t = t.withUsage(e.Attempt, usage)
	args := tr.Args{"n": int64(e.Attempt), "usage": usage.item()}
	if code, final := verdicts[e.Reason]; final {
		return Decision{Move: t.fail(T6, code, now, args)}
	}
	if e.Reason == AnswerLost && t.State == Submitting {
		return Decision{
			Move:  t.move(T4a, tr.Args{"n": int64(e.Attempt), "lease_id": e.LeaseID, "lease_until": now + r.Grace.Milliseconds()}),
			Hints: r.retryHint(t, r.Grace+time.Second),
		}
	}
	wait := max(submitBackoff(t.ID, t.Att), e.RetryAfter)
	args["next_at"] = now + wait.Milliseconds()
	if e.Reason == NotExecuted && t.State == Submitting && t.Max < RefusedLimit {
		return Decision{Move: t.move(T7r, args), Hints: r.retryHint(t, wait)}
	}
	if t.Att < t.Max {
		return Decision{Move: t.move(T7, args), Hints: r.retryHint(t, wait)}
	}
	return Decision{Move: t.fail(T6, ProviderUnavailable, now, args)}
}

// retryHint brings the task back to the submit step.
func (r Rules) retryHint(t *Task, wait time.Duration) []Hint {
	if t.Att > maxHintAttempt || wait > 15*time.Minute {
		return nil
	}
	return []Hint{{To: ToSubmit, Delay: wait}}
}

// stagedFound records the success of a submit step that died after it had staged the bytes.
func (r Rules) stagedFound(t *Task, e StagedFound, now int64) Decision {
	if t.State != Submitting || e.Attempt > t.Att || e.Attempt < 1 {
		return Decision{Note: NoteRepeated}
	}
	args := r.found(e.Attempt, e.Source, now)
	args["read_lease_until"] = t.LeaseUntil
	return Decision{Move: t.move(T9s, args), Hints: []Hint{{To: ToStore}}}
}

// lookupFailed leaves the question to the sweep, for as long as news of a lost call are waited for. Then the attempt ends as one that nothing is known of: a
// provider that cannot be asked must not keep a task until its deadline.
func (r Rules) lookupFailed(t *Task, e LookupFailed, now int64) Decision {
	if t.State == Submitting && e.Attempt == t.Att && now < t.LeaseUntil+r.Grace.Milliseconds() {
		return Decision{Note: NoteNotYet}
	}
	return r.unstaged(t, Unstaged(e), now)
}

// unstaged ends an attempt that nothing is known of: the next one, or the end.
func (r Rules) unstaged(t *Task, e Unstaged, now int64) Decision {
	if t.State != Submitting || e.Attempt != t.Att {
		return Decision{Note: NoteRepeated}
	}
	args := tr.Args{"n": int64(e.Attempt), "now": now, "read_lease_until": t.LeaseUntil}
	if t.Att >= t.Max {
		return Decision{Move: t.fail(T9f, ProviderUnavailable, now, args)}
	}
	wait := submitBackoff(t.ID, t.Att)
	args["next_at"] = now + wait.Milliseconds()
	return Decision{Move: t.move(T9b, args), Hints: r.retryHint(t, wait)}
}

// asRead adds the values that T14 and T15 compare with.
func (t *Task) asRead(args tr.Args) tr.Args {
	args["read_state"], args["read_att"] = string(t.State), int64(t.Att)
	return args
}
