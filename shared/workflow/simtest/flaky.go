package simtest

import (
	"context"
	"errors"
	"sync"

	"darkroom/shared/memstore"
	"darkroom/shared/transition"
)

// ErrLost is what a broken write returns: nobody knows whether it was made.
var ErrLost = errors.New("the answer was lost")

// ErrDenied is what the roles of the functions answer to a new item outside of a transaction.
var ErrDenied = errors.New("new items are written in transactions only")

// denied tells how a single write is refused before it is tried.
func denied(w transition.Write) error {
	if w.Row == nil {
		return ErrDenied
	}
	return nil
}

// Flaky is a store whose writes can be made to fail once, before or after they took effect.
type Flaky struct {
	*memstore.Store

	mu     sync.Mutex
	before map[string]int
	after  map[string]int
	meet   map[string]func()
}

// NewFlaky makes an empty store without faults.
func NewFlaky() *Flaky {
	return &Flaky{Store: memstore.New(), before: map[string]int{}, after: map[string]int{}, meet: map[string]func(){}}
}

// FailBefore makes the next write by a row ("T4") fail without effect.
func (f *Flaky) FailBefore(row string) { f.order(f.before, row) }

// FailAfter makes the next write by a row fail although it took effect.
func (f *Flaky) FailAfter(row string) { f.order(f.after, row) }

// Meet runs something just before the next write by a row: what another process did in between.
func (f *Flaky) Meet(row string, other func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.meet[row] = other
}

func (f *Flaky) order(of map[string]int, row string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	of[row]++
}

// takes tells whether a fault is ordered for a row, and uses it up.
func (f *Flaky) takes(of map[string]int, row string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if of[row] == 0 {
		return false
	}
	of[row]--
	return true
}

func (f *Flaky) met(row string) {
	f.mu.Lock()
	other := f.meet[row]
	delete(f.meet, row)
	f.mu.Unlock()
	if other != nil {
		other()
	}
}

// Update makes one change, unless a fault is ordered.
func (f *Flaky) Update(ctx context.Context, w transition.Write) (item transition.Item, err error) {
	if err := denied(w); err != nil {
		return nil, err
	}
	err = f.around(rowOf(w), func() error {
		item, err = f.Store.Update(ctx, w)
		return err
	})
	return item, err
}

// Transact makes all changes or none, unless a fault is ordered.
func (f *Flaky) Transact(ctx context.Context, writes ...transition.Write) error {
	return f.around(rowOf(writes...), func() error { return f.Store.Transact(ctx, writes...) })
}

func (f *Flaky) around(row string, write func() error) error {
	f.met(row)
	if f.takes(f.before, row) {
		return ErrLost
	}
	err := write()
	if f.takes(f.after, row) {
		return ErrLost
	}
	return err
}

// rowOf names a set of writes by its first row: "T1" is the create transaction, "put" a set of new items only.
func rowOf(writes ...transition.Write) string {
	for _, w := range writes {
		if w.Row != nil {
			return w.Row.ID
		}
	}
	return "put"
}
