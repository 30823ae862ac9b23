package simulator

import (
	"fmt"
	"math"
	"net/http"
)

// bflEndpoint is one model. Prices are in credits (US cents): for the first megapixel of output, and for every further one
// of output and every one of input.
type bflEndpoint struct {
	name        string
	inputs      int // most input images
	first, each float64
	tunable     bool // takes prompt_upsampling, guidance and steps
}

var bflEndpoints = []bflEndpoint{
	{name: "flux-2-pro", inputs: 8, first: 3, each: 1.5},
	{name: "flux-2-pro-preview", inputs: 8, first: 3, each: 1.5},
	{name: "flux-2-max", inputs: 8, first: 7, each: 3},
	{name: "flux-2-flex", inputs: 8, first: 5, each: 5, tunable: true},
	{name: "flux-2-klein-9b", inputs: 4, first: 1.5, each: 0.2},
	{name: "flux-2-klein-9b-preview", inputs: 4, first: 1.5, each: 0.2},
	{name: "flux-2-klein-4b", inputs: 4, first: 1.4, each: 0.1},
}

// fields lists what the endpoint takes.
func (e bflEndpoint) fields() []field {
	all := []field{
		{name: "prompt", kind: text, required: true},
		{name: "width", kind: whole},
		{name: "height", kind: whole},
		{name: "seed", kind: whole},
		{name: "safety_tolerance", kind: whole, limits: &span{0, 5}},
		{name: "output_format", kind: text, words: []string{"jpeg", "png", "webp"}},
		{name: "webhook_url", kind: text, limits: &span{1, 2083}},
		{name: "webhook_secret", kind: text},
	}
	for i := range e.inputs {
		all = append(all, field{name: inputField(i), kind: text})
	}
	if e.tunable {
		all = append(all,
			field{name: "prompt_upsampling", kind: yesNo},
			field{name: "guidance", kind: decimal, limits: &span{1.5, 10}},
			field{name: "steps", kind: whole, limits: &span{1, 50}})
	}
	return all
}

// inputField names input images: input_image, input_image_2 and so on.
func inputField(i int) string {
	if i == 0 {
		return "input_image"
	}
	return fmt.Sprintf("input_image_%d", i+1)
}

// The size of a picture: multiples of 16 from 64 up, at most 4 megapixels; 0 or none lets BFL choose.
const (
	bflSideMin   = 64
	bflSideStep  = 16
	bflPixelsMax = 4 << 20
	bflSideAuto  = 1024
)

func bflSize(sent values) (width, height int) {
	side := func(name string) int {
		if n := sent.whole(name, 0); n != 0 {
			return int(n)
		}
		return bflSideAuto
	}
	return side("width"), side("height")
}

func bflSizeProblems(sent values) (problems []problem) {
	for _, name := range []string{"width", "height"} {
		switch n := sent.whole(name, 0); {
		case n == 0:
		case n < bflSideMin:
			problems = append(problems, problem{name, ruleTooLow, whole, fmt.Sprintf("Input should be greater than or equal to %d", bflSideMin)})
		case n%bflSideStep != 0:
			problems = append(problems, problem{name, ruleValue, whole, fmt.Sprintf("Input should be a multiple of %d", bflSideStep)})
		case n > bflPixelsMax/bflSideMin:
			problems = append(problems, problem{name, ruleTooHigh, whole, fmt.Sprintf("Input should be less than or equal to %d", bflPixelsMax/bflSideMin)})
		}
	}
	if width, height := bflSize(sent); len(problems) == 0 && width*height > bflPixelsMax {
		problems = append(problems, problem{"width", ruleValue, whole, "width x height should be at most 4 megapixels (4,194,304 pixels)"})
	}
	return problems
}

// inputs checks the input images and sums their megapixels. The API does not know a source from a reference.
func (b *bfl) inputs(r *http.Request, endpoint bflEndpoint, sent values) (insets []inset, sum float64, problems []problem) {
	for i := range endpoint.inputs {
		value := sent.text(inputField(i), "")
		if value == "" {
			continue
		}
		in, err := b.openInput(r.Context(), value, fmt.Sprintf("input %d", i+1))
		if err != nil {
			problems = append(problems, problem{inputField(i), ruleValue, text, err.Error()})
			continue
		}
		insets = append(insets, in.inset)
		sum += megapixels(in.Width, in.Height)
	}
	return insets, sum, problems
}

// megapixels counts as BFL bills: 1024 x 1024 is one.
func megapixels(width, height int) float64 { return float64(width*height) / (1 << 20) }

func hundredths(v float64) float64 { return math.Round(v*100) / 100 }
