package invariant

import (
	"darkroom/shared/credit"
	"darkroom/shared/task"
)

// checkBalance holds the balance against itself, against the open tasks and against the ledger.
func (a *account) checkBalance() {
	if a.balance == nil {
		if len(a.tasks)+len(a.holds)+len(a.settles)+len(a.others) > 0 {
			a.add("1 conservation: account %s has tasks or entries and no balance", a.name)
		}
		return
	}
	b := *a.balance
	if b.Available+b.Held+b.Spent != b.Granted-b.Withdrawn {
		a.add("1 conservation: account %s has %d available + %d held + %d spent, but %d granted - %d withdrawn", a.name, b.Available, b.Held, b.Spent, b.Granted, b.Withdrawn)
	}
	if b.Available < 0 || b.Held < 0 || b.Spent < 0 {
		a.add("2 no negative: account %s has %d available, %d held, %d spent", a.name, b.Available, b.Held, b.Spent)
	}
	var held, open int64
	for _, t := range a.tasks {
		if !t.State.Terminal() {
			held, open = held+t.Cost, open+1
		}
	}
	if b.Held != held {
		a.add("3 held matches open: account %s holds %d, its open tasks cost %d", a.name, b.Held, held)
	}
	if b.Limit-b.Slots != open {
		a.add("4 slots match open: account %s has %d of %d slots left with %d open tasks", a.name, b.Slots, b.Limit, open)
	}
	if replayed := a.replay(b); replayed != b {
		a.add("19 ledger replays: account %s has %+v, its ledger says %+v", a.name, b, replayed)
	}
}

// replay makes the balance anew from the ledger alone. State, slots and limit are not in it.
func (a *account) replay(b credit.Balance) credit.Balance {
	b.Available, b.Held, b.Spent, b.Granted, b.Withdrawn = 0, 0, 0, 0, 0
	for _, e := range a.others {
		if e.Kind == credit.KindGrant {
			b.Granted += e.Amount
		} else {
			b.Withdrawn += e.Amount
		}
	}
	for _, e := range a.holds {
		b.Held += e.Amount
	}
	for _, e := range a.settles {
		b.Held -= e.Amount
		if e.Kind == credit.KindCapture {
			b.Spent += e.Amount
		}
	}
	b.Available = b.Granted - b.Withdrawn - b.Held - b.Spent
	return b
}

// checkEntries holds a task against its hold and its settle entry.
func (a *account) checkEntries(t *task.Task) {
	id := t.ID.ULID()
	hold, held := a.holds[id]
	settle, settled := a.settles[id]
	if !held || hold.Amount != t.Cost || t.Cost < 1 {
		a.add("5 one hold: task %s costs %d, its hold is %+v", t.ID, t.Cost, hold)
	}
	if settled != t.State.Terminal() {
		a.add("6 one settle: task %s is %s, settled: %t", t.ID, t.State, settled)
		return
	}
	if !settled {
		return
	}
	if settle.Amount != hold.Amount {
		a.add("7 whole settle: task %s held %d and settled %d", t.ID, hold.Amount, settle.Amount)
	}
	if captured := settle.Kind == credit.KindCapture; captured != (t.State == task.Completed) {
		a.add("8, 9 paid if and only if completed: task %s is %s, its settle entry is a %s", t.ID, t.State, settle.Kind)
	}
}
