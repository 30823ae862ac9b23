package credit

import "darkroom/shared/transition"

// The states of an account. Frozen: an invariant did not hold, so nothing new is accepted until an operator has looked; open tasks end
// as usual. Closed: its owner left; it stays closed on the same id.
const (
	Open   = "open"
	Frozen = "frozen"
	Closed = "closed"
)

// Balance is what an account has. All numbers are credits, but for Slots and Limit, which count tasks.
type Balance struct {
	Account   string
	State     string
	Available int64 // can be spent
	Held      int64 // set aside for open tasks
	Spent     int64 // captured so far
	Granted   int64 // put in so far
	Withdrawn int64 // taken out so far
	Slots     int64 // open tasks it may still have; negative only after an operator lowered the limit
	Limit     int64 // open tasks it may have at once
}

// BalanceFrom reads a balance item.
func BalanceFrom(account string, item transition.Item) Balance {
	return Balance{
		Account: account, State: item.Text("state"),
		Available: item.Int("available"), Held: item.Int("held"), Spent: item.Int("spent"),
		Granted: item.Int("granted"), Withdrawn: item.Int("withdrawn"),
		Slots: item.Int("slots"), Limit: item.Int("limit"),
	}
}

// Item is how a balance is stored.
func (b Balance) Item() transition.Item {
	return transition.Item{
		"state": b.State, "available": b.Available, "held": b.Held, "spent": b.Spent, "granted": b.Granted, "withdrawn": b.Withdrawn,
		"slots": b.Slots, "limit": b.Limit, "v": int64(1),
	}
}

// Rows that move the balance together with a task. Which task moves bring which of them is written in package task.
var (
	// Hold sets credits aside for new tasks (T1). DynamoDB's conditions cannot add, so the balance keeps what is free: slots and available.
	Hold = &transition.Row{
		ID: "T1", Name: "hold", From: []string{Open},
		Guards: []transition.Guard{
			transition.AtLeast("available", transition.Param("total")),
			transition.AtLeast("slots", transition.Param("count")),
		},
		Effects: []transition.Effect{
			transition.Add("available", transition.Param("-total")), transition.Add("held", transition.Param("total")),
			transition.Add("slots", transition.Param("-count")),
		},
	}
	// Capture spends a task's hold. held >= cost is the third money guard: it holds even if the first two were broken by a bug.
	Capture = &transition.Row{
		ID: "capture", Name: "capture",
		Guards: []transition.Guard{transition.AtLeast("held", transition.Param("cost"))},
		Effects: []transition.Effect{
			transition.Add("held", transition.Param("-cost")), transition.Add("spent", transition.Param("cost")),
			transition.Add("slots", transition.Const(int64(1))),
		},
	}
	// Release gives a task's hold back.
	Release = &transition.Row{
		ID: "release", Name: "release",
		Guards: []transition.Guard{transition.AtLeast("held", transition.Param("cost"))},
		Effects: []transition.Effect{
			transition.Add("held", transition.Param("-cost")), transition.Add("available", transition.Param("cost")),
			transition.Add("slots", transition.Const(int64(1))),
		},
	}
)

// Account moves: what an operator does to an account.
var (
	// Grant puts credits in. A unique reference makes a repeated call harmless.
	Grant = &transition.Row{
		ID: "A1", Name: "grant", From: []string{Open, Frozen},
		Effects: []transition.Effect{transition.Add("available", transition.Param("amount")), transition.Add("granted", transition.Param("amount"))},
	}
	// Withdraw takes credits out that are not held.
	Withdraw = &transition.Row{
		ID: "A2", Name: "withdraw", From: []string{Open, Frozen},
		Guards: []transition.Guard{transition.AtLeast("available", transition.Param("amount"))},
		Effects: []transition.Effect{
			transition.Add("available", transition.Param("-amount")), transition.Add("withdrawn", transition.Param("amount")),
		},
	}
	// SetLimit changes how many tasks may be open; free slots move by the difference.
	SetLimit = &transition.Row{
		ID: "A3", Name: "set limit", From: []string{Open, Frozen},
		Guards:  []transition.Guard{transition.Equal("limit", transition.Param("old"))},
		Effects: []transition.Effect{transition.Set("limit", transition.Param("new")), transition.Add("slots", transition.Param("difference"))},
	}
	// Freeze stops new work on an account whose numbers disagree.
	Freeze = &transition.Row{ID: "A4", Name: "freeze", From: []string{Open}, To: Frozen}
	// Unfreeze lets it work again, after an operator has looked.
	Unfreeze = &transition.Row{ID: "A4u", Name: "unfreeze", From: []string{Frozen}, To: Open}
)

// Rows lists every row on a balance, for the stores' suite and the tests that break rows clause by clause.
var Rows = []*transition.Row{Hold, Capture, Release, Grant, Withdraw, SetLimit, Freeze, Unfreeze, Announce, AnnounceFirst}

// HoldWrite is the balance's part of creating count tasks that cost total together.
func HoldWrite(account string, total int64, count int) transition.Write {
	return transition.Write{Key: BalanceKey(account), Row: Hold,
		Args: transition.Args{"total": total, "-total": -total, "count": int64(count), "-count": int64(-count)}}
}

// SettleWrite is the balance's part of ending a task of this cost by Capture or Release.
func SettleWrite(account string, row *transition.Row, cost int64) transition.Write {
	return transition.Write{Key: BalanceKey(account), Row: row, Args: transition.Args{"cost": cost, "-cost": -cost}}
}

// OpenWrites open an account (T0): its balance row, and the entry of the sign-up grant when there is one. They are refused when the
// account is open already, which is a normal answer.
func OpenWrites(account string, limit, grant int64, entryID string, at int64) []transition.Write {
	balance := Balance{Account: account, State: Open, Slots: limit, Limit: limit, Available: grant, Granted: grant}
	writes := []transition.Write{{Key: BalanceKey(account), Put: balance.Item()}}
	if grant > 0 {
		writes = append(writes, Entry{ID: entryID, Kind: KindGrant, Amount: grant, At: at, Reason: "sign-up"}.Write(account))
	}
	return writes
}

// GrantWrites put credits in (amount above 0), once per reference.
func GrantWrites(account, entryID, reference, reason, by string, amount, at int64) []transition.Write {
	entry := Entry{ID: entryID, Kind: KindGrant, Amount: amount, At: at, Reason: reason, By: by, Reference: reference}
	return []transition.Write{
		{Key: BalanceKey(account), Row: Grant, Args: transition.Args{"amount": amount}},
		referenceWrite(account, entry),
		entry.Write(account),
	}
}

// WithdrawWrites take credits out (amount above 0), once per reference.
func WithdrawWrites(account, entryID, reference, reason, by string, amount, at int64) []transition.Write {
	entry := Entry{ID: entryID, Kind: KindWithdrawal, Amount: amount, At: at, Reason: reason, By: by, Reference: reference}
	return []transition.Write{
		{Key: BalanceKey(account), Row: Withdraw, Args: transition.Args{"amount": amount, "-amount": -amount}},
		referenceWrite(account, entry),
		entry.Write(account),
	}
}

// Positions in the writes of GrantWrites and WithdrawWrites, to read a refusal.
const (
	BalancePart   = 0
	ReferencePart = 1
)
