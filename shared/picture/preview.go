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
}

// MakePreview decodes inspected bytes whole, which is also the proof that they are an image, and scales them down. Of an animation it takes the first
// frame. The error is ErrUnusable when the pixels cannot be read.
func MakePreview(ctx context.Context, data []byte, info Info) (Preview, error) {
	original, err := decode(ctx, data, info)
	if err != nil {
		return Preview{}, err
	}
	width, height := fit(info.Width, info.Height, PreviewSide)
	small := shrink(original, width, height)
	preview := Preview{ContentType: "image/jpeg", Width: small.Bounds().Dx(), Height: small.Bounds().Dy()}
	var out bytes.Buffer
	if isOpaque(original) {
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

// isOpaque asks the original: in the preview, one transparent pixel of many may have been averaged away.
func isOpaque(original image.Image) bool {
	o, knows := original.(interface{ Opaque() bool })
	return knows && o.Opaque()
}
