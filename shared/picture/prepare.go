package picture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"
)

// Limits of a user's image, tighter than those of a provider's because a step that prepares several has less memory. The second is for the kinds that
// take more than twice the memory, as MaxHeavyPixels is.
const (
	MaxInputPixels      = 25 << 20
	MaxHeavyInputPixels = 12 << 20
)

const (
	inputQuality  = 92 // of JPEG, 1 to 100: a model sees the blocks of less
	smallestInput = 64 // pixels of the longest side: what does not fit into its bytes by then never will
)

// Want says what a model takes.
type Want struct {
	MaxSide   int // pixels; 0: any
	MaxPixels int // width x height; 0: any
	MaxBytes  int // 0: any
}

// InspectInput is Inspect with the limits of users' images. The error is ErrUnusable.
func InspectInput(data []byte) (Info, error) {
	info, err := Inspect(data)
	if err != nil {
		return Info{}, err
	}
	return info, checkInput(info, data)
}

func checkInput(info Info, data []byte) error {
	limit := limitOf(info, data, MaxInputPixels, MaxHeavyInputPixels)
	if int64(info.Width)*int64(info.Height) > limit {
		return fmt.Errorf("%w: %d x %d pixels; allowed for an input of this kind: %d in all", ErrUnusable, info.Width, info.Height, limit)
	}
	return nil
}

// Prepared is an input as a model gets it.
type Prepared struct {
	Data        []byte
	ContentType string // image/png or image/jpeg
	Width       int    // pixels
	Height      int
}

// Prepare makes an input of a user's image: upright, without any of its metadata, and at most as large as the model takes it. What was compressed with loss
// becomes JPEG and everything else PNG, as far as its bytes allow. What is transparent turns white: a picture in
// almost transparent pixels is blank to one reader and plain to another that ignores transparency, and all must see the same. The error is ErrUnusable, also
// when the image cannot be made to fit; and the cause of the context's end when that was first.
func Prepare(ctx context.Context, data []byte, info Info, want Want) (Prepared, error) {
	if err := checkInput(info, data); err != nil {
		return Prepared{}, err
	}
	original, err := decode(ctx, data, info)
	if err != nil {
		return Prepared{}, err
	}
	order := types(isLossy(original))
	width, height := fit(info.Width, info.Height, sideWithin(info.Width, info.Height, want))
	upright := turnUpright(shrink(original, width, height), info.Orientation)
	layOn(upright, 0xff)
	for {
		width, height = upright.Rect.Dx(), upright.Rect.Dy()
		for _, contentType := range order {
			encoded, err := encodeInput(upright, contentType)
			if err != nil {
				return Prepared{}, err
			}
			if want.MaxBytes == 0 || len(encoded) <= want.MaxBytes {
				return Prepared{encoded, contentType, width, height}, nil
			}
		}
		longest := max(width, height) * 3 / 4 // about half the bytes
		if longest < smallestInput {
			return Prepared{}, fmt.Errorf("%w: it does not fit into %d bytes", ErrUnusable, want.MaxBytes)
		}
		width, height = fit(width, height, longest)
		upright = shrink(upright, width, height)
	}
}

// sideWithin is the longest side that keeps to what is wanted; 0: any.
func sideWithin(width, height int, want Want) int {
	if all := width * height; want.MaxPixels > 0 && all > want.MaxPixels {
		side := max(1, int(float64(max(width, height))*math.Sqrt(float64(want.MaxPixels)/float64(all))))
		if want.MaxSide == 0 || side < want.MaxSide {
			return side
		}
	}
	return want.MaxSide
}

// fit is the largest size of the same shape within a longest side; 0: any.
func fit(width, height, side int) (int, int) {
	if longest := max(width, height); side > 0 && longest > side {
		return max(1, width*side/longest), max(1, height*side/longest)
	}
	return width, height
}

// types are the types to try, best first.
func types(lossy bool) []string {
	if lossy {
		return []string{"image/jpeg", "image/png"}
	}
	return []string{"image/png", "image/jpeg"}
}

func encodeInput(upright *image.RGBA, contentType string) ([]byte, error) {
	var out bytes.Buffer
	var err error
	if contentType == "image/png" {
		err = png.Encode(&out, upright)
	} else {
		err = jpeg.Encode(&out, upright, &jpeg.Options{Quality: inputQuality})
	}
	if err != nil {
		return nil, fmt.Errorf("encode an input: %w", err)
	}
	return out.Bytes(), nil
}

// isLossy tells by how the pixels came out: only lossy formats store brightness and colour apart.
func isLossy(original image.Image) bool {
	switch original.(type) {
	case *image.YCbCr, *image.NYCbCrA, *image.CMYK:
		return true
	}
	return false
}
