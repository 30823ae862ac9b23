package picture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
)

// PrepareMask makes a mask that fits a source: transparent where the source is to be changed. The mask must be a PNG with something transparent in it, of
// the size at which the source is seen (Info.Upright); it comes out as a PNG of the size of the source as prepared. Only its transparency is kept: a
// model looks at nothing else, and the colours below it may show what was meant to be hidden. The errors are as from Prepare, also when the mask has more than
// maxBytes, of which 0 is any number.
func PrepareMask(ctx context.Context, data []byte, info, source Info, prepared Prepared, maxBytes int) ([]byte, error) {
	width, height := prepared.Width, prepared.Height
	seenWidth, seenHeight := source.Upright()
	switch {
	case info.ContentType != "image/png" || !info.Alpha:
		return nil, fmt.Errorf("%w: a mask is a PNG with transparency", ErrUnusable)
	case info.Width != seenWidth || info.Height != seenHeight:
		return nil, fmt.Errorf("%w: the mask has %d x %d pixels, its source %d x %d", ErrUnusable, info.Width, info.Height, seenWidth, seenHeight)
	case width < 1 || height < 1 || width > info.Width || height > info.Height:
		return nil, fmt.Errorf("%w: a mask of %d x %d pixels cannot be made into one of %d x %d", ErrUnusable, info.Width, info.Height, width, height)
	}
	if err := checkInput(info, data); err != nil {
		return nil, err
	}
	original, err := decode(ctx, data, info)
	if err != nil {
		return nil, err
	}
	small := shrink(original, width, height)
	mask := image.NewNRGBA(small.Rect)
	for i := 3; i < len(small.Pix); i += 4 {
		mask.Pix[i] = small.Pix[i]
	}
	if mask.Opaque() {
		return nil, fmt.Errorf("%w: nothing of the mask is transparent, so nothing would be changed", ErrUnusable)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, mask); err != nil {
		return nil, fmt.Errorf("encode a mask: %w", err)
	}
	if maxBytes > 0 && out.Len() > maxBytes {
		return nil, fmt.Errorf("%w: the mask has %d bytes; allowed: %d", ErrUnusable, out.Len(), maxBytes)
	}
	return out.Bytes(), nil
}
