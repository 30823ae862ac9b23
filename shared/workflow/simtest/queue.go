package simtest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"darkroom/shared/task"
)

// Queue takes hints and keeps them.
type Queue struct {
	mu   sync.Mutex
	sent []task.Message
	err  error
}

// Send keeps the messages, or does what Break ordered.
func (q *Queue) Send(_ context.Context, messages ...task.Message) ([]string, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err != nil {
		return nil, q.err
	}
	ids := make([]string, len(messages))
	for i, m := range messages {
		q.sent = append(q.sent, m)
		ids[i] = fmt.Sprintf("m-%d", len(q.sent))
	}
	return ids, nil
}

// Break makes every later Send fail with an error; nil mends it.
func (q *Queue) Break(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.err = err
}

// Take empties the queue and returns what was in it, in the order of sending.
func (q *Queue) Take() []task.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	sent := q.sent
	q.sent = nil
	return sent
}

// Counts adds up metrics by name.
type Counts struct {
	mu     sync.Mutex
	total  map[string]float64
	values map[string]map[string]bool // by dimension
}

// Count adds to a metric. Sums do not tell dimensions apart.
func (c *Counts) Count(name string, value float64, dimensions ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.total == nil {
		c.total, c.values = map[string]float64{}, map[string]map[string]bool{}
	}
	c.total[name] += value
	for i := 0; i+1 < len(dimensions); i += 2 {
		if c.values[dimensions[i]] == nil {
			c.values[dimensions[i]] = map[string]bool{}
		}
		c.values[dimensions[i]][dimensions[i+1]] = true
	}
}

// Dimensions are the values that each dimension has been given.
func (c *Counts) Dimensions() map[string][]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string][]string{}
	for name, values := range c.values {
		all[name] = slices.Sorted(maps.Keys(values))
	}
	return all
}

// Of is the sum of one metric.
func (c *Counts) Of(name string) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total[name]
}
