package replicate_test

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"darkroom/local/simulator"
	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
	"darkroom/shared/provider/replicate"
)

func TestConformance(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	inline := func(role string) provider.Input {
		return provider.Input{Role: role, ContentType: "image/png", Data: file.Bytes()}
	}
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
	})
}
