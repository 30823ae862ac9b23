package simtest

import (
	"context"
	"fmt"

	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// simStore is the store as processes see it: each call may stop, fail or be the last one of its process.
type simStore struct{ *sim }

// Get reads one item.
func (s simStore) Get(ctx context.Context, key transition.Key) (item transition.Item, err error) {
	err = of(ctx).call("read "+key.SK, func() error {
		item, err = s.store.Get(ctx, key)
		return err
	})
	return item, err
}

// GetAll reads items, as they were at an earlier moment for a process that is slow.
func (s simStore) GetAll(ctx context.Context, keys ...transition.Key) (items []transition.Item, err error) {
	p := of(ctx)
	err = p.call(fmt.Sprintf("read %d", len(keys)), func() error {
		items, err = s.store.GetAll(ctx, keys...)
		for i, key := range keys {
			if old := p.stale[key]; old != nil {
				items[i] = old
			}
		}
		return err
	})
	return items, err
}

// Query reads a part of a partition.
func (s simStore) Query(ctx context.Context, q transition.Query) (rows []transition.Stored, err error) {
	err = of(ctx).call("query", func() error {
		rows, err = s.store.Query(ctx, q)
		return err
	})
	return rows, err
}

// Due reads a shard of the due index.
func (s simStore) Due(ctx context.Context, q transition.DueQuery) (rows []transition.DueKey, err error) {
	err = of(ctx).call("due "+q.Shard, func() error {
		rows, err = s.store.Due(ctx, q)
		return err
	})
	return rows, err
}

// Update makes one change.
func (s simStore) Update(ctx context.Context, w transition.Write) (item transition.Item, err error) {
	if err := denied(w); err != nil {
		return nil, err
	}
	p := of(ctx)
	steps := p.steps && w.Row != &task.T2.Row // these are written side by side, after everything else of a create call
	err = p.callAs(steps, rowOf(w)+" "+w.Key.SK, func() error {
		item, err = s.store.Update(ctx, s.broken(w))
		s.wrote(err, w)
		return err
	})
	return item, err
}

// Transact makes all changes or none.
func (s simStore) Transact(ctx context.Context, writes ...transition.Write) error {
	return of(ctx).call(rowOf(writes...)+" "+writes[0].Key.SK, func() error {
		changed := make([]transition.Write, len(writes))
		for i, w := range writes {
			changed[i] = s.broken(w)
		}
		err := s.store.Transact(ctx, changed...)
		s.wrote(err, writes...)
		return err
	})
}

// broken puts a broken row in the place of a good one, when the simulation is to find a mistake.
func (s simStore) broken(w transition.Write) transition.Write {
	if w.Row != nil && s.options.Broken[w.Row.ID] != nil {
		w.Row = s.options.Broken[w.Row.ID]
	}
	return w
}

// wrote notes what a write has changed, for the checks after the step.
func (s simStore) wrote(err error, writes ...transition.Write) {
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range writes {
		s.changed[w.Key] = true
	}
	if s.options.Wrote != nil {
		s.options.Wrote(rowOf(writes...))
	}
}

// simQueue is the queues as processes see them.
type simQueue struct{ *sim }

// Send takes messages, and loses or doubles some.
func (s simQueue) Send(ctx context.Context, messages ...task.Message) ([]string, error) {
	ids := make([]string, len(messages))
	err := of(ctx).call(fmt.Sprintf("send %s %s", messages[0].Queue, messages[0].Task), func() error {
		for i, m := range messages {
			ids[i] = "m"
			s.post(m, m.Delay)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

// simBucket is the bucket as processes see it.
type simBucket struct{ *sim }

// PutAsset writes an asset.
func (s simBucket) PutAsset(ctx context.Context, key string, data []byte, contentType, fileName string) error {
	return of(ctx).call("put "+key[:1], func() error { return s.bucket.PutAsset(ctx, key, data, contentType, fileName) })
}

// PutOnce stages bytes.
func (s simBucket) PutOnce(ctx context.Context, key string, data []byte, contentType string) error {
	return of(ctx).call("stage", func() error { return s.bucket.PutOnce(ctx, key, data, contentType) })
}

// Get reads an object.
func (s simBucket) Get(ctx context.Context, key string, limit int64) (data []byte, err error) {
	err = of(ctx).call("get "+key[:1], func() error {
		data, err = s.bucket.Get(ctx, key, limit)
		return err
	})
	return data, err
}

// List looks for staged bytes.
func (s simBucket) List(ctx context.Context, prefix string) (keys []string, err error) {
	err = of(ctx).call("list", func() error {
		keys, err = s.bucket.List(ctx, prefix)
		return err
	})
	return keys, err
}

// DeletePrefix removes objects.
func (s simBucket) DeletePrefix(ctx context.Context, prefix string) error {
	return of(ctx).call("remove "+prefix[:1], func() error { return s.bucket.DeletePrefix(ctx, prefix) })
}
