package picture

import (
	"bytes"
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
func MakePreview(data []byte, info Info) (Preview, error) {
	original, err := decode(data, info)
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

// decode turns bytes into the pixels that Inspect allowed for.
func decode(data []byte, info Info) (image.Image, error) {
	f := formatOf(data)
	if f == nil || f.contentType != info.ContentType {
		return nil, fmt.Errorf("%w: these are not the bytes that were inspected", ErrUnusable)
	}
	if info.ContentType == "image/jpeg" && tooManyScans(data) {
		return nil, fmt.Errorf("%w: more than %d scans", ErrUnusable, maxScans)
	}
	decoded, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: its pixels cannot be read: %w", ErrUnusable, err)
	}
	if size := decoded.Bounds(); size.Dx() != info.Width || size.Dy() != info.Height {
		return nil, fmt.Errorf("%w: the header says %d x %d pixels, there are %d x %d", ErrUnusable, info.Width, info.Height, size.Dx(), size.Dy())
	}
	return decoded, nil
}

// isOpaque asks the original: in the preview, one transparent pixel of many may have been averaged away.
func isOpaque(original image.Image) bool {
	o, knows := original.(interface{ Opaque() bool })
	return knows && o.Opaque()
}
