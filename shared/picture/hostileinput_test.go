package picture_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"io"
	"slices"
	"testing"

	"darkroom/shared/picture"
)

// squeezed is zeroes, a thousand times smaller.
func squeezed(t testing.TB, zeroBytes int64, into func(io.Writer) io.WriteCloser) []byte {
	t.Helper()
	var out bytes.Buffer
	w := into(&out)
	if _, err := io.CopyN(w, zeroes{}, zeroBytes); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestHostileInputsAreRefusedWithoutTakingMemory(t *testing.T) { //nolint:paralleltest // measures the whole process
	frame := image.NewPaletted(image.Rect(0, 0, 100, 100), color.Palette{color.White, color.Black})
	var moving bytes.Buffer
	if err := gif.EncodeAll(&moving, &gif.GIF{Image: slices.Repeat([]*image.Paletted{frame}, 200), Delay: make([]int, 200)}); err != nil {
		t.Fatal(err)
	}
	whole := encoded(t, "png", painted(64, 64, 255))
	for name, data := range map[string][]byte{
		"60,000 x 60,000 in a header":        pngHeader(60_000, 60_000, 8, 0),
		"a PNG of 16 bits above its limit":   pngHeader(4096, 4096, 16, 1),
		"a PNG of 8 bits above its limit":    pngHeader(6000, 5000, 8, 0),
		"a progressive JPEG above its limit": jpegClaiming(t, 4096, 4096, 0xc2),
		"one of four colours":                fourColours(t, 2560, 2560, 0xc2),
		"an animated GIF":                    moving.Bytes(),
		"a gzip bomb":                        squeezed(t, 16<<20, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		"cut off in the header":              whole[:20],
		"nothing":                            nil,
	} {
		var err error
		if got := allocated(func() { _, err = picture.InspectInput(data) }); !errors.Is(err, picture.ErrUnusable) || got > 1<<20 {
			t.Errorf("%s: %v after %d bytes of memory, want ErrUnusable and hardly any", name, err, got)
		}
		if _, err := picture.Prepare(t.Context(), data, picture.Info{ContentType: "image/png", Width: 64, Height: 64}, picture.Want{}); !errors.Is(err, picture.ErrUnusable) {
			t.Errorf("%s, behind another image's header: %v, want ErrUnusable", name, err)
		}
	}
}

func TestATruncatedInputIsUnusable(t *testing.T) {
	t.Parallel()
	for _, as := range []string{"png", "jpeg", "webp"} {
		whole := encoded(t, as, painted(200, 150, 255))
		info, err := picture.InspectInput(whole)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []int{len(whole) / 2, len(whole) * 3 / 4, 40, 12, 1} {
			if _, err := picture.Prepare(t.Context(), whole[:part], info, picture.Want{}); !errors.Is(err, picture.ErrUnusable) {
				t.Errorf("%s of %d bytes, %d of them here: %v, want ErrUnusable", as, len(whole), part, err)
			}
		}
	}
}

func TestABombInMetadataIsNotInflated(t *testing.T) { //nolint:paralleltest // measures the whole process
	plain := encoded(t, "png", painted(64, 64, 255))
	bomb := squeezed(t, 16<<20, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
	for _, kind := range []string{"zTXt", "iCCP"} {
		data := slices.Concat(plain[:33], chunk(kind, append([]byte("x\x00\x00"), bomb...)), plain[33:])
		if got := allocated(func() { prepare(t, data, picture.Want{}) }); got > 4<<20 {
			t.Errorf("%s: preparing a small image took %d bytes of memory", kind, got)
		}
	}
}

// The process that prepares inputs is to stay within 384 MB, to which the bench holds it. One megapixel of each kind is measured as a strip, and what does not depend on the pixels is taken away.
func TestTheLargestInputsFitIntoTheFunctionsMemory(t *testing.T) { //nolint:paralleltest // measures the whole process
	const (
		width, height = picture.MaxSide, 64
		megabyte      = 1 << 20
		budget        = 300 // megabytes, of those 384
	)
	want := picture.Want{MaxSide: 2048}
	strip := painted(width, height, 255)
	turned := withSegment(encoded(t, "jpeg", strip), 0xe1, exif(binary.BigEndian, 6))
	for _, c := range []struct {
		name   string
		data   []byte
		pixels int // that this kind may have at most
	}{
		{"PNG of 8 bits", pngBomb(t, width, height, 8, 0), picture.MaxInputPixels},
		{"PNG of 8 bits, interlaced", pngBomb(t, width, height, 8, 1), picture.MaxInputPixels},
		{"PNG of 16 bits", pngBomb(t, width, height, 16, 0), picture.MaxHeavyInputPixels},
		{"PNG of 16 bits, interlaced", pngBomb(t, width, height, 16, 1), picture.MaxHeavyInputPixels},
		{"JPEG, sideways", turned, picture.MaxInputPixels},
		{"progressive JPEG", fullColour(jpegClaiming(t, width, height, 0xc2)), picture.MaxHeavyInputPixels},
		{"JPEG of four colours", fourColours(t, width, height, 0xc0), picture.MaxInputPixels},
		{"progressive JPEG of four colours", fourColours(t, width, height, 0xc2), picture.MaxHeavyInputPixels / 2},
		{"WebP, lossless", encoded(t, "webp", strip), picture.MaxInputPixels},
	} {
		info, err := picture.InspectInput(c.data)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		one := allocated(func() { picture.Prepare(t.Context(), c.data, info, want) }) //nolint:errcheck // the memory is the subject
		if one < width*height {
			t.Errorf("%s: %d bytes for %d pixels: it was not decoded", c.name, one, width*height)
		}
		result := uint64(4 * 2048 * 2048 * 2) // the scaled image and its turned copy
		if got := (one*uint64(c.pixels/(width*height)) + result) / megabyte; got > budget {
			t.Errorf("%s: the largest would take about %d MB, more than %d", c.name, got, budget)
		} else {
			t.Logf("%s: the largest takes about %d MB", c.name, got)
		}
	}
}

func FuzzAnyBytesArePreparedWithoutACrash(f *testing.F) {
	for _, as := range []string{"png", "jpeg", "webp"} {
		f.Add(encoded(f, as, painted(20, 10, 200)), 15, 0)
	}
	f.Add(withSegment(encoded(f, "jpeg", painted(20, 10, 255)), 0xe1, exif(binary.BigEndian, 7)), 0, 300)
	f.Fuzz(func(t *testing.T, data []byte, side, size int) {
		info, err := picture.InspectInput(data)
		if err != nil || info.Width*info.Height > 1<<20 {
			return // the second is slow, and nothing new
		}
		got, err := picture.Prepare(t.Context(), data, info, picture.Want{MaxSide: side, MaxBytes: max(0, size)})
		switch {
		case err != nil && !errors.Is(err, picture.ErrUnusable):
			t.Errorf("prepare: %v, want ErrUnusable", err)
		case err == nil && (side > 0 && max(got.Width, got.Height) > side || size > 0 && len(got.Data) > size):
			t.Errorf("%d x %d in %d bytes; want at most a side of %d and %d bytes", got.Width, got.Height, len(got.Data), side, size)
		}
		if _, err := picture.PrepareMask(t.Context(), data, info, info, got, max(0, size)); err != nil && !errors.Is(err, picture.ErrUnusable) {
			t.Errorf("mask: %v, want ErrUnusable", err)
		}
	})
}
