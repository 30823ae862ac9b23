package simtest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"

	"darkroom/shared/transition"
)

// errDead is what every call of a process that has crashed returns. It has no effect, and what the process makes of it is thrown away.
var errDead = errors.New("the process is dead")

// process is one step of the workflow at work. It is a coroutine: at each call of anything outside it stops, and the simulation decides who goes on. That
// is how every interleaving of reads and writes comes about in one goroutine, and how a run can be repeated from its seed.
type process struct {
	name  string
	sim   *sim
	yield func(struct{}) bool
	next  func() (struct{}, bool)
	stop  func()
	dead  bool
	stale map[transition.Key]transition.Item // what it reads instead of the present; nil: the present
	steps bool                               // it stops at its calls; a process of several goroutines does not
	slow  bool                               // it is seldom resumed
	err   error
	onEnd func(err error) // nil if it died
}

type processKey struct{}

// of finds the process that a call is made by.
func of(ctx context.Context) *process { return ctx.Value(processKey{}).(*process) }

// start begins a process. It runs up to its first call when it is resumed.
func (s *sim) start(name string, steps bool, body func(context.Context) error, onEnd func(error)) *process {
	p := &process{name: name, sim: s, steps: steps, onEnd: onEnd, slow: s.random.IntN(4) == 0}
	ctx := context.WithValue(context.Background(), processKey{}, p)
	p.next, p.stop = iter.Pull(func(yield func(struct{}) bool) {
		p.yield = yield
		p.err = body(ctx)
	})
	s.processes = append(s.processes, p)
	return p
}

// resume lets a process go on to its next call.
func (s *sim) resume(p *process) {
	if _, more := p.next(); more {
		return
	}
	s.forget(p)
	if !p.dead && p.onEnd != nil {
		p.onEnd(p.err)
	}
}

// kill ends a process where it is: none of its later calls has an effect.
func (s *sim) kill(p *process) {
	p.dead = true
	p.stop()
	s.forget(p)
}

func (s *sim) killAll() {
	for len(s.processes) > 0 {
		s.kill(s.processes[0])
	}
}

func (s *sim) forget(p *process) {
	for i, other := range s.processes {
		if other == p {
			s.processes = append(s.processes[:i], s.processes[i+1:]...)
			return
		}
	}
}

// fate is what happens to one call.
type fate int

const (
	works       fate = iota
	failsBefore      // an error, and nothing was done
	failsAfter       // an error, although it was done
	diesBefore       // the process dies before the call
	diesAfter        // the process dies after it, before it hears of it
)

// call runs one call of a process to the outside, with its fate.
func (p *process) call(what string, effect func() error) error {
	return p.callAs(p.steps, what, effect)
}

// callAs is call; steps is false for calls that are made side by side.
func (p *process) callAs(steps bool, what string, effect func() error) error {
	if p.dead {
		return errDead
	}
	if steps && !p.yield(struct{}{}) {
		p.dead = true
		return errDead
	}
	p.sim.trace("%s: %s", p.name, what)
	switch p.fate(steps, what) {
	case failsBefore:
		return fmt.Errorf("%s: %w", what, ErrLost)
	case diesBefore:
		p.dead = true
		return errDead
	case failsAfter:
		_ = effect() //nolint:errcheck // nobody hears of it
		return fmt.Errorf("%s: %w", what, ErrLost)
	case diesAfter:
		_ = effect() //nolint:errcheck // nobody hears of it
		p.dead = true
		return errDead
	}
	return effect()
}

// fate draws what happens to a call. A process of several goroutines makes its calls in no certain order, so its fates are drawn from what is called, and
// it does not die as a whole.
func (p *process) fate(steps bool, what string) fate {
	s := p.sim
	if !steps {
		h := fnv.New64a()
		fmt.Fprintf(h, "%d %d %s", s.seed, s.step, what)
		draw := float64(h.Sum64()%1_000_000) / 1_000_000
		switch {
		case draw < s.faults.Errors/2:
			return failsBefore
		case draw < s.faults.Errors:
			return failsAfter
		}
		return works
	}
	switch draw := s.random.Float64(); {
	case draw < s.faults.Errors:
		return failsBefore + fate(s.random.IntN(2))
	case draw < s.faults.Errors+s.faults.Crashes:
		return diesBefore + fate(s.random.IntN(2))
	}
	return works
}
