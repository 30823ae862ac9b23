package budget

import "darkroom/shared/transition"

const unitBytes = 1024 // one write unit writes up to this much

// Units are the write units of one changed item.
type Units struct {
	Item  int // of the table
	Index int // of the due index
}

// Sum is what is billed.
func (u Units) Sum() int { return u.Item + u.Index }

// Plus adds up.
func (u Units) Plus(v Units) Units { return Units{u.Item + v.Item, u.Index + v.Index} }

// Write is what a write costs that made after of before (nil: there was no item). The larger of the two counts, and twice when it is part of a
// transaction. The index is written when an item enters, leaves or moves in it, whatever else changes; moving is leaving and entering.
func Write(key transition.Key, before, after transition.Item, inTransaction bool) Units {
	u := Units{Item: units(max(present(key, before), present(key, after)))}
	if inTransaction {
		u.Item *= 2
	}
	if before["shard"] == after["shard"] && before["due"] == after["due"] {
		return u
	}
	u.Index = units(entrySize(key, before)) + units(entrySize(key, after))
	return u
}

// present is the size of an item, 0 for none.
func present(key transition.Key, item transition.Item) int {
	if item == nil {
		return 0
	}
	return Size(key, item)
}

func units(bytes int) int { return (bytes + unitBytes - 1) / unitBytes }
