package fal

import (
	"math"
	"slices"

	"darkroom/shared/provider"
)

// model is one of fal's models. Its edit endpoint, for every mode with input images, has the id with /edit after it.
type model struct {
	id     string
	family family
	most   int // input images, masks aside
	// Estimates in millionths of a US dollar, from list prices; where fal publishes none, from the model maker's. For the
	// first megapixel of output, and for every further one of output and every image of input.
	first, each int64
}

// family says how a model is spoken to.
type family string

const (
	flux   family = "flux"        // sizes in pixels, seeds
	banana family = "nano-banana" // a ratio and a resolution
	gpt    family = "gpt-image"   // sizes in pixels, quality levels, masks
)

var models = []model{
	{"fal-ai/flux-2-pro", flux, 8, 30_000, 15_000},
	{"fal-ai/flux-2-max", flux, 8, 70_000, 30_000},
	{"fal-ai/flux-2-flex", flux, 8, 50_000, 50_000},
	{"fal-ai/flux-2", flux, 4, 12_000, 12_000},
	{"fal-ai/flux-2/klein/9b", flux, 4, 15_000, 2_000},
	{"fal-ai/flux-2/klein/4b", flux, 4, 14_000, 1_000},
	{"fal-ai/nano-banana-2", banana, 14, 80_000, 0},
	{"openai/gpt-image-2", gpt, 16, 0, 10_000},
}

const editSuffix = "/edit"

func modelNamed(id string) (model, bool) {
	at := slices.IndexFunc(models, func(m model) bool { return m.id == id })
	if at < 0 {
		return model{}, false
	}
	return models[at], true
}

// endpoints lists every address that a submit can go to. fal's list of requests takes at most 50.
func endpoints() (all []string) {
	for _, m := range models {
		all = append(all, m.id, m.id+editSuffix)
	}
	return all
}

// resolution is a size of nano-banana's.
type resolution struct {
	name   string
	pixels int     // at most
	price  float64 // as a share of the one of 1K
}

var resolutions = []resolution{
	{"0.5K", 640 << 10, 0.75},
	{"1K", 2 << 20, 1},
	{"2K", 8 << 20, 1.5},
	{"4K", math.MaxInt, 2},
}

// resolutionFor is the smallest one that holds so many pixels; 1K, fal's own choice, when none were asked for.
func resolutionFor(pixels int) resolution {
	if pixels == 0 {
		pixels = 1 << 20
	}
	return resolutions[slices.IndexFunc(resolutions, func(r resolution) bool { return pixels <= r.pixels })]
}

// qualityPrices are millionths of a US dollar for 1024 x 1024.
var qualityPrices = map[string]int64{"low": 6_000, "medium": 53_000, "high": 211_000}

// cost estimates what a call that translate accepts will cost: fal tells only with the result, and there in a header.
func cost(call provider.Call) int64 {
	m, _ := modelNamed(call.Model)
	width, height, _ := call.Params.Size()
	megapixels := max(1, math.Ceil(float64(width*height)/(1<<20)))
	images := int64(len(call.Inputs)) * m.each
	switch m.family {
	case banana:
		return int64(float64(m.first)*resolutionFor(width*height).price) + images
	case gpt:
		price, known := qualityPrices[call.Params.Quality]
		if !known {
			price = qualityPrices["medium"]
		}
		return price*int64(megapixels) + images
	}
	return m.first + (int64(megapixels)-1)*m.each + images
}
