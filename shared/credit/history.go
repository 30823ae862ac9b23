package credit

// LineState says how a billing line stands.
type LineState string

// The states of a line. A grant or withdrawal is captured at once.
const (
	Pending  LineState = "pending"
	Captured LineState = "captured"
	Released LineState = "released"
)

// Line is one line of the billing history: a task with its hold and its end, or a grant or a withdrawal.
type Line struct {
	ID           string // ULID
	Kind         string // task, grant or withdrawal
	Task         string // task id, for kind task
	Amount       int64  // credits, above 0
	State        LineState
	At           int64 // milliseconds since 1970
	SettledAt    int64 // of a task that has ended
	BalanceAfter int64 // available credits with this line and all older ones
}

// effect is what the line did to the available credits: a released hold did nothing in the end.
func (l Line) effect() int64 {
	switch {
	case l.Kind == string(KindGrant):
		return l.Amount
	case l.State == Released:
		return 0
	}
	return -l.Amount
}

// Before is what was available before this line.
func (l Line) Before() int64 { return l.BalanceAfter - l.effect() }

// History folds entries (newest first, a task's settle before its hold) into lines, newest first. after is the available balance with
// the newest line; the lines count down from it, so they always add up. It also returns the balance before the oldest line.
//
// An entry that belongs to no complete line (a settle whose hold lies on the next page) is not used; the caller asks for more entries.
func History(entries []Entry, after int64) (lines []Line, before int64) {
	var settle *Entry
	for i := range entries {
		entry := entries[i]
		line := Line{ID: entry.ID, Kind: string(entry.Kind), Amount: entry.Amount, At: entry.At, State: Captured, BalanceAfter: after}
		switch entry.Kind {
		case KindCapture, KindRelease:
			settle = &entries[i]
			continue
		case KindHold:
			line.Kind, line.Task, line.State = "task", entry.Task, Pending
			if settle != nil && settle.ID == entry.ID {
				line.SettledAt, line.State = settle.At, Captured
				if settle.Kind == KindRelease {
					line.State = Released
				}
			}
		}
		settle = nil
		lines = append(lines, line)
		after -= line.effect()
	}
	return lines, after
}
