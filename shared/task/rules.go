package task

import (
	"hash/fnv"
	"math"
	"strconv"
	"time"
)

// Rules are the times that decisions are made with. They decide when to try, never whether something counts: conditions do that.
type Rules struct {
	Lease      time.Duration // what a lease lasts beyond the provider call
	Grace      time.Duration // wait for news of a call whose answer was lost
	Sweep      time.Duration // until a task is looked at again
	Store      time.Duration // to bring a finished image home
	Undo       time.Duration // a deleted task can be restored
	StoreTries int           // tries at bringing it home
	StoreLease time.Duration // one such try
}

// RetryDelay is how long to wait before the next try: up to base x 2^n, at most limit, at least half of that. The spread is taken from the task's
// id, so that the decision stays a pure function and tasks do not march in step.
func RetryDelay(id ID, n int, base, limit time.Duration) time.Duration {
	// In floating point: neither the doubled base nor the product of a wait and a hash fits 64 bits.
	half := min(float64(limit), float64(base)*math.Pow(2, float64(min(n, 30)))) / 2
	h := fnv.New32a()
	h.Write([]byte(string(id) + "/" + strconv.Itoa(n)))
	return time.Duration(half + half*float64(h.Sum32())/(1<<32))
}

// submitBackoff is the wait before attempt n+1, or before a refused call is tried again.
func submitBackoff(id ID, n int) time.Duration { return RetryDelay(id, n, time.Second, time.Minute) }

// storeBackoff is the wait before the next try at storing.
func storeBackoff(id ID, n int) time.Duration { return RetryDelay(id, n, time.Second, 30*time.Second) }

// due is when the sweep should look next: never more than Sweep away, and at the deadline if that is nearer.
func (r Rules) due(t *Task, now int64) int64 {
	due := now + r.Sweep.Milliseconds()
	if t.State.Terminal() && t.DeletedAt > 0 && !t.Erasing {
		return max(due, t.DeletedAt+r.Undo.Milliseconds())
	}
	if t.DeadlineAt > now && t.State != Storing && !t.State.Terminal() {
		due = min(due, t.DeadlineAt)
	}
	return due
}
