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
	images      int // most input images; 0: it takes none
	first, each float64
}

var falEndpoints = []falEndpoint{
	{"fal-ai/flux-2-pro", 0, 0.03, 0.015},
	{"fal-ai/flux-2-pro/edit", 8, 0.03, 0.015},
	{"fal-ai/flux-2-max", 0, 0.07, 0.03},
	{"fal-ai/flux-2-max/edit", 8, 0.07, 0.03},
	{"fal-ai/flux-2-flex", 0, 0.05, 0.05},
	{"fal-ai/flux-2-flex/edit", 8, 0.05, 0.05},
	{"fal-ai/flux-2", 0, 0.012, 0.012},
	{"fal-ai/flux-2/edit", 4, 0.012, 0.012},
	{"fal-ai/flux-2/klein/4b", 0, 0.014, 0.001},
	{"fal-ai/flux-2/klein/4b/edit", 4, 0.014, 0.001},
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

// falFields lists what every endpoint takes, besides image_size and image_urls.
var falFields = []field{
	{name: "prompt", kind: text, required: true},
	falReference,
	{name: "seed", kind: whole},
	{name: "output_format", kind: text, words: []string{"jpeg", "png"}},
	{name: "safety_tolerance", kind: text, words: []string{"1", "2", "3", "4", "5"}},
	{name: "enable_safety_checker", kind: yesNo},
}

// units are what a request is billed by: megapixels begun.
func (e falEndpoint) units(sent falInput) float64 {
	return math.Ceil(megapixels(sent.picture.Width, sent.picture.Height)) + math.Ceil(sent.inputMP)
}

// cost is in US dollars.
func (e falEndpoint) cost(sent falInput) float64 {
	outputMP := math.Ceil(megapixels(sent.picture.Width, sent.picture.Height))
	return e.first + e.each*(outputMP-1+math.Ceil(sent.inputMP))
}
