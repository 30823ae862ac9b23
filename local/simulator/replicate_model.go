package simulator

import (
	"fmt"
	"math"
)

// replicateModel is one model. Prices are in US cents: for a run, and for every megapixel begun of output and every input
// image; for max and flex they are the model maker's.
type replicateModel struct {
	name       string
	images     string // the field for input images
	mostImages int
	most, step int    // a side of a custom size in pixels, from 256 up, and what it is rounded to; 0: no custom sizes
	resolution string // the field for the area in megapixels; empty: none
	list       bool   // the output is a list of links
	format     string // by default
	run        float64
	megapixel  float64
	beyond     []field // what else it takes
}

var replicateSafety = field{name: "safety_tolerance", kind: whole, limits: &span{1, 5}}

var replicateModels = []replicateModel{
	{name: "black-forest-labs/flux-2-pro", images: "input_images", mostImages: 8, most: 2048, step: 32, resolution: "resolution", format: "webp", run: 1.5, megapixel: 1.5, beyond: []field{replicateSafety}},
	{name: "black-forest-labs/flux-2-max", images: "input_images", mostImages: 8, most: 2048, step: 16, resolution: "resolution", format: "webp", run: 4, megapixel: 3, beyond: []field{replicateSafety}},
	{name: "black-forest-labs/flux-2-flex", images: "input_images", mostImages: 10, most: 2048, step: 32, resolution: "resolution", format: "webp", megapixel: 5, beyond: []field{
		replicateSafety, {name: "prompt_upsampling", kind: yesNo}, {name: "guidance", kind: decimal, limits: &span{1.5, 10}}, {name: "steps", kind: whole, limits: &span{1, 50}},
	}},
	{name: "black-forest-labs/flux-2-dev", images: "input_images", mostImages: 4, most: 1440, step: 32, format: "webp", megapixel: 1.2, beyond: []field{
		{name: "go_fast", kind: yesNo}, {name: "disable_safety_checker", kind: yesNo},
	}},
	{name: "black-forest-labs/flux-2-klein-4b", images: "images", mostImages: 5, resolution: "output_megapixels", list: true, format: "jpg", megapixel: 0.1, beyond: []field{
		{name: "go_fast", kind: yesNo}, {name: "disable_safety_checker", kind: yesNo},
	}},
}

const (
	customRatio      = "custom"
	sameRatio        = "match_input_image"
	replicateSideMin = 256
)

var replicateRatios = []string{"1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3"}

// fields lists what the model's input takes, its images apart.
func (m replicateModel) fields() []field {
	ratios := append([]string{sameRatio}, replicateRatios...)
	all := []field{
		{name: "prompt", kind: text, required: true},
		{name: "seed", kind: whole},
		{name: "output_format", kind: text, words: []string{"webp", "jpg", "png"}},
		{name: "output_quality", kind: whole, limits: &span{0, 100}},
	}
	if m.step != 0 {
		ratios = append(ratios, customRatio)
		side := &span{replicateSideMin, float64(m.most)}
		all = append(all, field{name: "width", kind: whole, limits: side}, field{name: "height", kind: whole, limits: side})
	}
	switch m.resolution {
	case "resolution":
		all = append(all, field{name: m.resolution, kind: text, words: []string{sameRatio, "0.5 MP", "1 MP", "2 MP", "4 MP"}})
	case "output_megapixels":
		all = append(all, field{name: m.resolution, kind: text, words: []string{"0.25", "0.5", "1", "2", "4"}})
	}
	all = append(all, field{name: "aspect_ratio", kind: text, words: ratios})
	return append(all, m.beyond...)
}

// size is how large the picture becomes. Sides of a custom size are rounded without a word, as documented.
func (m replicateModel) size(sent replicateCall) (width, height int) {
	ratio := sent.values.text("aspect_ratio", "1:1")
	if ratio == customRatio {
		side := func(name string) int {
			return int(math.Round(float64(sent.values.whole(name, 1024))/float64(m.step))) * m.step
		}
		return side("width"), side("height")
	}
	across, down := 1.0, 1.0
	if ratio == sameRatio && len(sent.images) > 0 {
		across, down = float64(sent.images[0].Width), float64(sent.images[0].Height)
	} else {
		fmt.Sscanf(ratio, "%f:%f", &across, &down) //nolint:errcheck // one of the list, or the first default
	}
	area := 1.0
	if m.resolution != "" {
		fmt.Sscanf(sent.values.text(m.resolution, "1"), "%f", &area) //nolint:errcheck // as above
	}
	step := func(side float64) int { return max(16, int(math.Round(side/16))*16) }
	pixels := area * (1 << 20)
	return step(math.Sqrt(pixels * across / down)), step(math.Sqrt(pixels * down / across))
}

// megapixelsBegun counts as Replicate bills: whole ones.
func megapixelsBegun(width, height int) float64 { return math.Ceil(megapixels(width, height)) }
