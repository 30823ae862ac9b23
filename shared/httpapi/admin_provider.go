package httpapi

import (
	"context"
	"time"

	"darkroom/shared/catalog"
	"darkroom/shared/task"
)

// ProviderView is a provider's switch.
type ProviderView struct {
	Provider string     `json:"provider"`
	On       bool       `json:"on"`
	Reason   string     `json:"reason,omitempty"`
	By       string     `json:"by,omitempty"`
	At       *time.Time `json:"at,omitempty"`
}

func providerView(s catalog.Switch) ProviderView {
	v := ProviderView{Provider: s.Provider, On: s.On, Reason: s.Reason, By: s.By}
	if s.At > 0 {
		at := task.Time(s.At)
		v.At = &at
	}
	return v
}

type providersOut struct {
	Body struct {
		Providers []ProviderView `json:"providers"`
	}
}

func (a *Admin) providers(ctx context.Context, _ *struct{}) (*providersOut, error) {
	if _, err := a.who(ctx); err != nil {
		return nil, err
	}
	all, err := a.Operators.Providers(ctx)
	if err != nil {
		return nil, err
	}
	out := &providersOut{}
	for _, s := range all {
		out.Body.Providers = append(out.Body.Providers, providerView(s))
	}
	return out, nil
}

type switchIn struct {
	Provider string `path:"provider" maxLength:"64"`
	Body     struct {
		On     bool   `json:"on"`
		Reason string `json:"reason" minLength:"1" maxLength:"200"`
	}
}

type switchOut struct{ Body ProviderView }

func (a *Admin) switchProvider(ctx context.Context, in *switchIn) (*switchOut, error) {
	by, err := a.who(ctx)
	if err != nil {
		return nil, err
	}
	s, err := a.Operators.Switch(ctx, in.Provider, in.Body.On, by, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &switchOut{providerView(s)}, nil
}
