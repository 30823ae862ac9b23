// Package memstore keeps the two tables in memory, by the same transition rows as DynamoDB. It serves simulations and tests, and is a
// real implementation: it passes the same suite as dynamostore. Items are shared with their readers, who must not change them.
package memstore

import (
	"context"
	"slices"
	"strings"
	"sync"

	"darkroom/shared/transition"
)

// Store is an empty pair of tables. It is safe for concurrent use.
type Store struct {
	mu    sync.Mutex
	items map[transition.Key]transition.Item
	index map[string]map[transition.Key]int64 // due index: shard -> key -> due
}

// New makes an empty store.
func New() *Store {
	return &Store{items: map[transition.Key]transition.Item{}, index: map[string]map[transition.Key]int64{}}
}

// Get reads one item, as it is now; nil when there is none.
func (s *Store) Get(_ context.Context, key transition.Key) (transition.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.items[key], nil
}

// GetAll reads items in the order of their keys; nil for those that are not there.
func (s *Store) GetAll(_ context.Context, keys ...transition.Key) ([]transition.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := make([]transition.Item, len(keys))
	for i, key := range keys {
		found[i] = s.items[key]
	}
	return found, nil
}

// Query reads a part of a partition, highest sort key first.
func (s *Store) Query(_ context.Context, q transition.Query) ([]transition.Stored, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []transition.Stored
	for key, item := range s.items {
		if key.Table == q.Table && key.PK == q.PK && strings.HasPrefix(key.SK, q.Prefix) && (q.Below == "" || key.SK < q.Below) {
			found = append(found, transition.Stored{Key: key, Item: item})
		}
	}
	slices.SortFunc(found, func(a, b transition.Stored) int { return strings.Compare(b.Key.SK, a.Key.SK) })
	return found[:min(q.Limit, len(found))], nil
}

// Due reads one shard of the due index.
func (s *Store) Due(_ context.Context, q transition.DueQuery) ([]transition.DueKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []transition.DueKey
	for key, due := range s.index[q.Shard] {
		if due <= q.Until {
			found = append(found, transition.DueKey{Key: key, Due: due})
		}
	}
	slices.SortFunc(found, func(a, b transition.DueKey) int {
		if a.Due != b.Due {
			return int(a.Due - b.Due)
		}
		return strings.Compare(a.Key.SK, b.Key.SK)
	})
	return found[:min(q.Limit, len(found))], nil
}

// Update makes one change and returns the new item, or a *transition.RefusedError with the item it met.
func (s *Store) Update(_ context.Context, write transition.Write) (transition.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.apply([]transition.Write{write}); err != nil {
		return nil, err
	}
	return s.items[write.Key], nil
}

// Transact makes all changes or none. Refused: a *transition.RefusedError with every write whose condition did not hold.
func (s *Store) Transact(_ context.Context, writes ...transition.Write) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.apply(writes)
}

// apply tests every condition, then makes every change. The caller holds the lock.
func (s *Store) apply(writes []transition.Write) error {
	var refused transition.RefusedError
	for i, w := range writes {
		old := s.items[w.Key]
		holds := old == nil
		if w.Row != nil {
			holds = w.Row.Holds(old, w.Args)
		}
		if !holds {
			refused.Refusals = append(refused.Refusals, transition.Refusal{Index: i, Key: w.Key, Old: old})
		}
	}
	if len(refused.Refusals) > 0 {
		return &refused
	}
	for _, w := range writes {
		if w.Row == nil {
			s.put(w.Key, w.Put)
		} else {
			s.put(w.Key, w.Row.Apply(s.items[w.Key], w.Args))
		}
	}
	return nil
}

// put stores an item and keeps the due index in step with it.
func (s *Store) put(key transition.Key, item transition.Item) {
	old := s.items[key]
	s.items[key] = item
	was, now := old.Text("shard"), item.Text("shard")
	before, due := old.Int("due"), item.Int("due")
	if was == now && before == due {
		return
	}
	if was != "" && before != 0 {
		delete(s.index[was], key)
	}
	if now == "" || due == 0 {
		return
	}
	if s.index[now] == nil {
		s.index[now] = map[transition.Key]int64{}
	}
	s.index[now][key] = due
}

// All returns every item, for checks of invariants in tests and simulations.
func (s *Store) All() []transition.Stored {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]transition.Stored, 0, len(s.items))
	for key, item := range s.items {
		all = append(all, transition.Stored{Key: key, Item: item})
	}
	return all
}
