package workflow

import (
	"context"
	"errors"

	"darkroom/shared/credit"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// result is how a decision ended.
type result struct {
	counted bool       // the move was made, by this call or by an earlier one of the same step
	task    *task.Task // as it is now, as far as known
}

// carryOut makes the decision's move and then sends its hints. A move that is refused is a normal answer: somebody else was first.
// An error means that the move may or may not have been made; the caller must not acknowledge its message.
func (e *Engine) carryOut(ctx context.Context, t *task.Task, d task.Decision) (result, error) {
	if d.Move == nil {
		if d.Note != "" {
			e.note(t, d.Note)
		}
		e.hint(ctx, t, d.Hints)
		return result{counted: true, task: t}, nil
	}
	done, err := e.make(ctx, t, d.Move)
	if err != nil {
		return result{}, err
	}
	if !done.counted {
		e.note(done.task, "refused "+d.Move.Transition.ID)
		return done, nil
	}
	e.moved(done.task, d.Move)
	e.hint(ctx, done.task, d.Hints)
	return done, nil
}

// make writes one move.
func (e *Engine) make(ctx context.Context, t *task.Task, m *task.Move) (result, error) {
	writes := m.Writes()
	var item transition.Item
	var err error
	if len(writes) == 1 {
		item, err = e.Store.Update(ctx, writes[0])
	} else {
		err = e.Store.Transact(ctx, writes...)
	}
	var refused *transition.RefusedError
	if errors.As(err, &refused) {
		return e.refused(ctx, t, m, refused)
	}
	if err != nil {
		return result{}, err
	}
	if item == nil { // a transaction returns no items: the row tells what became of the task
		return result{counted: true, task: after(t, m)}, nil
	}
	return result{counted: true, task: task.From(writes[0].Key, item)}, nil
}

// refused reads the items that a move met.
func (e *Engine) refused(ctx context.Context, t *task.Task, m *task.Move, refused *transition.RefusedError) (result, error) {
	if part := refused.Of(task.TaskPart); part != nil {
		if part.Old == nil {
			return result{task: t}, nil // no such task: a hint about nothing
		}
		met := task.From(part.Key, part.Old)
		// The SDK repeats a call whose answer was lost; the repeat then meets its own work. A lease says whose it is.
		if lease, taken := m.Args["lease_id"].(string); taken && takesLease(m.Transition) && met.LeaseID == lease {
			return result{counted: true, task: met}, nil
		}
		return result{task: met}, nil
	}
	if m.Transition.Money != task.NoMoney && (refused.Of(task.SettlePart) != nil || refused.Of(task.BalancePart) != nil) {
		return e.alarm(ctx, t)
	}
	return result{task: t}, nil // an adoption or a request row was not as read
}

func takesLease(tr *task.Transition) bool { return tr == task.T3 || tr == task.T5s }

// alarm handles a broken invariant: the task was open, and yet its settle entry exists, or its hold is not held. Nothing is moved; the account is
// frozen so that nothing new builds on wrong numbers, and an operator is called. A task that the ledger has settled follows its entry.
func (e *Engine) alarm(ctx context.Context, t *task.Task) (result, error) {
	entry, err := e.Store.Get(ctx, credit.SettleKey(t.Account, t.ID.ULID()))
	if err != nil {
		return result{}, err
	}
	now, err := e.read(ctx, t.Account, t.ID) // after the entry: both are written together, so an open task here is a real contradiction
	if err != nil {
		return result{}, err
	}
	if now == nil || now.State.Terminal() {
		return result{task: t}, nil
	}
	e.Log.Error("invariant broken: ledger and task disagree", "task_id", t.ID, "account", t.Account, "state", now.State, "settled", entry != nil)
	e.Metrics.Count("LedgerMismatch", 1)
	if _, err := e.Store.Update(ctx, transition.Write{Key: credit.BalanceKey(t.Account), Row: credit.Freeze, Args: transition.Args{}}); err != nil {
		var refused *transition.RefusedError
		if !errors.As(err, &refused) { // frozen already is fine
			return result{}, err
		}
	}
	if entry == nil {
		return result{task: now}, nil
	}
	d := e.decide(now, task.SettledAlready{Captured: entry.Text("kind") == string(credit.KindCapture)})
	if d.Move == nil {
		return result{task: now}, nil
	}
	if _, err := e.make(ctx, now, d.Move); err != nil {
		return result{}, err
	}
	return result{task: now}, nil
}

// after is the task as the move's row leaves it; exact for the attributes that moves of a transaction change.
func after(t *task.Task, m *task.Move) *task.Task {
	copied := *t
	if m.Transition.To != "" {
		copied.State = task.State(m.Transition.To)
	}
	return &copied
}

// note logs and counts what did not move anything but says something about the traffic.
func (e *Engine) note(t *task.Task, note string) {
	e.Log.Debug("nothing to do", "task_id", t.ID, "account", t.Account, "state", t.State, "note", note)
	switch note {
	case task.NoteLateSuccess:
		e.Metrics.Count("LateSuccess", 1, "Model", t.Model)
		e.Log.Info("late success: the task has failed before, nothing changes", "task_id", t.ID, "account", t.Account, "model", t.Model)
	case task.NoteSuperseded:
		e.Metrics.Count("SupersededReport", 1, "Model", t.Model)
	}
}

// moved logs and counts a move that was made.
func (e *Engine) moved(t *task.Task, m *task.Move) {
	e.Log.Info("moved", "task_id", t.ID, "account", t.Account, "move", m.Transition.ID, "name", m.Transition.Name, "state", t.State, "attempt", t.Att,
		"model", t.Model, "provider", t.Attempts[t.Att].Provider)
	switch m.Transition.Money {
	case task.Capture:
		e.Metrics.Count("TasksCompleted", 1, "Model", t.Model)
		e.Metrics.Count("CreditsCaptured", float64(m.Cost), "Model", t.Model)
		e.countMargin(t.Model, m.Cost*e.Catalog.CreditMicroUSD, m.ProviderCostMicroUSD)
	case task.Release:
		e.Metrics.Count("TasksFailed", 1, "Model", t.Model, "Code", string(m.Code))
		e.Metrics.Count("CreditsReleased", float64(m.Cost), "Model", t.Model)
		e.countMargin(t.Model, 0, m.ProviderCostMicroUSD)
		if m.ProviderCostMicroUSD > 0 { // an account that makes a habit of this costs money and pays none
			e.Log.Warn("released, though its provider may bill it", "task_id", t.ID, "account", t.Account, "model", t.Model, "code", m.Code, "provider_cost_micro_usd", m.ProviderCostMicroUSD)
		}
	}
}
