package edge

import (
	"strings"
	"sync"
)

// What the recorder keeps at most. Older calls are forgotten first; Log.Dropped says how many were.
const (
	maxCalls     = 20_000
	maxBodyBytes = 16 << 20 // of request bodies, over all calls kept
	maxOneBody   = 64 << 10 // of one request body
)

// Filter selects recorded calls. Empty fields match everything.
type Filter struct {
	Service   string
	Operation string
	Target    string
	KeyPrefix string
	Function  string
	Contains  string // somewhere in the request body's first 64 KiB, or in the object key
	After     int64  // only calls with a higher Seq
}

func (f Filter) matches(c *Call) bool {
	return matches(f.Service, c.Service) && matches(f.Operation, c.Operation) && matches(f.Target, c.Target) &&
		matches(f.Function, c.Function) && strings.HasPrefix(c.Key, f.KeyPrefix) && c.Seq > f.After &&
		(f.Contains == "" || strings.Contains(c.body, f.Contains) || strings.Contains(c.Key, f.Contains))
}

// matches treats an empty wish as "any".
func matches(want, got string) bool { return want == "" || want == got }

// Log is what the recorder knows.
type Log struct {
	Calls   []Call `json:"calls"`   // oldest first
	Dropped int64  `json:"dropped"` // calls forgotten for lack of room: when not 0, a count over all calls is too low
	Last    int64  `json:"last"`    // Seq of the newest call of all, matching or not
}

// recorder remembers the latest calls in bounded memory.
type recorder struct {
	mu      sync.Mutex
	calls   []*Call
	bytes   int
	dropped int64
	last    int64
}

// add remembers a call and gives it its number.
func (r *recorder) add(call *Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	call.Seq = r.last
	if len(call.body) > maxOneBody {
		call.body = call.body[:maxOneBody]
	}
	r.calls = append(r.calls, call)
	r.bytes += len(call.body)
	for len(r.calls) > maxCalls || r.bytes > maxBodyBytes {
		r.bytes -= len(r.calls[0].body)
		r.calls[0] = nil
		r.calls = r.calls[1:]
		r.dropped++
	}
}

// finish notes how a call ended.
func (r *recorder) finish(call *Call, status int, fault string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	call.Status, call.Fault = status, fault
}

// find returns copies of the matching calls.
func (r *recorder) find(filter Filter) Log {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := Log{Calls: []Call{}, Dropped: r.dropped, Last: r.last}
	for _, call := range r.calls {
		if filter.matches(call) {
			found.Calls = append(found.Calls, *call)
		}
	}
	return found
}

// clear forgets all calls; numbers go on counting.
func (r *recorder) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls, r.bytes, r.dropped = nil, 0, 0
}
