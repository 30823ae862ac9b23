package catalog_test

import (
	"strings"
	"testing"

	"darkroom/shared/catalog"
)

// eachOffer calls a function with every image that the catalogue offers, by every provider that may make it.
func eachOffer(c *catalog.Catalog, visit func(m *catalog.Model, r catalog.Route, s catalog.Size, width, height int, quality string)) {
	for i := range c.Models {
		m := &c.Models[i]
		for _, r := range m.Routes {
			for _, s := range m.Sizes {
				width, height, _ := s.Pixels() // checked when the catalogue was read
				for _, quality := range m.Qualities {
					visit(m, r, s, width, height, quality)
				}
			}
		}
	}
}

func TestEveryImageOfEveryRouteHasAnEstimate(t *testing.T) {
	t.Parallel()
	eachOffer(catalog.Load(), func(m *catalog.Model, r catalog.Route, s catalog.Size, width, height int, quality string) {
		for _, inputs := range []int{0, 1, m.MaxReferences} {
			if got := r.Cost.Estimate(width, height, quality, inputs); got < 1 {
				t.Errorf("%s by %s, %s %s with %d inputs: %d, want more than 0", m.ID, r.Provider, s.Size, quality, inputs, got)
			}
		}
		if m.MaxReferences > 0 && r.Cost.Input < 1 {
			t.Errorf("%s by %s: an input costs %d, want more than 0", m.ID, r.Provider, r.Cost.Input)
		}
	})
}

// The price covers the estimate on every route, because a fall-back changes the route and not the price.
func TestNoImageIsSoldBelowItsCost(t *testing.T) {
	t.Parallel()
	c := catalog.Load()
	eachOffer(c, func(m *catalog.Model, r catalog.Route, s catalog.Size, width, height int, quality string) {
		for _, inputs := range []int{0, 1, m.MaxReferences} {
			credits := s.Credits[quality] + int64(inputs)*m.InputCredits
			if paid, cost := credits*c.CreditMicroUSD, r.Cost.Estimate(width, height, quality, inputs); paid < cost {
				t.Errorf("%s by %s, %s %s with %d inputs: %d credits are %d, below the cost of %d", m.ID, r.Provider, s.Size, quality, inputs, credits, paid, cost)
			}
		}
	})
}

// Prices that providers publish, written out again: for the first megapixel, for every further one, and for every input.
func TestEstimatesAreTheListPrices(t *testing.T) {
	t.Parallel()
	c := catalog.Load()
	for _, test := range []struct {
		model, provider, size, quality string
		inputs                         int
		want                           int64 // millionths of a US dollar
	}{
		{"flux-2-pro", "bfl", "1024x1024", "standard", 0, 30_000},
		{"flux-2-pro", "bfl", "1344x768", "standard", 1, 30_000 + 15_000},
		{"flux-2-pro", "fal", "1440x1440", "standard", 0, 30_000 + 15_000},
		{"flux-2-pro", "fal", "2048x2048", "standard", 2, 30_000 + 3*15_000 + 2*15_000},
		{"flux-2-pro", "replicate", "1024x1024", "standard", 1, 15_000 + 15_000 + 15_000}, // a run, a megapixel of output, one of input
		{"flux-2-max", "bfl", "2048x2048", "standard", 0, 70_000 + 3*30_000},
		{"flux-2-flex", "bfl", "1440x1440", "standard", 8, 50_000 + 50_000 + 8*50_000},
		{"flux-2-klein-9b", "bfl", "1024x1024", "standard", 1, 15_000 + 2_000},
		{"flux-2-klein-4b", "bfl", "1024x1024", "standard", 0, 14_000},
		{"gpt-image-2", "openai", "1024x1024", "high", 0, 211_000},
		{"gpt-image-2", "openai", "1536x1024", "medium", 0, 41_000}, // more pixels, fewer tokens
		{"gpt-image-2", "openai", "1024x1536", "low", 1, 5_000 + 10_000},
		{"gpt-image-2", "openai", "2048x2048", "low", 0, 12_000},
		{"nano-banana-2", "gemini", "688x384", "standard", 0, 747 * 60},
		{"nano-banana-2", "gemini", "1376x768", "standard", 0, 1120 * 60},
		{"nano-banana-2", "gemini", "2400x1792", "standard", 0, 1680 * 60},
		{"nano-banana-2", "gemini", "5504x3072", "standard", 0, 2520 * 60},
		{"nano-banana-pro", "gemini", "2048x2048", "standard", 0, 1120 * 120},
		{"nano-banana-pro", "gemini", "4096x4096", "standard", 0, 2000 * 120},
	} {
		found := 0
		eachOffer(c, func(m *catalog.Model, r catalog.Route, s catalog.Size, width, height int, quality string) {
			if m.ID != test.model || r.Provider != test.provider || s.Size != test.size || quality != test.quality {
				return
			}
			found++
			if got := r.Cost.Estimate(width, height, quality, test.inputs); got != test.want {
				t.Errorf("%+v: got %d", test, got)
			}
		})
		if found != 1 {
			t.Errorf("%+v is offered %d times, want once", test, found)
		}
	}
}

