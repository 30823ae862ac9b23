package bfl_test

import (
	"slices"
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/bfl"
	"darkroom/shared/provider/providertest"
)

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Subject{
		Name: bfl.Name,
		New:  build,
		Call: provider.Call{
			Model: "flux-2-klein-4b", Mode: provider.Text,
			Params: provider.Params{Width: 64, Height: 64, OutputFormat: "png"},
		},
		More: map[string]provider.Call{
			"Edit": {
				Model: "flux-2-klein-4b", Mode: provider.Edit, Params: provider.Params{Width: 64, Height: 64},
				Inputs: []provider.Input{providertest.Inline(provider.SourceImage), providertest.Inline(provider.ReferenceImage)},
			},
			"Reference": {
				Model: "flux-2-klein-4b", Mode: provider.Reference, Params: provider.Params{Width: 64, Height: 64},
				Inputs: slices.Repeat([]provider.Input{providertest.Inline(provider.ReferenceImage)}, 4),
			},
		},
		Jobs:     true,
		Recorded: recordings,
	})
}
