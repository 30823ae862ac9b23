// Package invariant says what must always be true of the stored items, whatever happened to them. Nothing in it is derived from the transition table: it
// is what the table is judged by. The simulation asks after every step, and end-to-end tests ask the tables of a running stack.
package invariant

import (
	"fmt"
	"maps"
	"slices"

	"darkroom/shared/credit"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// Check returns every invariant that does not hold on the items of the two tables. The items must be of one moment, or of a system at rest.
func Check(tasks, ledger []transition.Stored) []error {
	var found problems
	all := gather(&found, tasks, ledger)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a := all[name]
		a.checkBalance()
		for _, t := range a.tasks {
			a.checkEntries(t)
			a.checkTask(t)
		}
		a.checkRequests()
		found = append(found, a.problems...)
	}
	return found
}

type problems []error

func (p *problems) add(format string, values ...any) { *p = append(*p, fmt.Errorf(format, values...)) }

// account is everything that belongs to one account.
type account struct {
	problems
	name     string
	balance  *credit.Balance
	tasks    []*task.Task
	requests map[string]*task.Request
	holds    map[string]credit.Entry // by the task's ULID
	settles  map[string]credit.Entry
	others   []credit.Entry // grants and withdrawals
}

// gather sorts the items by account.
func gather(found *problems, tasks, ledger []transition.Stored) map[string]*account {
	all := map[string]*account{}
	of := func(pk string) *account {
		name := pk[len("A#"):]
		if all[name] == nil {
			all[name] = &account{name: name, requests: map[string]*task.Request{}, holds: map[string]credit.Entry{}, settles: map[string]credit.Entry{}}
		}
		return all[name]
	}
	for _, row := range tasks {
		pk, sk := row.Key.PK, row.Key.SK
		if len(pk) < 2 || pk[:2] != "A#" {
			continue // providers' switches and adoptions belong to no account
		}
		a := of(pk)
		switch {
		case row.Key == credit.BalanceKey(a.name):
			b := credit.BalanceFrom(a.name, row.Item)
			a.balance = &b
		case len(sk) > 2 && sk[:2] == task.SKPrefix:
			a.tasks = append(a.tasks, task.From(row.Key, row.Item))
			if (row.Item.Text("shard") == "") != (row.Item.Int("due") == 0) {
				found.add("17 due if open: %s has one of shard and due, not both", row.Key)
			}
		case len(sk) > 2 && sk[:2] == "R#":
			a.requests[sk] = task.RequestFrom(a.name, row.Key, row.Item)
		}
	}
	for _, row := range ledger {
		entry, ok := credit.EntryFrom(row.Key, row.Item)
		if !ok {
			continue // a reference
		}
		a := of(row.Key.PK)
		switch entry.Kind {
		case credit.KindHold:
			a.holds[entry.ID] = entry
		case credit.KindCapture, credit.KindRelease:
			a.settles[entry.ID] = entry
		default:
			a.others = append(a.others, entry)
		}
	}
	for _, a := range all {
		slices.SortFunc(a.tasks, func(x, y *task.Task) int { return compare(x.ID, y.ID) })
	}
	return all
}

func compare[T ~string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
