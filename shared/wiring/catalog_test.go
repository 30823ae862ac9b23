package wiring

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/url"
	"testing"
	"time"

	"darkroom/local/simulator"
	"darkroom/shared/catalog"
	"darkroom/shared/provider"
)

// Everything that the catalogue offers must be something that the provider takes: each route is sent each size, quality and format, and each mode. What comes
// back is always the same small picture: large ones take seconds to draw, and are not what this is about.
func TestEveryRouteOfTheCatalogueTakesWhatIsOffered(t *testing.T) {
	t.Parallel()
	keys := map[string][]string{}
	c := catalog.Load()
	for _, name := range c.ProviderNames() {
		keys[name] = []string{"key-of-" + name}
	}
	sim, err := simulator.Start(context.Background(), "127.0.0.1:0", simulator.Options{Keys: keys, Delay: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	address, err := url.Parse(sim.URL)
	if err != nil {
		t.Fatal(err)
	}
	providers := set(address, "", func(name string) provider.KeySource { return provider.FixedKey("key-of-" + name) })
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewNRGBA(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	if err := (simulator.Client{URL: sim.URL}).PutBody(t.Context(), "picture", simulator.Body{Bytes: picture.Bytes(), ContentType: "image/png"}); err != nil {
		t.Fatal(err)
	}
	input := func(role string) provider.Input {
		return provider.Input{Role: role, ContentType: "image/png", Data: picture.Bytes()}
	}
	for i := range c.Models {
		m := &c.Models[i]
		for _, route := range m.Routes {
			t.Run(m.ID+" by "+route.Provider, func(t *testing.T) {
				t.Parallel()
				using := providers[route.Provider]
				if using == nil {
					t.Fatal("there is no such driver")
				}
				send := func(mode string, wish catalog.Params, inputs ...provider.Input) {
					t.Helper()
					order, err := c.Resolve(m, wish, "")
					if err != nil {
						t.Fatal(err)
					}
					call := provider.Call{Model: route.Model, Mode: mode, Prompt: "a lamp [[sim: deliver=picture]]", Inputs: inputs, Marker: "marker", EndUser: "account",
						Params: provider.Params{Width: order.Width, Height: order.Height, AspectRatio: order.AspectRatio, Quality: order.Quality,
							OutputFormat: order.OutputFormat, Background: order.Background, Seed: order.Seed}}
					if _, err := using.Submit(context.Background(), call); err != nil {
						t.Errorf("%s with %+v and %d inputs: %v", mode, wish, len(inputs), err)
					}
				}
				for _, s := range m.Sizes {
					send("text", catalog.Params{Size: s.Size})
				}
				for _, quality := range m.Qualities {
					send("text", catalog.Params{Quality: quality})
				}
				for _, format := range m.Formats {
					send("text", catalog.Params{OutputFormat: format})
				}
				for _, mode := range m.Modes {
					switch mode {
					case "edit":
						send(mode, catalog.Params{}, input(provider.SourceImage))
						if m.Mask {
							send(mode, catalog.Params{}, input(provider.SourceImage), input(provider.MaskImage))
						}
					case "reference":
						all := make([]provider.Input, m.MaxReferences)
						for i := range all {
							all[i] = input(provider.ReferenceImage)
						}
						send(mode, catalog.Params{}, all...)
					}
				}
			})
		}
	}
}
