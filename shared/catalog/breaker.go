package catalog

import (
	"time"

	"darkroom/shared/transition"
)

// A breaker keeps attempts away from a provider that turns everything away. It stands in the same row as the provider's switch. Closed: OpenUntil is 0. Open:
// OpenUntil lies ahead. Half-open: OpenUntil is over, and one process may try (P3). The first success closes it.
type Breaker struct {
	Failures  int   // refusals since the last success
	OpenUntil int64 // milliseconds since 1970
	Down      bool  // opened because no call can succeed until an operator acts: key, balance, retired model
}

// When a breaker opens, and for how long.
const (
	breakerFailures = 5                // throttled this often in a row
	breakerFirst    = 30 * time.Second // doubled with every further refusal
	breakerLongest  = 10 * time.Minute
	breakerProbe    = 30 * time.Second // what the one that tries has
)

// BreakerFrom reads a provider's row; nil is a provider that has refused nothing.
func BreakerFrom(item transition.Item) Breaker {
	return Breaker{Failures: int(item.Int("failures")), OpenUntil: item.Int("open_until"), Down: item.Flag("down")}
}

// Open tells whether attempts must stay away at this time, in milliseconds since 1970.
func (b Breaker) Open(now int64) bool { return b.OpenUntil > now }

// HalfOpen tells whether one process may try.
func (b Breaker) HalfOpen(now int64) bool { return b.OpenUntil > 0 && b.OpenUntil <= now }

// Provider moves, beside P1: rows of the same item.
var (
	// P2 counts a refusal, and opens the breaker when open_until lies ahead.
	P2 = &transition.Row{ID: "P2", Name: "refused", Effects: []transition.Effect{
		transition.Add("failures", transition.Const(int64(1))), transition.Set("open_until", transition.Param("open_until")), transition.Set("down", transition.Param("down")),
	}}
	// P2c closes it after a success.
	P2c = &transition.Row{ID: "P2c", Name: "close", Guards: []transition.Guard{transition.More("failures", transition.Const(int64(0)))},
		Effects: []transition.Effect{transition.Set("failures", transition.Const(int64(0))), transition.Set("open_until", transition.Const(int64(0))), transition.Set("down", transition.Const(false))}}
	// P3 takes the right to try a provider whose breaker is half-open. One process wins it; the others see it open again.
	P3 = &transition.Row{ID: "P3", Name: "probe",
		Guards:  []transition.Guard{transition.Equal("open_until", transition.Param("read_open_until")), transition.AtMost("open_until", transition.Param("now"))},
		Effects: []transition.Effect{transition.Set("open_until", transition.Param("open_until"))}}
)

// ProviderRows lists the rows of a provider's item, for the stores' suite.
var ProviderRows = []*transition.Row{P1, P2, P2c, P3}

// RefusedWrite counts a refusal on a provider as it was read. down: no call can succeed until an operator acts, so the breaker opens at once.
func (b Breaker) RefusedWrite(provider string, down bool, now int64) transition.Write {
	until := b.OpenUntil
	if more := b.Failures + 1 - breakerFailures; down || more >= 0 {
		until = now + min(breakerLongest, breakerFirst<<min(max(more, 0), 5)).Milliseconds()
	}
	return transition.Write{Key: SwitchKey(provider), Row: P2, Args: transition.Args{"open_until": until, "down": down}}
}

// CloseWrite closes the breaker; refused when it was closed already.
func CloseWrite(provider string) transition.Write {
	return transition.Write{Key: SwitchKey(provider), Row: P2c, Args: transition.Args{}}
}

// ProbeWrite takes the right to try.
func (b Breaker) ProbeWrite(provider string, now int64) transition.Write {
	return transition.Write{Key: SwitchKey(provider), Row: P3,
		Args: transition.Args{"read_open_until": b.OpenUntil, "now": now, "open_until": now + breakerProbe.Milliseconds()}}
}
