// Package transition describes conditional changes of stored items as data.
//
// A Row says which states it may leave, what else must hold and what it changes. Nothing in a row runs by itself:
// dynamostore compiles it into a condition and an update expression, memstore interprets it with Apply, the model checker
// explores it and the mutation test breaks it clause by clause. A condition written by hand anywhere else is a bug,
// because none of the four would see it.
package transition

import "fmt"

// Item is one stored item. Values are string, int64, bool, []string or a nested Item. What a store has returned is read-only; change a Clone.
type Item map[string]any

// Table names one of the two tables.
type Table string

// The two tables. The ledger stands alone so that IAM can forbid updates and deletes on it.
const (
	Tasks  Table = "tasks"
	Ledger Table = "ledger"
)

// Key addresses one item.
type Key struct {
	Table  Table
	PK, SK string
}

func (k Key) String() string { return fmt.Sprintf("%s %s/%s", k.Table, k.PK, k.SK) }

// StateAttr is the attribute that Row.From tests and Row.To sets.
const StateAttr = "state"

// Row is one move of one item.
type Row struct {
	ID   string // as in the design's table: "T3"
	Name string // one or two words: "claim"

	From    []string // the item's state must be one of these; empty: any state, also none
	To      string   // the state afterwards; empty: unchanged
	Guards  []Guard  // all must hold
	Effects []Effect // applied together
}

// Args gives values to the parameters that a row's guards, effects and paths name.
// Values are of the types an Item may hold.
type Args map[string]any

// Write is one change in an atomic set: an update of an existing item by a row, or a new item.
type Write struct {
	Key  Key
	Row  *Row // update by this row; refused when the item is absent
	Args Args
	Put  Item // with Row nil: store this item; refused when the key is taken
}

// RefusedError reports that conditions of a write set did not hold. Nothing was written.
type RefusedError struct {
	Refusals []Refusal
}

// Refusal is one write whose condition did not hold, with the item it met (nil: none was there).
type Refusal struct {
	Index int // position in the write set
	Key   Key
	Old   Item
}

func (e *RefusedError) Error() string {
	text := "refused:"
	for _, r := range e.Refusals {
		text += fmt.Sprintf(" write %d (%s)", r.Index, r.Key)
	}
	return text
}

// Of returns the refusal of the write at an index, or nil.
func (e *RefusedError) Of(index int) *Refusal {
	for i := range e.Refusals {
		if e.Refusals[i].Index == index {
			return &e.Refusals[i]
		}
	}
	return nil
}
