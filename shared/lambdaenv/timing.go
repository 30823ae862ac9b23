package lambdaenv

import (
	"fmt"
	"strings"
	"time"
)

// Timing is the template's TIMING: caps over the catalogue's own times, so that stage local can run in seconds what takes minutes elsewhere.
type Timing struct {
	Call     time.Duration // one call to a provider
	Lease    time.Duration // what a lease lasts beyond the call
	Grace    time.Duration // wait for news of a call whose answer was lost
	Sweep    time.Duration // until a task is looked at again
	Deadline time.Duration // from create to giving up
	Store    time.Duration // to bring a finished image home
	Undo     time.Duration // a deleted task can be restored
}

// ParseTiming reads "call=600s lease=60s grace=120s sweep=45s deadline=3600s store=1800s undo=604800s". Every name is required, once.
func ParseTiming(text string) (t Timing, err error) {
	fields := map[string]*time.Duration{"call": &t.Call, "lease": &t.Lease, "grace": &t.Grace, "sweep": &t.Sweep, "deadline": &t.Deadline, "store": &t.Store, "undo": &t.Undo}
	for _, word := range strings.Fields(text) {
		name, value, _ := strings.Cut(word, "=")
		field, known := fields[name]
		if !known {
			return Timing{}, fmt.Errorf("%q is unknown or given twice; allowed: call, lease, grace, sweep, deadline, store, undo", name)
		}
		if *field, err = time.ParseDuration(value); err != nil || *field <= 0 {
			return Timing{}, fmt.Errorf("%s is %q; allowed: a time above 0 such as 45s", name, value)
		}
		delete(fields, name)
	}
	for name := range fields {
		return Timing{}, fmt.Errorf("%s is missing", name)
	}
	return t, nil
}
