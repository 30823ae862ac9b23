package fal

import (
	"math"
	"slices"
)

// model is one of fal's models. Its edit endpoint, for every mode with input images, has the id with /edit after it.
type model struct {
	id     string
	family family
	most   int // input images, masks aside
}

// family says how a model is spoken to.
type family string

const (
	flux   family = "flux"        // sizes in pixels, seeds
	banana family = "nano-banana" // a ratio and a resolution
	gpt    family = "gpt-image"   // sizes in pixels, quality levels, masks
)

var models = []model{
	{"fal-ai/flux-2-pro", flux, 8},
	{"fal-ai/flux-2-max", flux, 8},
	{"fal-ai/flux-2-flex", flux, 8},
	{"fal-ai/flux-2", flux, 4},
	{"fal-ai/flux-2/klein/9b", flux, 4},
	{"fal-ai/flux-2/klein/4b", flux, 4},
	{"fal-ai/nano-banana-2", banana, 14},
	{"openai/gpt-image-2", gpt, 16},
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
	pixels int // at most
}

var resolutions = []resolution{
	{"0.5K", 640 << 10},
	{"1K", 2 << 20},
	{"2K", 8 << 20},
	{"4K", math.MaxInt},
}

// resolutionFor is the smallest one that holds so many pixels.
func resolutionFor(pixels int) resolution {
	return resolutions[slices.IndexFunc(resolutions, func(r resolution) bool { return pixels <= r.pixels })]
}
