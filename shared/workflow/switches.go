package workflow

import (
	"context"
	"errors"
	"sync"
	"time"

	"darkroom/shared/catalog"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// switchAge is for how long a provider's row is believed without reading it again.
const switchAge = 5 * time.Second

// Switches knows which providers may be used: which an operator has turned off, and which turn everything away at the moment. A row is read at most every
// 5 seconds, so news of it reaches every function within that time.
type Switches struct {
	Store interface {
		Get(ctx context.Context, key transition.Key) (transition.Item, error)
		Writer
	}
	Now func() time.Time

	mu    sync.Mutex
	known map[string]seen
}

type seen struct {
	on      bool
	breaker catalog.Breaker
	at      time.Time
}

// state is what is known of a provider.
func (s *Switches) state(ctx context.Context, provider string) (seen, error) {
	s.mu.Lock()
	last, known := s.known[provider]
	s.mu.Unlock()
	if known && s.Now().Sub(last.at) < switchAge {
		return last, nil
	}
	item, err := s.Store.Get(ctx, catalog.SwitchKey(provider))
	if err != nil {
		return seen{}, err
	}
	return s.learn(provider, item), nil
}

// learn remembers a provider's row.
func (s *Switches) learn(provider string, item transition.Item) seen {
	now := seen{on: catalog.SwitchFrom(provider, item).On, breaker: catalog.BreakerFrom(item), at: s.Now()}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]seen{}
	}
	s.known[provider] = now
	return now
}

// Available tells whether a model can be offered: whether one of its providers is on, and is not known to need an operator. A provider that is only busy
// is no reason to refuse work: tasks wait.
func (s *Switches) Available(ctx context.Context, m *catalog.Model) (bool, error) {
	for _, route := range m.Routes {
		state, err := s.state(ctx, route.Provider)
		if err != nil {
			return false, err
		}
		if state.on && !(state.breaker.Down && state.breaker.Open(task.Millis(s.Now()))) {
			return true, nil
		}
	}
	return false, nil
}

// Route picks the provider of a task's next attempt: the first of the model's routes that is on and whose breaker lets it through. While an earlier attempt may
// still be running, only its own provider comes into question, so that two never work on one task. ok is false when there is none; retryAt is then
// when the first breaker lets one try, zero when that is not known.
func (s *Switches) Route(ctx context.Context, m *catalog.Model, t *task.Task) (route catalog.Route, retryAt time.Time, ok bool, err error) {
	only := t.MayRunAt()
	for _, route := range m.Routes {
		if only != "" && route.Provider != only {
			continue
		}
		state, err := s.state(ctx, route.Provider)
		if err != nil {
			return catalog.Route{}, retryAt, false, err
		}
		admitted, err := s.admits(ctx, route.Provider, state)
		if err != nil {
			return catalog.Route{}, retryAt, false, err
		}
		if admitted {
			return route, time.Time{}, true, nil
		}
		if until := task.Time(state.breaker.OpenUntil); state.on && until.After(s.Now()) && (retryAt.IsZero() || until.Before(retryAt)) {
			retryAt = until
		}
	}
	return catalog.Route{}, retryAt, false, nil
}

// admits tells whether an attempt may use a provider. Of the processes that meet a half-open breaker one wins the right to try (P3).
func (s *Switches) admits(ctx context.Context, provider string, state seen) (bool, error) {
	now := task.Millis(s.Now())
	switch {
	case !state.on, state.breaker.Open(now):
		return false, nil
	case !state.breaker.HalfOpen(now):
		return true, nil
	}
	item, err := s.Store.Update(ctx, state.breaker.ProbeWrite(provider, now))
	var refused *transition.RefusedError
	if errors.As(err, &refused) {
		s.learn(provider, refused.Refusals[0].Old)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s.learn(provider, item)
	return true, nil
}

// Refused counts that a provider turned an attempt away (P2). down: no call can succeed until an operator acts.
func (s *Switches) Refused(ctx context.Context, provider string, down bool) error {
	state, err := s.state(ctx, provider)
	if err != nil {
		return err
	}
	write := state.breaker.RefusedWrite(provider, down, task.Millis(s.Now()))
	item, err := s.Store.Update(ctx, write)
	var refused *transition.RefusedError
	if errors.As(err, &refused) { // no row yet: the provider was never switched and has never refused
		// As a transaction of one, because roles may put items in no other way.
		if err = s.Store.Transact(ctx, transition.Write{Key: write.Key, Put: catalog.Switch{On: true}.Item()}); err == nil || errors.As(err, &refused) {
			item, err = s.Store.Update(ctx, write)
		}
	}
	if err != nil {
		return err
	}
	s.learn(provider, item)
	return nil
}

// Worked closes a provider's breaker after a success (P2c). It writes nothing for a provider that has refused nothing.
func (s *Switches) Worked(ctx context.Context, provider string) error {
	state, err := s.state(ctx, provider)
	if err != nil || state.breaker.Failures == 0 {
		return err
	}
	item, err := s.Store.Update(ctx, catalog.CloseWrite(provider))
	var refused *transition.RefusedError
	if errors.As(err, &refused) { // somebody else has closed it
		s.learn(provider, refused.Refusals[0].Old)
		return nil
	}
	if err == nil {
		s.learn(provider, item)
	}
	return err
}

// setSwitch turns a provider on or off (P1); its row is made at the first time.
func setSwitch(ctx context.Context, store Writer, sw catalog.Switch) error {
	err := store.Transact(ctx, transition.Write{Key: catalog.SwitchKey(sw.Provider), Put: sw.Item()}) // roles may put rows in transactions only
	var taken *transition.RefusedError
	if errors.As(err, &taken) {
		_, err = store.Update(ctx, sw.Write())
	}
	return err
}
