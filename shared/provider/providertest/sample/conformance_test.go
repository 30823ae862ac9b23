package sample_test

import (
	"net/url"
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
	"darkroom/shared/provider/providertest/sample"
)

// build makes the driver before a server that passes for the simulator.
func build(key provider.KeySource, simulator *url.URL) provider.Driver {
	return sample.New(sample.Settings{Key: key, Simulator: simulator})
}

func TestConformance(t *testing.T) {
	t.Parallel()
	providertest.Run(t, providertest.Subject{
		Name: sample.Name,
		New:  build,
		Call: provider.Call{
			Model: "sample-1", Mode: provider.Text,
			Params: provider.Params{Width: 64, Height: 64, OutputFormat: "png"},
		},
		Jobs:     true,
		Signed:   true,
		Recorded: recordings,
	})
}
