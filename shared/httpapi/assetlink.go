package httpapi

import (
	"context"

	"darkroom/shared/fault"
)

type assetIn struct {
	TaskPath
	Variant  string `query:"variant" enum:"original,preview" default:"original"`
	Download string `query:"download" enum:"1,0" doc:"1: the original, whatever variant says. Browsers save what the link leads to under its own name; pages can show it."`
}

type assetOut struct {
	Location string `header:"Location"`
}

func (a *API) asset(ctx context.Context, in *assetIn) (*assetOut, error) {
	account, id, err := a.task(ctx, in.TaskPath)
	if err != nil {
		return nil, err
	}
	t, _, err := a.Tasks.Get(ctx, account, id)
	if err != nil {
		return nil, err
	}
	if t.Asset == nil {
		return nil, fault.New(fault.NotFound, "the task has no image: it is %s", t.State.Status())
	}
	key := t.Asset.Key(account, string(id))
	if in.Variant == "preview" && in.Download != "1" {
		key = t.Asset.PreviewKey(account, string(id))
	}
	link, err := a.Signer.Sign(key, linkExpiry(a.Now()))
	if err != nil {
		return nil, err
	}
	return &assetOut{Location: link}, nil
}
