// Package picture looks at image bytes that strangers made: what they are, whether they may be decoded at all, and a small copy of them.
package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// Limits that are tested before anything is decoded: a header of 78 bytes can claim 13 GB of pixels.
const (
	MaxBytes      = 50 << 20
	MaxSide       = 16384    // pixels
	MaxPixels     = 40 << 20 // of 8 bits a channel
	MaxDeepPixels = 20 << 20 // of 16 bits a channel
)

// ErrUnusable is in every error about bytes that will never be an image of ours, however often they are fetched.
var ErrUnusable = errors.New("not a usable image")

// Info is what the header says. Content types come from the bytes, never from what somebody declared.
type Info struct {
	ContentType string // image/png, image/jpeg or image/webp
	Width       int    // pixels
	Height      int
	Deep        bool // 16 bits a channel
}

// format is one kind of image we take.
type format struct {
	contentType string
	magic       func([]byte) bool
	config      func(io.Reader) (image.Config, error)
	decode      func(io.Reader) (image.Image, error)
}

var formats = []format{
	{"image/png", func(b []byte) bool { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) }, png.DecodeConfig, png.Decode},
	{"image/jpeg", func(b []byte) bool { return bytes.HasPrefix(b, []byte("\xff\xd8\xff")) }, jpeg.DecodeConfig, jpeg.Decode},
	{"image/webp", func(b []byte) bool {
		return len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP"
	}, webp.DecodeConfig, webp.Decode},
}

// Inspect reads the header and tests the limits. It decodes no pixels.
func Inspect(data []byte) (Info, error) {
	if len(data) > MaxBytes {
		return Info{}, fmt.Errorf("%w: %d bytes; allowed: %d", ErrUnusable, len(data), MaxBytes)
	}
	f := formatOf(data)
	if f == nil {
		return Info{}, fmt.Errorf("%w: neither PNG, JPEG nor WebP", ErrUnusable)
	}
	config, err := f.config(bytes.NewReader(data))
	if err != nil {
		return Info{}, fmt.Errorf("%w: its header cannot be read: %w", ErrUnusable, err)
	}
	info := Info{ContentType: f.contentType, Width: config.Width, Height: config.Height, Deep: deep(config.ColorModel)}
	limit := int64(MaxPixels)
	if info.Deep {
		limit = MaxDeepPixels
	}
	switch pixels := int64(info.Width) * int64(info.Height); {
	case info.Width < 1 || info.Height < 1 || info.Width > MaxSide || info.Height > MaxSide:
		return Info{}, fmt.Errorf("%w: %d x %d pixels; allowed sides: 1 to %d", ErrUnusable, info.Width, info.Height, MaxSide)
	case pixels > limit:
		return Info{}, fmt.Errorf("%w: %d x %d pixels; allowed: %d in all", ErrUnusable, info.Width, info.Height, limit)
	}
	return info, nil
}

func formatOf(data []byte) *format {
	for i := range formats {
		if formats[i].magic(data) {
			return &formats[i]
		}
	}
	return nil
}

func deep(model color.Model) bool {
	return model == color.NRGBA64Model || model == color.RGBA64Model || model == color.Gray16Model
}

// decode turns inspected bytes into pixels; only the first frame of an animation.
func decode(data []byte) (image.Image, error) {
	decoded, err := formatOf(data).decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: its pixels cannot be read: %w", ErrUnusable, err)
	}
	return decoded, nil
}
