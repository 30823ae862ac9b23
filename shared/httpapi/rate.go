package httpapi

import (
	"sync"
	"time"

	"darkroom/shared/fault"
)

// A caller's burst and steady rate at one function process. It is a brake on loops that run wild, not a quota: processes do not share it. What an account may
// do at all is bounded by its credits, its open tasks and the uploads of a day.
const (
	rateBurst    = 600
	ratePerSec   = 20
	rateAccounts = 10_000 // remembered; beyond it the memory starts anew
)

// brake counts calls by account.
type brake struct {
	mu    sync.Mutex
	calls map[string]bucket
}

// bucket holds what is left of a burst, as of a time.
type bucket struct {
	left float64
	at   time.Time
}

// take uses up one call of an account, or refuses it.
func (b *brake) take(account string, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.calls == nil || len(b.calls) >= rateAccounts {
		b.calls = map[string]bucket{}
	}
	have, known := b.calls[account]
	if !known {
		have = bucket{rateBurst, now}
	}
	have.left = min(rateBurst, have.left+now.Sub(have.at).Seconds()*ratePerSec)
	have.at = now
	if have.left < 1 {
		b.calls[account] = have
		return &fault.Error{Code: fault.RateLimited, RetryAfter: time.Second, Message: "too many calls; wait as long as Retry-After says, and poll no faster than next_check_in_ms"}
	}
	have.left--
	b.calls[account] = have
	return nil
}
