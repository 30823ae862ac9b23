package picture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"runtime/debug"
)

// largePixels is from where the pixels of an image weigh more than a collection of garbage takes.
const largePixels = 8 << 20

// decode turns bytes into the pixels that Inspect allowed for. It ends soon after its context; the error is then the context's cause, otherwise ErrUnusable.
func decode(ctx context.Context, data []byte, info Info) (image.Image, error) {
	f := formatOf(data)
	if f == nil || f.contentType != info.ContentType {
		return nil, fmt.Errorf("%w: these are not the bytes that were inspected", ErrUnusable)
	}
	if info.ContentType == "image/jpeg" {
		o := outlineOf(data)
		if err := o.check(); err != nil {
			return nil, err
		}
		data = data[:o.end]
	}
	if info.Width*info.Height >= largePixels {
		debug.FreeOSMemory() // what the image before has left would lie beside this one's pixels
	}
	decoded, err := f.decode(reader{ctx, bytes.NewReader(data)})
	if ctx.Err() != nil {
		return nil, fmt.Errorf("decode %d x %d pixels: %w", info.Width, info.Height, context.Cause(ctx))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: its pixels cannot be read: %w", ErrUnusable, err)
	}
	if size := decoded.Bounds(); size.Dx() != info.Width || size.Dy() != info.Height {
		return nil, fmt.Errorf("%w: the header says %d x %d pixels, there are %d x %d", ErrUnusable, info.Width, info.Height, size.Dx(), size.Dy())
	}
	return decoded, nil
}

// reader has no more bytes for a decoder once its context has ended. The decoders of all formats read in small pieces, as they go along.
type reader struct {
	ctx  context.Context //nolint:containedctx // io.Reader has no place for one
	from io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}
