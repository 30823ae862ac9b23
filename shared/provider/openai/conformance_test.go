package openai_test

import (
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/openai"
	"darkroom/shared/provider/providertest"
)

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Subject{
		Name: openai.Name,
		New:  build,
		Call: provider.Call{
			Model: "gpt-image-2", Mode: provider.Text, EndUser: "acc-pseudonym",
			Params: provider.Params{Width: 1024, Height: 1024, Quality: "low", OutputFormat: "jpeg"},
		},
		More: map[string]provider.Call{
			"EditWithAReferenceAndAMask": {
				Model: "gpt-image-2", Mode: provider.Edit, Params: provider.Params{Width: 1024, Height: 640, Quality: "low"},
				Inputs: []provider.Input{
					providertest.Inline(provider.SourceImage), providertest.Inline(provider.ReferenceImage), providertest.Inline(provider.MaskImage),
				},
			},
			"Reference": {
				Model: "gpt-image-2", Mode: provider.Reference, Params: provider.Params{Width: 1024, Height: 640, Quality: "low"},
				Inputs: []provider.Input{providertest.Inline(provider.ReferenceImage), providertest.Inline(provider.ReferenceImage)},
			},
		},
		Recorded: recordings,
	})
}
