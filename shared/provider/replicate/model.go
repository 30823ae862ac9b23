package replicate

import (
	"math"
	"slices"
	"strconv"

	"darkroom/shared/provider"
)

// model is what one of Replicate's models takes. Every model there has an input schema of its own; these are the published
// ones. A model that is not listed is not called.
type model struct {
	plainImages bool // its input images are called images, not input_images
	mostImages  int
	least, most int // a side in pixels; 0: the model takes only the usual ratios, and an area in megapixels
	step        int // sides are multiples of it; Replicate would round others without a word
}

var models = map[string]model{
	"black-forest-labs/flux-2-pro":      {mostImages: 8, least: 256, most: 2048, step: 32},
	"black-forest-labs/flux-2-max":      {mostImages: 8, least: 256, most: 2048, step: 16},
	"black-forest-labs/flux-2-flex":     {mostImages: 10, least: 256, most: 2048, step: 32},
	"black-forest-labs/flux-2-dev":      {mostImages: 4, least: 256, most: 1440, step: 32},
	"black-forest-labs/flux-2-klein-4b": {plainImages: true, mostImages: 5},
}

// The words for a shape. Every model here knows all of them.
var (
	ratios     = []string{"1:1", "16:9", "9:16", "3:2", "2:3", "4:3", "3:4", "5:4", "4:5"}
	megapixels = map[int]string{1 << 18: "0.25", 1 << 19: "0.5", 1 << 20: "1", 1 << 21: "2", 1 << 22: "4"}
)

const (
	customRatio = "custom"            // width and height count
	sameRatio   = "match_input_image" // as the first input image
)

// shape writes a size into the input; false when the model does not have it.
func (m model) shape(params provider.Params, in *input) bool {
	width, height, isSize := params.Size()
	byRatio := params.Width == 0 && params.Height == 0
	switch {
	case !isSize:
		return false
	case width == 0 && in.images() == 0:
		return true
	case width == 0:
		in.AspectRatio = sameRatio
		return true
	case byRatio && slices.Contains(ratios, params.AspectRatio):
		in.AspectRatio = params.AspectRatio
		return true
	case m.step == 0:
		in.AspectRatio, in.OutputMegapixels = ratioOf(width, height), megapixels[width*height]
		return slices.Contains(ratios, in.AspectRatio) && in.OutputMegapixels != ""
	case byRatio:
		width, height = m.nearest(width), m.nearest(height)
	}
	in.AspectRatio, in.Width, in.Height = customRatio, width, height
	return m.isSide(width) && m.isSide(height)
}

func (m model) nearest(side int) int {
	return int(math.Round(float64(side)/float64(m.step))) * m.step
}

func (m model) isSide(side int) bool { return m.least <= side && side <= m.most && side%m.step == 0 }

func ratioOf(width, height int) string {
	divisor, rest := width, height
	for rest != 0 {
		divisor, rest = rest, divisor%rest
	}
	return strconv.Itoa(width/divisor) + ":" + strconv.Itoa(height/divisor)
}
