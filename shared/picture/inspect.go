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

// Limits that are tested before anything is decoded: a header of 78 bytes can claim 13 GB of pixels. (For the work, maxScans is one more.) The second limit of pixels is for images that take
// more than twice the memory: 16 bits a channel, and progressive JPEG, whose decoder keeps four bytes for every sample until the last scan is read. Half of
// it holds for progressive JPEG of four colours, which takes 24 bytes a pixel.
const (
	MaxBytes       = 50 << 20
	MaxSide        = 16384 // pixels
	MaxPixels      = 40 << 20
	MaxHeavyPixels = 20 << 20
)

// ErrUnusable is in every error about bytes that will never be an image of ours, however often they are fetched.
var ErrUnusable = errors.New("not a usable image")

// Info is what the header says. Content types come from the bytes, never from what somebody declared.
type Info struct {
	ContentType string // image/png, image/jpeg or image/webp
	Width       int    // pixels
	Height      int
	Alpha       bool // pixels may be transparent; whether any is shows only when they are decoded
	Deep        bool // 16 bits a channel
	Inks        bool // four colours, as for print
	Orientation int  // of a photo, by its EXIF data: 2 to 8 say how to turn it; 0: as it is
}

// Upright is the size that people see: a photo taken with the camera held sideways is stored lying down.
func (i Info) Upright() (width, height int) {
	if i.Orientation >= firstSideways {
		return i.Height, i.Width
	}
	return i.Width, i.Height
}

// format is one kind of image we take.
type format struct {
	contentType string
	magic       func([]byte) bool
	config      func(io.Reader) (image.Config, error)
	decode      func(io.Reader) (image.Image, error)
}

// formats has no GIF (256 colours, and hundreds of frames in a few bytes) and nothing that a browser would run, such as SVG.
var formats = []format{
	{"image/png", func(b []byte) bool { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) }, png.DecodeConfig, png.Decode},
	{"image/jpeg", func(b []byte) bool { return bytes.HasPrefix(b, []byte("\xff\xd8\xff")) }, jpeg.DecodeConfig, jpeg.Decode},
	{"image/webp", func(b []byte) bool {
		return len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP"
	}, webp.DecodeConfig, webp.Decode},
}

// Inspect reads the header and tests the limits. It decodes no pixels, so the first part of a file is enough for it. The error is ErrUnusable.
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
	info := Info{ContentType: f.contentType, Width: config.Width, Height: config.Height, Alpha: hasAlpha(config.ColorModel), Deep: isDeep(config.ColorModel),
		Inks: config.ColorModel == color.CMYKModel}
	if info.ContentType == "image/jpeg" {
		info.Orientation = orientation(data)
		if err := outlineOf(data).check(); err != nil {
			return Info{}, err
		}
	}
	return info, checkSize(info, data)
}

// checkSize compares in 64 bits: two sides of a PNG may be 2^31 each.
func checkSize(info Info, data []byte) error {
	limit := limitOf(info, data, MaxPixels, MaxHeavyPixels)
	switch pixels := int64(info.Width) * int64(info.Height); {
	case info.Width < 1 || info.Height < 1 || info.Width > MaxSide || info.Height > MaxSide:
		return fmt.Errorf("%w: %d x %d pixels; allowed sides: 1 to %d", ErrUnusable, info.Width, info.Height, MaxSide)
	case pixels > limit:
		return fmt.Errorf("%w: %d x %d pixels; allowed for this kind of image: %d in all", ErrUnusable, info.Width, info.Height, limit)
	}
	return nil
}

// limitOf is how many pixels an image of this kind may have, by the limits of an ordinary and of a heavy kind.
func limitOf(info Info, data []byte, ordinary, heavy int64) int64 {
	progressive := info.ContentType == "image/jpeg" && !outlineOf(data).sequential
	switch {
	case progressive && info.Inks:
		return heavy / 2
	case progressive || info.Deep:
		return heavy
	}
	return ordinary
}

func formatOf(data []byte) *format {
	for i := range formats {
		if formats[i].magic(data) {
			return &formats[i]
		}
	}
	return nil
}

func hasAlpha(model color.Model) bool {
	if palette, is := model.(color.Palette); is {
		for _, c := range palette {
			if _, _, _, a := c.RGBA(); a != 0xffff {
				return true
			}
		}
		return false
	}
	return model == color.NRGBAModel || model == color.NRGBA64Model || model == color.NYCbCrAModel
}

func isDeep(model color.Model) bool {
	return model == color.NRGBA64Model || model == color.RGBA64Model || model == color.Gray16Model
}
