package picture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
)

// PreviewSide is the longest side of a preview, in pixels. Smaller images keep their size.
const PreviewSide = 768

const previewQuality = 85 // of JPEG, 1 to 100

// Preview is a small copy of an image: JPEG, or PNG when something of the image is transparent. It holds none of the original's metadata.
type Preview struct {
	Data        []byte
	ContentType string
	Width       int // pixels
	Height      int
	Views       [][]byte // JPEGs of all that somebody can see of the image, for those who judge it
}

// MakePreview decodes inspected bytes whole, which is also the proof that they are an image, and scales them down. Of an animation it takes the first
// frame. The error is ErrUnusable when the pixels cannot be read, and the cause of the context's end when that was first.
func MakePreview(ctx context.Context, data []byte, info Info) (Preview, error) {
	original, err := decode(ctx, data, info)
	if err != nil {
		return Preview{}, err
	}
	width, height := fit(info.Width, info.Height, PreviewSide)
	small := shrink(original, width, height)
	preview := Preview{Width: width, Height: height}
	if isOpaque(original) {
		preview.ContentType = "image/jpeg"
		preview.Data, err = encodeView(small)
		preview.Views = [][]byte{preview.Data}
		return preview, err
	}
	var out bytes.Buffer
	if err := png.Encode(&out, small); err != nil {
		return Preview{}, fmt.Errorf("encode the preview: %w", err)
	}
	preview.ContentType, preview.Data = "image/png", out.Bytes()
	preview.Views, err = views(original, small)
	return preview, err
}

// views are what a transparent image looks like on white and on black, and to a reader that ignores transparency: in each of them something else may be
// hidden. Both images are spent afterwards.
func views(original image.Image, small *image.RGBA) ([][]byte, error) {
	onBlack := &image.RGBA{Pix: bytes.Clone(small.Pix), Stride: small.Stride, Rect: small.Rect}
	layOn(onBlack, 0)
	layOn(small, 0xff)
	var all [][]byte
	for _, seen := range []*image.RGBA{small, onBlack, shrink(withoutAlpha(original), small.Rect.Dx(), small.Rect.Dy())} {
		view, err := encodeView(seen)
		if err != nil {
			return nil, err
		}
		all = append(all, view)
	}
	return all, nil
}

func encodeView(seen *image.RGBA) ([]byte, error) {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, seen, &jpeg.Options{Quality: previewQuality}); err != nil {
		return nil, fmt.Errorf("encode the preview: %w", err)
	}
	return out.Bytes(), nil
}

// isOpaque asks the original: in the preview, one transparent pixel of many may have been averaged away.
func isOpaque(original image.Image) bool {
	o, knows := original.(interface{ Opaque() bool })
	return knows && o.Opaque()
}
