package bfl_test

import (
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
		Jobs: true,
	})
}
