// Package simtest is a small world around the workflow: queues, a bucket, providers and a clock, all in memory, and a simulation that drives the
// whole of it from one seed.
package simtest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"darkroom/shared/workflow"
)

// Epoch is when these worlds begin. It lies far ahead because steps bound their calls by absolute deadlines: in a world of the past every one of
// them would be over.
var Epoch = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

// Clock is a clock that stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a clock that shows Epoch.
func NewClock() *Clock { return &Clock{now: Epoch} }

// Now is the time it shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Add moves it.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// IDs makes ULIDs that count up, so that a run can be repeated.
func IDs() func() string {
	var last atomic.Int64
	return func() string { return fmt.Sprintf("01%024d", last.Add(1)) }
}

// Tokens makes webhook tokens with one fixed key.
func Tokens() workflow.Tokens {
	keys := workflow.TokenKeys{Current: "k1", Keys: map[string][]byte{"k1": []byte("a key of thirty-two bytes, fixed")}}
	return workflow.Tokens{Stage: "test", Keys: func() workflow.TokenKeys { return keys }}
}
