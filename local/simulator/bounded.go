package simulator

// bounded is a map that holds at most keep items and forgets the oldest. Its owner locks.
type bounded[V any] struct {
	keep  int
	items map[string]V
	keys  []string // in order of arrival, as a ring once full
	next  int      // the oldest, when full
}

func newBounded[V any](keep int) *bounded[V] {
	return &bounded[V]{keep: keep, items: map[string]V{}}
}

func (b *bounded[V]) get(key string) (V, bool) {
	v, ok := b.items[key]
	return v, ok
}

func (b *bounded[V]) put(key string, v V) {
	if _, known := b.items[key]; !known {
		if len(b.keys) < b.keep {
			b.keys = append(b.keys, key)
		} else {
			delete(b.items, b.keys[b.next])
			b.keys[b.next] = key
			b.next = (b.next + 1) % b.keep
		}
	}
	b.items[key] = v
}

// newestFirst lists all items.
func (b *bounded[V]) newestFirst() []V {
	all := make([]V, 0, len(b.keys))
	for i := len(b.keys) - 1; i >= 0; i-- {
		all = append(all, b.items[b.keys[(b.next+i)%len(b.keys)]])
	}
	return all
}
