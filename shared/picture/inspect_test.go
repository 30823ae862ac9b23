package picture_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"testing"

	"darkroom/shared/picture"
)

func ExampleInspect() {
	_, err := picture.Inspect([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`))
	fmt.Println(errors.Is(err, picture.ErrUnusable), err)
	// Output: true not a usable image: neither PNG, JPEG nor WebP
}

func TestInspectKnowsAnImageByItsBytes(t *testing.T) {
	t.Parallel()
	solid, clear := painted(64, 48, 255), painted(64, 48, 128)
	palette := image.NewPaletted(image.Rect(0, 0, 64, 48), color.Palette{color.White, color.Transparent})
	for _, c := range []struct {
		name, as    string
		img         image.Image
		alpha, deep bool
	}{
		{"PNG", "png", solid, false, false},
		{"PNG with alpha", "png", clear, true, false},
		{"PNG with a transparent colour", "png", palette, true, false},
		{"PNG of 16 bits with alpha", "png", image.NewNRGBA64(image.Rect(0, 0, 64, 48)), true, true},
		{"PNG of 16 bits, grey", "png", image.NewGray16(image.Rect(0, 0, 64, 48)), false, true},
		{"JPEG", "jpeg", solid, false, false},
		{"WebP, lossless, which may always have alpha", "webp", solid, true, false},
	} {
		want := picture.Info{ContentType: "image/" + c.as, Width: 64, Height: 48, Alpha: c.alpha, Deep: c.deep}
		if got, err := picture.Inspect(encoded(t, c.as, c.img)); err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", c.name, got, err, want)
		}
	}
}

func TestTheFirstPartOfAFileIsEnoughForInspect(t *testing.T) {
	t.Parallel()
	for _, as := range []string{"png", "jpeg", "webp"} {
		whole := encoded(t, as, painted(300, 200, 255))
		if got, err := picture.Inspect(whole[:len(whole)/2]); err != nil || got.Width != 300 || got.Height != 200 {
			t.Errorf("%s: got %+v, %v; want 300 x 200", as, got, err)
		}
	}
}

func TestWhatIsNoImageOfOursIsUnusable(t *testing.T) {
	t.Parallel()
	good := encoded(t, "png", painted(64, 48, 255))
	for name, data := range map[string][]byte{
		"nothing":          nil,
		"HTML":             []byte("<!doctype html><title>gone</title>"),
		"SVG":              []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"PDF":              []byte("%PDF-1.7\n"),
		"GIF":              encoded(t, "gif", painted(8, 8, 255)),
		"magic bytes only": good[:8],
		"RIFF, not WebP":   []byte("RIFF\x24\x00\x00\x00WAVEfmt "),
		"script before it": append([]byte("<script>alert(1)</script>"), good...),
		"too many bytes":   append(bytes.Clone(good), make([]byte, picture.MaxBytes)...),
	} {
		if got, err := picture.Inspect(data); !errors.Is(err, picture.ErrUnusable) {
			t.Errorf("%s: got %+v, %v; want ErrUnusable", name, got, err)
		}
	}
}

func TestTheSizeLimitsHoldBeforeAnythingIsDecoded(t *testing.T) {
	t.Parallel()
	const sequential, progressive = 0xc0, 0xc2
	for _, c := range []struct {
		name   string
		data   []byte
		usable bool
	}{
		{"60,000 x 60,000", pngHeader(60_000, 60_000, 8, 0), false},
		{"sides of 2^31 - 1", pngHeader(1<<31-1, 1<<31-1, 8, 0), false},
		{"no width", pngHeader(0, 10, 8, 0), false},
		{"the longest side", pngHeader(picture.MaxSide, 1, 8, 0), true},
		{"one pixel longer", pngHeader(picture.MaxSide+1, 1, 8, 0), false},
		{"40 megapixels", pngHeader(8192, 5120, 8, 0), true},
		{"one row more", pngHeader(8192, 5121, 8, 0), false},
		{"20 megapixels of 16 bits", pngHeader(4096, 5120, 16, 0), true},
		{"one row more of 16 bits", pngHeader(4096, 5121, 16, 0), false},
		{"40 megapixels of sequential JPEG", jpegClaiming(t, 8192, 5120, sequential), true},
		{"20 megapixels of progressive JPEG", jpegClaiming(t, 4096, 5120, progressive), true},
		{"one row more of progressive JPEG", jpegClaiming(t, 4096, 5121, progressive), false},
		{"the same behind odd bytes", append([]byte{0xff, 0xd8, 0xff, 0x00}, jpegClaiming(t, 4096, 5121, progressive)[2:]...), false},
	} {
		got, err := picture.Inspect(c.data)
		if usable := err == nil; usable != c.usable || !usable && !errors.Is(err, picture.ErrUnusable) {
			t.Errorf("%s: got %+v, %v; want usable: %t", c.name, got, err, c.usable)
		}
	}
}
