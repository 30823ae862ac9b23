package gemini

import (
	"fmt"
	"math"
	"slices"

	"darkroom/shared/provider"
)

// model says what differs between the models.
type model struct {
	id     string
	sizes  []imageSize
	ratios []ratio
	rates  rates // zero: not known
}

// models are those known when this was written. They come and go within months: one without a line is offered everything,
// and what it does not have is for the API to refuse.
var models = []model{
	{"gemini-3.1-flash-image", []imageSize{size512, size1K, size2K, size4K}, everyRatio, rates{in: 500, text: 3_000, image: 60_000}}, // Nano Banana 2
	{"gemini-nano-banana-2.1", []imageSize{size1K, size2K, size4K}, everyRatio, rates{}},
	{"gemini-3.1-flash-lite-image", []imageSize{size1K}, everyRatio, rates{}},                                                 // Nano Banana 2 Lite
	{"gemini-3-pro-image", []imageSize{size1K, size2K, size4K}, commonRatios, rates{in: 2_000, text: 12_000, image: 120_000}}, // Nano Banana Pro
}

func modelNamed(id string) model {
	if at := slices.IndexFunc(models, func(m model) bool { return m.id == id }); at >= 0 {
		return models[at]
	}
	return model{id: id, sizes: []imageSize{size512, size1K, size2K, size4K}, ratios: everyRatio}
}

// imageSize is the API's word for how many pixels an image has, whatever its shape: as many as a square of this edge.
type imageSize struct {
	word string
	edge float64
}

var (
	size512 = imageSize{"512", 512}
	size1K  = imageSize{"1K", 1024}
	size2K  = imageSize{"2K", 2048}
	size4K  = imageSize{"4K", 4096}
)

// ratio is the shape of an image, written as the API does.
type ratio struct{ across, down int }

func (r ratio) String() string { return fmt.Sprintf("%d:%d", r.across, r.down) }

var (
	commonRatios = []ratio{{1, 1}, {2, 3}, {3, 2}, {3, 4}, {4, 3}, {4, 5}, {5, 4}, {9, 16}, {16, 9}, {21, 9}}
	everyRatio   = append(slices.Clone(commonRatios), ratio{1, 4}, ratio{4, 1}, ratio{1, 8}, ratio{8, 1})
)

// The API makes sides that are near to a ratio and a size: 1376 x 768 for 16:9 in 1K. So do catalogues. Neighbouring
// ratios are 6 % apart, sizes 100 %.
const (
	ratioTolerance = 0.03
	sizeTolerance  = 0.10
)

// shape turns an aspect ratio, a width and height, or both into the API's words; nil when neither is given.
func (m model) shape(params provider.Params) (*imageConfig, error) {
	width, height := params.Width, params.Height
	inPixels := width != 0 || height != 0
	switch {
	case !inPixels && params.AspectRatio == "":
		return nil, nil
	case inPixels && (width <= 0 || height <= 0):
		return nil, provider.Unsent("This image size is not supported: give width and height.", "size")
	}
	at := slices.IndexFunc(m.ratios, func(r ratio) bool {
		return (params.AspectRatio == "" || params.AspectRatio == r.String()) &&
			(!inPixels || near(float64(width)*float64(r.down), float64(height)*float64(r.across), ratioTolerance))
	})
	if at < 0 {
		return nil, provider.Unsent(fmt.Sprintf("This aspect ratio is not supported; allowed: %v.", m.ratios), "aspect ratio")
	}
	config := &imageConfig{AspectRatio: m.ratios[at].String()}
	if !inPixels {
		return config, nil
	}
	edge := math.Sqrt(float64(width) * float64(height))
	at = slices.IndexFunc(m.sizes, func(s imageSize) bool { return near(edge, s.edge, sizeTolerance) })
	if at < 0 {
		return nil, provider.Unsent("This image size is not supported by the model.", "size")
	}
	config.ImageSize = m.sizes[at].word
	return config, nil
}

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance*want }
