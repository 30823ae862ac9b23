package replicate_test

import (
	"testing"

	"darkroom/local/simulator"
	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
	"darkroom/shared/provider/replicate"
)

func TestConformance(t *testing.T) {
	inline := providertest.Inline
	providertest.Run(t, providertest.Subject{
		Name: replicate.Name,
		New:  build,
		Call: provider.Call{
			Model: "black-forest-labs/flux-2-pro", Mode: provider.Text,
			Params: provider.Params{Width: 256, Height: 256, OutputFormat: "png"},
		},
		More: map[string]provider.Call{
			"Edit": {
				Model: "black-forest-labs/flux-2-dev", Mode: provider.Edit,
				Inputs: []provider.Input{inline(provider.SourceImage), inline(provider.ReferenceImage)},
			},
			"ReferenceOnAModelThatAnswersWithAList": {
				Model: "black-forest-labs/flux-2-klein-4b", Mode: provider.Reference,
				Params: provider.Params{Width: 512, Height: 512, OutputFormat: "jpeg"},
				Inputs: []provider.Input{inline(provider.ReferenceImage), inline(provider.ReferenceImage)},
			},
			"RatioWithoutASizeInPixels": {
				Model: "black-forest-labs/flux-2-pro", Mode: provider.Text,
				Params: provider.Params{AspectRatio: "2:1"},
			},
		},
		Jobs:          true,
		Signed:        true,
		WebhookSecret: simulator.ReplicateWebhookSecret,
		Recorded:      recordings,
	})
}
