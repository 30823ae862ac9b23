package task

import (
	"darkroom/shared/credit"
	tr "darkroom/shared/transition"
)

// Move is one row of the table applied to one task, with the values it needs.
type Move struct {
	Transition *Transition
	Account    string
	Task       ID
	Args       tr.Args

	Cost                 int64       // money moves: the credits that the task holds
	ProviderCostMicroUSD int64       // money moves: what its attempts cost us; for the metrics
	Code                 FailureCode // moves that fail the task: why
	Entry                string      // money moves: the reason in the ledger entry; an operator's words when one did it
	By                   string      // money moves: the operator, when one did it
	At                   int64       // money moves: when, in milliseconds since 1970
	Others               []tr.Write  // what must happen with it or not at all
}

// Positions in the writes of a money move, to read a refusal. Without money a move's other writes begin at BalancePart.
const (
	TaskPart    = 0
	BalancePart = 1
	SettlePart  = 2
)

// Writes is the move as an atomic set: the task, then for money moves the balance and the one settle entry, then the others.
func (m Move) Writes() []tr.Write {
	writes := []tr.Write{{Key: Key(m.Account, m.Task), Row: &m.Transition.Row, Args: m.Args}}
	switch m.Transition.Money {
	case Capture:
		writes = append(writes, credit.SettleWrite(m.Account, credit.Capture, m.Cost), m.settle(credit.KindCapture))
	case Release:
		writes = append(writes, credit.SettleWrite(m.Account, credit.Release, m.Cost), m.settle(credit.KindRelease))
	}
	return append(writes, m.Others...)
}

func (m Move) settle(kind credit.Kind) tr.Write {
	return credit.Entry{ID: m.Task.ULID(), Kind: kind, Amount: m.Cost, At: m.At, Task: string(m.Task), Reason: m.Entry, By: m.By}.Write(m.Account)
}

// move begins a move of this task.
func (t *Task) move(transition *Transition, args tr.Args) *Move {
	return &Move{Transition: transition, Account: t.Account, Task: t.ID, Args: args, Cost: t.Cost, ProviderCostMicroUSD: t.ProviderCostMicroUSD()}
}

// fail begins a move that ends the task with a reason, at a time.
func (t *Task) fail(transition *Transition, code FailureCode, now int64, args tr.Args) *Move {
	all := tr.Args{"error": Fail(code).item(), "now": now}
	for name, value := range args {
		all[name] = value
	}
	m := t.move(transition, all)
	m.Code, m.Entry, m.At = code, string(code), now
	return m
}
