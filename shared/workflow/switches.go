package workflow

import (
	"context"
	"errors"
	"sync"
	"time"

	"darkroom/shared/catalog"
	"darkroom/shared/transition"
)

// switchAge is for how long a provider's row is believed without reading it again.
const switchAge = 5 * time.Second

// Switches knows which providers an operator has turned off. A row is read at most every 5 seconds, so a switch reaches every function within that time.
type Switches struct {
	Store interface {
		Get(ctx context.Context, key transition.Key) (transition.Item, error)
	}
	Now func() time.Time

	mu    sync.Mutex
	known map[string]seen
}

type seen struct {
	on bool
	at time.Time
}

// On tells whether a provider may be used.
func (s *Switches) On(ctx context.Context, provider string) (bool, error) {
	s.mu.Lock()
	last, known := s.known[provider]
	s.mu.Unlock()
	if known && s.Now().Sub(last.at) < switchAge {
		return last.on, nil
	}
	item, err := s.Store.Get(ctx, catalog.SwitchKey(provider))
	if err != nil {
		return false, err
	}
	on := catalog.SwitchFrom(provider, item).On
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]seen{}
	}
	s.known[provider] = seen{on, s.Now()}
	return on, nil
}

// Route picks the first route of a model whose provider is on; ok is false when none is.
func (s *Switches) Route(ctx context.Context, m *catalog.Model) (route catalog.Route, ok bool, err error) {
	for _, route := range m.Routes {
		on, err := s.On(ctx, route.Provider)
		if err != nil {
			return catalog.Route{}, false, err
		}
		if on {
			return route, true, nil
		}
	}
	return catalog.Route{}, false, nil
}

// setSwitch turns a provider on or off (P1); its row is made at the first time.
func setSwitch(ctx context.Context, store Writer, sw catalog.Switch) error {
	_, err := store.Update(ctx, transition.Write{Key: catalog.SwitchKey(sw.Provider), Put: sw.Item()})
	var taken *transition.RefusedError
	if errors.As(err, &taken) {
		_, err = store.Update(ctx, sw.Write())
	}
	return err
}
