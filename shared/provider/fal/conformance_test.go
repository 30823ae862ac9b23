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
			"RatioAndResolution": {
				Model: "fal-ai/nano-banana-2", Mode: provider.Text,
				Params: provider.Params{Width: 688, Height: 384, AspectRatio: "16:9", OutputFormat: "webp"},
			},
			"ReferencesOnAModelWithRatios": {
				Model: "fal-ai/nano-banana-2", Mode: provider.Reference,
				Params: provider.Params{Width: 512, Height: 512},
				Inputs: []provider.Input{inline(provider.ReferenceImage), inline(provider.ReferenceImage)},
			},
			"EditWithAMask": {
				Model: "openai/gpt-image-2", Mode: provider.Edit,
				Params: provider.Params{Width: 256, Height: 256, Quality: "low"},
				Inputs: []provider.Input{inline(provider.SourceImage), inline(provider.MaskImage)},
			},
		},
		Jobs:   true,
		Signed: true,
	})
}
