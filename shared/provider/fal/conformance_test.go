package fal_test

import (
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/fal"
	"darkroom/shared/provider/providertest"
)

func TestConformance(t *testing.T) {
	inline := providertest.Inline
	providertest.Run(t, providertest.Subject{
		Name: fal.Name,
		New:  build,
		Call: provider.Call{
			Model: "fal-ai/flux-2/klein/4b", Mode: provider.Text,
			Params: provider.Params{Width: 64, Height: 64, OutputFormat: "png"},
		},
		More: map[string]provider.Call{
			"EditWithAReference": {
				Model: "fal-ai/flux-2-pro", Mode: provider.Edit,
				Inputs: []provider.Input{inline(provider.SourceImage), inline(provider.ReferenceImage)},
			},
			"References": {
				Model: "fal-ai/flux-2", Mode: provider.Reference,
				Params: provider.Params{Width: 512, Height: 512, OutputFormat: "jpeg"},
				Inputs: []provider.Input{inline(provider.ReferenceImage), inline(provider.ReferenceImage)},
			},
		},
		Jobs:     true,
		Signed:   true,
		Recorded: recordings,
	})
}
