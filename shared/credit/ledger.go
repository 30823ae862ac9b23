package credit

import (
	"strings"

	"darkroom/shared/transition"
)

// Kind says what an entry did.
type Kind string

// The kinds of entries.
const (
	KindHold       Kind = "hold"
	KindCapture    Kind = "capture"
	KindRelease    Kind = "release"
	KindGrant      Kind = "grant"
	KindWithdrawal Kind = "withdrawal"
)

// suffixes end the sort key of each kind. Capture and release share theirs: that is what makes a task settle only once.
var suffixes = map[Kind]string{KindHold: "H", KindCapture: "S", KindRelease: "S", KindGrant: "G", KindWithdrawal: "W"}

// EntriesBelow is a sort key above every entry and below the reference rows ("P#…"): a ULID begins with 0 to 7.
const EntriesBelow = "8"

// Entry is one immutable line of the ledger.
type Entry struct {
	ID        string // ULID: the task's for hold, capture and release; its own for grants and withdrawals
	Kind      Kind
	Amount    int64  // credits, above 0
	At        int64  // milliseconds since 1970
	Task      string // task id; empty for grants and withdrawals
	Reason    string // why: a failure code, "sign-up", an operator's words
	By        string // the operator, when one did it
	Reference string // of a grant or withdrawal
}

// Key is where the entry lies.
func (e Entry) Key(account string) transition.Key {
	return transition.Key{Table: transition.Ledger, PK: PK(account), SK: e.ID + "#" + suffixes[e.Kind]}
}

// SettleKey is where the one settle entry of a task lies, whichever kind it is. ulid is the task's id without its prefix.
func SettleKey(account, ulid string) transition.Key {
	return Entry{ID: ulid, Kind: KindCapture}.Key(account)
}

// HoldKey is where the hold entry of a task lies.
func HoldKey(account, ulid string) transition.Key {
	return Entry{ID: ulid, Kind: KindHold}.Key(account)
}

// Write appends the entry; refused when its key is taken.
func (e Entry) Write(account string) transition.Write {
	item := transition.Item{"kind": string(e.Kind), "amount": e.Amount, "at": e.At, "v": int64(1)}
	for name, value := range map[string]string{"task": e.Task, "reason": e.Reason, "by": e.By, "reference": e.Reference} {
		if value != "" {
			item[name] = value
		}
	}
	return transition.Write{Key: e.Key(account), Put: item}
}

// EntryFrom reads a ledger item. ok is false for rows that are no entries (references).
func EntryFrom(key transition.Key, item transition.Item) (entry Entry, ok bool) {
	id, suffix, found := strings.Cut(key.SK, "#")
	entry = Entry{ID: id, Kind: Kind(item.Text("kind")), Amount: item.Int("amount"), At: item.Int("at"), Task: item.Text("task"),
		Reason: item.Text("reason"), By: item.Text("by"), Reference: item.Text("reference")}
	return entry, found && suffix != "" && suffixes[entry.Kind] == suffix
}

// referenceWrite takes a reference for an entry, so that the same grant or withdrawal cannot be made twice.
func referenceWrite(account string, entry Entry) transition.Write {
	return transition.Write{Key: ReferenceKey(account, entry.Reference),
		Put: transition.Item{"entry": entry.ID, "kind": string(entry.Kind), "amount": entry.Amount, "at": entry.At, "v": int64(1)}}
}

// ReferenceKey is where a reference is kept.
func ReferenceKey(account, reference string) transition.Key {
	return transition.Key{Table: transition.Ledger, PK: PK(account), SK: "P#" + reference}
}
