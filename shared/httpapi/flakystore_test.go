package httpapi_test

import (
	"context"
	"sync/atomic"

	"darkroom/shared/memstore"
	"darkroom/shared/transition"
)

// flakyStore is a store that can be told to fail or crash.
type flakyStore struct {
	*memstore.Store
	broken atomic.Pointer[func() error] // called before every call; an error is the call's answer
}

func (s *flakyStore) breakWith(fault func() error) { s.broken.Store(&fault) }

func (s *flakyStore) mend() { s.broken.Store(nil) }

func (s *flakyStore) fault() error {
	if broken := s.broken.Load(); broken != nil {
		return (*broken)()
	}
	return nil
}

func (s *flakyStore) Get(ctx context.Context, key transition.Key) (transition.Item, error) {
	if err := s.fault(); err != nil {
		return nil, err
	}
	return s.Store.Get(ctx, key)
}

func (s *flakyStore) GetAll(ctx context.Context, keys ...transition.Key) ([]transition.Item, error) {
	if err := s.fault(); err != nil {
		return nil, err
	}
	return s.Store.GetAll(ctx, keys...)
}

func (s *flakyStore) Query(ctx context.Context, q transition.Query) ([]transition.Stored, error) {
	if err := s.fault(); err != nil {
		return nil, err
	}
	return s.Store.Query(ctx, q)
}

func (s *flakyStore) Update(ctx context.Context, write transition.Write) (transition.Item, error) {
	if err := s.fault(); err != nil {
		return nil, err
	}
	return s.Store.Update(ctx, write)
}

func (s *flakyStore) Transact(ctx context.Context, writes ...transition.Write) error {
	if err := s.fault(); err != nil {
		return err
	}
	return s.Store.Transact(ctx, writes...)
}
