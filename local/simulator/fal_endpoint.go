package simulator

import (
	"math"
	"slices"
	"strings"
)

// falEndpoint is one address of the queue. Prices are in US dollars: for the first megapixel of output, and for every
// further one of output and every one of input.
type falEndpoint struct {
	path        string
	family      falFamily
	images      int // most input images; 0: it takes none
	first, each float64
}

// falFamily says which fields an endpoint has.
type falFamily string

const (
	falFlux   falFamily = "flux"
	falBanana falFamily = "nano-banana"
	falGPT    falFamily = "gpt-image"
)

var falEndpoints = []falEndpoint{
	{"fal-ai/flux-2-pro", falFlux, 0, 0.03, 0.015},
	{"fal-ai/flux-2-pro/edit", falFlux, 8, 0.03, 0.015},
	{"fal-ai/flux-2-max", falFlux, 0, 0.07, 0.03},
	{"fal-ai/flux-2-max/edit", falFlux, 8, 0.07, 0.03},
	{"fal-ai/flux-2-flex", falFlux, 0, 0.05, 0.05},
	{"fal-ai/flux-2-flex/edit", falFlux, 8, 0.05, 0.05},
	{"fal-ai/flux-2", falFlux, 0, 0.012, 0.012},
	{"fal-ai/flux-2/edit", falFlux, 4, 0.012, 0.012},
	{"fal-ai/flux-2/klein/9b", falFlux, 0, 0.015, 0.002},
	{"fal-ai/flux-2/klein/9b/edit", falFlux, 4, 0.015, 0.002},
	{"fal-ai/flux-2/klein/4b", falFlux, 0, 0.014, 0.001},
	{"fal-ai/flux-2/klein/4b/edit", falFlux, 4, 0.014, 0.001},
	{"fal-ai/nano-banana-2", falBanana, 0, 0.08, 0.02},
	{"fal-ai/nano-banana-2/edit", falBanana, 14, 0.08, 0.02},
	{"openai/gpt-image-2", falGPT, 0, 0.053, 0.03},
	{"openai/gpt-image-2/edit", falGPT, 16, 0.053, 0.03},
}

func falEndpointAt(path string) (falEndpoint, bool) {
	at := slices.IndexFunc(falEndpoints, func(e falEndpoint) bool { return e.path == path })
	if at < 0 {
		return falEndpoint{}, false
	}
	return falEndpoints[at], true
}

// app is the part of the path that the addresses of its requests have.
func (e falEndpoint) app() string {
	parts := strings.SplitN(e.path, "/", 3)
	return parts[0] + "/" + parts[1]
}

// falReference is how a client marks its requests. No model has such a field: all of them ignore it, and the record of the
// request keeps it.
var falReference = field{name: "client_reference_id", kind: text}

var falRatios = []string{"auto", "21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16", "4:1", "1:4", "8:1", "1:8"}

// fields lists what the endpoint takes, besides image_size and image_urls.
func (e falEndpoint) fields() []field {
	all := []field{{name: "prompt", kind: text, required: true}, falReference}
	switch e.family {
	case falFlux:
		return append(all,
			field{name: "seed", kind: whole},
			field{name: "output_format", kind: text, words: []string{"jpeg", "png"}},
			field{name: "safety_tolerance", kind: text, words: []string{"1", "2", "3", "4", "5"}},
			field{name: "enable_safety_checker", kind: yesNo})
	case falBanana:
		return append(all,
			field{name: "aspect_ratio", kind: text, words: falRatios},
			field{name: "resolution", kind: text, words: []string{"0.5K", "1K", "2K", "4K"}},
			field{name: "num_images", kind: whole, limits: &span{1, 4}},
			field{name: "output_format", kind: text, words: formats},
			field{name: "safety_tolerance", kind: text, words: []string{"1", "2", "3", "4", "5", "6"}})
	}
	all = append(all,
		field{name: "quality", kind: text, words: []string{"auto", "low", "medium", "high"}},
		field{name: "num_images", kind: whole, limits: &span{1, 4}},
		field{name: "output_format", kind: text, words: formats})
	if e.images > 0 {
		all = append(all, field{name: "mask_url", kind: text})
	}
	return all
}

// units are what a request is billed by: megapixels begun, or images.
func (e falEndpoint) units(sent falInput) float64 {
	if e.family != falFlux {
		return 1
	}
	return math.Ceil(megapixels(sent.picture.Width, sent.picture.Height)) + math.Ceil(sent.inputMP)
}

// cost is in US dollars.
func (e falEndpoint) cost(sent falInput) float64 {
	outputMP := math.Ceil(megapixels(sent.picture.Width, sent.picture.Height))
	return e.first + e.each*(outputMP-1+math.Ceil(sent.inputMP))
}