func TestWhatIsOfferedNoMoreHasNoEstimate(t *testing.T) {
	t.Parallel()
	m, _ := catalog.Load().Model("gpt-image-2")
	cost := m.Routes[0].Cost
	if got := cost.Estimate(1024, 1024, "standard", 1); got != 0 {
		t.Errorf("a quality that is gone: %d, want 0", got)
	}
	if got := cost.Estimate(8192, 8192, "low", 1); got != 0 {
		t.Errorf("a size that is gone: %d, want 0", got)
	}
}

func TestEveryHoleInTheCostsIsFoundAndNamed(t *testing.T) {
	t.Parallel()
	route := func(change func(cost map[string]any)) func(c, m map[string]any) {
		return func(_, m map[string]any) {
			change(m["routes"].([]any)[1].(map[string]any)["cost"].(map[string]any))
		}
	}
	tier := func(mp float64, price int64) any {
		return map[string]any{"megapixels": mp, "micro_usd": map[string]any{"standard": price}}
	}
	for name, c := range map[string]struct {
		change func(c, m map[string]any)
		names  string
	}{
		"a credit worth nothing":        {func(c, _ map[string]any) { c["credit_micro_usd"] = 0 }, "credit_micro_usd"},
		"a credit with digits too many": {func(c, _ map[string]any) { c["credit_micro_usd"] = 1_000_000_000 }, "credit_micro_usd"},
		"a route without a cost":        {func(_, m map[string]any) { delete(m["routes"].([]any)[1].(map[string]any), "cost") }, "fal: cost: no tier holds 1024x1024"},
		"a size without a tier":         {route(func(cost map[string]any) { cost["image"] = cost["image"].([]any)[:2] }), "fal: cost: no tier holds 2048x2048"},
		"a quality without a price":     {route(func(cost map[string]any) { cost["image"] = []any{map[string]any{"megapixels": 4}} }), "1024x1024 at quality standard is 0"},
		"an image for nothing":          {route(func(cost map[string]any) { cost["image"] = []any{tier(4, 0)} }), "1024x1024 at quality standard is 0"},
		"an image for a fortune":        {route(func(cost map[string]any) { cost["image"] = []any{tier(4, 1_000_000_000)} }), "is 1000000000"},
		"tiers in disorder":             {route(func(cost map[string]any) { cost["image"] = []any{tier(4, 2), tier(1, 1)} }), "order"},
		"an input that pays":            {route(func(cost map[string]any) { cost["input"] = -1 }), "an input at -1"},
	} {
		if err := broken(t, c.change); err == nil || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: %v, want an error that names %q", name, err, c.names)
		}
	}
}
