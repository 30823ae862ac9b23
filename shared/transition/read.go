package transition

// Stored is an item with its key.
type Stored struct {
	Key  Key
	Item Item
}

// Query asks for items of one partition in descending order of their sort keys.
type Query struct {
	Table  Table
	PK     string
	Prefix string // of the sort key; empty: any
	Below  string // only sort keys below this one; empty: from the end
	Limit  int    // 1 to 1,000 items
}

// DueQuery asks for the keys in one shard of the due index that are due, the longest overdue first.
type DueQuery struct {
	Shard string
	Until int64 // milliseconds since 1970
	Limit int
}

// DueKey is one row of the due index, which may be older than the item.
type DueKey struct {
	Key Key
	Due int64
}
