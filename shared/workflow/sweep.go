package workflow

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// DueReader reads the due index.
type DueReader interface {
	Due(ctx context.Context, q transition.DueQuery) ([]transition.DueKey, error)
}

// Sweeper looks at every task that is due: it settles what is past its bound and sends every other hint again. Trigger: the schedule, every minute.
type Sweeper struct {
	*Engine
	Index DueReader
}

// What one tick does at most. It is the same work whether much or little is overdue; what is left over is due at the next tick as well.
const (
	sweepPage     = 100 // keys per read, as many as one batch of items holds
	sweepPages    = 20  // per shard
	sweepParallel = 8   // tasks of one shard at once
)

// Swept is what a tick found.
type Swept struct {
	Due    int           `json:"due"` // index rows looked at
	Oldest time.Duration `json:"-"`   // how long the longest overdue was due
}

// Sweep does one tick. Errors about single tasks are logged and do not stop the others; they come back together at the end.
func (s *Sweeper) Sweep(ctx context.Context) (Swept, error) {
	var total Swept
	var errs []error
	var mu sync.Mutex
	var shards errgroup.Group
	for n := range task.Shards {
		shards.Go(func() error {
			found, err := s.shard(ctx, task.ShardName(n))
			mu.Lock()
			defer mu.Unlock()
			total.Due += found.Due
			total.Oldest = max(total.Oldest, found.Oldest)
			errs = append(errs, err)
			return nil
		})
	}
	shards.Wait() //nolint:errcheck // errors are gathered above
	s.Metrics.Count("OldestDueAge", total.Oldest.Seconds())
	s.Metrics.Count("Swept", float64(total.Due))
	return total, errors.Join(errs...)
}

func (s *Sweeper) shard(ctx context.Context, shard string) (Swept, error) {
	var found Swept
	var errs []error
	until := task.Millis(s.Now()) // fixed: what this tick touches is not due again within it
	for range sweepPages {
		keys, err := s.Index.Due(ctx, transition.DueQuery{Shard: shard, Until: until, Limit: sweepPage})
		if err != nil {
			return found, errors.Join(append(errs, err)...)
		}
		if len(keys) > 0 && found.Due == 0 {
			found.Oldest = time.Duration(until-keys[0].Due) * time.Millisecond
		}
		found.Due += len(keys)
		touched, err := s.page(ctx, keys)
		errs = append(errs, err)
		if len(keys) < sweepPage || touched == 0 { // an index that lags shows the same rows again
			break
		}
	}
	return found, errors.Join(errs...)
}

// page handles the tasks of one read of the index and tells how many it moved. Base items are read first: the index may be older.
func (s *Sweeper) page(ctx context.Context, due []transition.DueKey) (moved int, err error) {
	if len(due) == 0 {
		return 0, nil
	}
	keys := make([]transition.Key, len(due))
	for i, d := range due {
		keys[i] = d.Key
	}
	items, err := s.Store.GetAll(ctx, keys...)
	if err != nil {
		return 0, err
	}
	var mu sync.Mutex
	var errs []error
	var tasks errgroup.Group
	tasks.SetLimit(sweepParallel)
	for i, item := range items {
		if item == nil || item.Int("due") == 0 {
			continue // gone from the index since
		}
		tasks.Go(func() error {
			t := task.From(keys[i], item)
			done, err := s.look(ctx, t)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				s.Log.Error("sweep failed on a task", "task_id", t.ID, "account", t.Account, "state", t.State, "error", err)
				errs = append(errs, err)
			} else if done {
				moved++
			}
			return nil
		})
	}
	tasks.Wait() //nolint:errcheck // errors are gathered above
	return moved, errors.Join(errs...)
}

// look does what the sweep does about one task and tells whether it left its place in the index. A move that is refused although the task is still there (its
// hold is not held: an alarm) must not keep it at the front.
func (s *Sweeper) look(ctx context.Context, t *task.Task) (moved bool, err error) {
	d := s.decide(t, task.Sweep{})
	done, err := s.carryOut(ctx, t, d)
	if err != nil || done.counted || d.Move.Transition == task.T12 {
		return done.counted && d.Move != nil, err
	}
	touched, err := s.make(ctx, t, s.Rules.Touch(t, s.Now()))
	return touched.counted, err
}
