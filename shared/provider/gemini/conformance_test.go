package gemini_test

import (
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/gemini"
	"darkroom/shared/provider/providertest"
)

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Subject{
		Name: gemini.Name,
		New:  build,
		Call: provider.Call{
			Model: "gemini-3.1-flash-image", Mode: provider.Text,
			Params: provider.Params{Width: 512, Height: 512, OutputFormat: "png"},
		},
		NoImage:  provider.JobFailed, // another attempt may pass
		Recorded: recordings,
		More: map[string]provider.Call{
			"EditWithOneReference": {
				Model: "gemini-3.1-flash-image", Mode: provider.Edit, Params: provider.Params{Width: 688, Height: 384, AspectRatio: "16:9"},
				Inputs: []provider.Input{
					{Role: provider.SourceImage, ContentType: "image/png", Data: dot},
					{Role: provider.ReferenceImage, ContentType: "image/png", Data: dot},
				},
			},
			"TwoReferencesWithThoughts": {
				Model: "gemini-3-pro-image", Mode: provider.Reference, Params: provider.Params{AspectRatio: "1:1"},
				Inputs: []provider.Input{
					{Role: provider.ReferenceImage, ContentType: "image/png", Data: dot},
					{Role: provider.ReferenceImage, ContentType: "image/png", Data: dot},
				},
			},
		},
	})
}
