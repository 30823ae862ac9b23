package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
)

// PreviewSide is the longest side of a preview, in pixels. Smaller images keep their size.
const PreviewSide = 768

const previewQuality = 85 // of JPEG, 1 to 100

// Preview is a small copy of an image: JPEG, or PNG when something of it is transparent. It holds none of the original's metadata.
type Preview struct {
	Data        []byte
	ContentType string
	Width       int // pixels
	Height      int
}

// MakePreview decodes inspected bytes whole, which is also the proof that they are an image, and scales them down. The error is ErrUnusable
// when the pixels cannot be read.
func MakePreview(data []byte, info Info) (Preview, error) {
	original, err := decode(data)
	if err != nil {
		return Preview{}, err
	}
	if bounds := original.Bounds(); bounds.Dx() != info.Width || bounds.Dy() != info.Height {
		return Preview{}, fmt.Errorf("%w: the header says %d x %d pixels, there are %d x %d", ErrUnusable, info.Width, info.Height, bounds.Dx(), bounds.Dy())
	}
	small := scale(original)
	preview := Preview{ContentType: "image/jpeg", Width: small.Bounds().Dx(), Height: small.Bounds().Dy()}
	var out bytes.Buffer
	if opaque(small) {
		err = jpeg.Encode(&out, small, &jpeg.Options{Quality: previewQuality})
	} else {
		preview.ContentType = "image/png"
		err = png.Encode(&out, small)
	}
	if err != nil {
		return Preview{}, fmt.Errorf("encode the preview: %w", err)
	}
	preview.Data = out.Bytes()
	return preview, nil
}

// scale fits an image into the preview's square. ApproxBiLinear looks at a few source pixels per target pixel, so large images are halved first, which
// keeps fine lines without the working memory of a slower kernel.
func scale(original image.Image) *image.NRGBA {
	width, height := original.Bounds().Dx(), original.Bounds().Dy()
	longest := max(width, height)
	if longest > PreviewSide {
		width, height = max(1, width*PreviewSide/longest), max(1, height*PreviewSide/longest)
	}
	source := original
	if longest > 2*PreviewSide { // one step between, at twice the size: averages over all source pixels it lands on
		between := image.NewNRGBA(image.Rect(0, 0, 2*width, 2*height))
		draw.ApproxBiLinear.Scale(between, between.Bounds(), source, source.Bounds(), draw.Src, nil)
		source = between
	}
	small := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(small, small.Bounds(), source, source.Bounds(), draw.Src, nil)
	return small
}

func opaque(picture *image.NRGBA) bool {
	for y := range picture.Rect.Dy() {
		row := picture.Pix[y*picture.Stride : y*picture.Stride+4*picture.Rect.Dx()]
		for x := 3; x < len(row); x += 4 {
			if row[x] != 0xff {
				return false
			}
		}
	}
	return true
}
