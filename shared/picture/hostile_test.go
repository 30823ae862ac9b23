package picture_test

import (
	"bytes"
	"errors"
	"runtime"
	"testing"

	"darkroom/shared/picture"
)

func TestATruncatedImageIsFoundOutWhenItIsDecoded(t *testing.T) {
	t.Parallel()
	for _, as := range []string{"png", "jpeg", "webp"} {
		whole := encoded(t, as, painted(200, 150, 255))
		half := whole[:len(whole)/2]
		info, err := picture.Inspect(half)
		if err == nil {
			_, err = picture.MakePreview(t.Context(), half, info)
		}
		if !errors.Is(err, picture.ErrUnusable) {
			t.Errorf("%s: %v, want ErrUnusable", as, err)
		}
	}
}

func TestWhatFollowsAnImageDoesNotReachItsPreview(t *testing.T) {
	t.Parallel()
	script := []byte("<script>alert(document.domain)</script>")
	for _, as := range []string{"png", "jpeg"} {
		polyglot := append(encoded(t, as, painted(100, 100, 255)), script...)
		if got := preview(t, polyglot); bytes.Contains(got.Data, script) {
			t.Errorf("%s: the preview holds the script", as)
		}
	}
}

func TestOtherBytesThanTheInspectedOnesAreRefused(t *testing.T) {
	t.Parallel()
	small, large := encoded(t, "png", painted(10, 10, 255)), encoded(t, "png", painted(20, 20, 255))
	info, err := picture.Inspect(small)
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string][]byte{"other size": large, "other format": encoded(t, "jpeg", painted(10, 10, 255)), "none": nil} {
		if _, err := picture.MakePreview(t.Context(), other, info); !errors.Is(err, picture.ErrUnusable) {
			t.Errorf("%s: %v, want ErrUnusable", name, err)
		}
	}
}

func TestAnAnimationIsItsFirstFrameOrUnusable(t *testing.T) {
	t.Parallel()
	still := encoded(t, "png", painted(30, 20, 255))
	control := chunk("acTL", []byte{0, 0, 0, 9, 0, 0, 0, 0}) // claims nine frames; the first one is the ordinary pixel data
	moving := bytes.Join([][]byte{still[:33], control, still[33:]}, nil)
	if got := preview(t, moving); got.Width != 30 || got.Height != 20 {
		t.Errorf("animated PNG: %d x %d, want 30 x 20", got.Width, got.Height)
	}
	webp := []byte("RIFF\x28\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x1d\x00\x00\x13\x00\x00ANIM\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00ANMF\x00\x00\x00\x00")
	info, err := picture.Inspect(webp)
	if err == nil {
		_, err = picture.MakePreview(t.Context(), webp, info)
	}
	if !errors.Is(err, picture.ErrUnusable) {
		t.Errorf("animated WebP: %v, want ErrUnusable", err)
	}
}

// allocated is how many bytes f asks for in all, freed or not. Its callers are not parallel, so nobody else is counted.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestRefusingAnImageTakesNoMemory(t *testing.T) { //nolint:paralleltest // measures the whole process
	for name, data := range map[string][]byte{
		"60,000 x 60,000 in a header":  pngHeader(60_000, 60_000, 8, 0),
		"25 megapixels of 16 bits":     pngHeader(5000, 5000, 16, 1),
		"30 megapixels of progressive": jpegClaiming(t, 6000, 5000, 0xc2),
	} {
		if got := allocated(func() { picture.Inspect(data) }); got > 1<<20 { //nolint:errcheck // the memory is the subject
			t.Errorf("%s: inspecting %d bytes allocated %d bytes", name, len(data), got)
		}
	}
}

// What the largest allowed image of each kind costs decides how much memory the function that makes previews has. One megapixel of each is measured, as a
// strip; the bytes of the largest file are added.
func TestTheLargestImagesFitIntoTheFunctionsMemory(t *testing.T) { //nolint:paralleltest // measures the whole process
	const (
		width, height = picture.MaxSide, 64
		megabyte      = 1 << 20
		file          = picture.MaxBytes / megabyte
		budget        = 440 // megabytes: the function's GOMEMLIMIT
	)
	strip := painted(width, height, 255)
	for _, c := range []struct {
		name   string
		data   []byte
		pixels int // that this kind may have at most
	}{
		{"PNG of 8 bits", pngBomb(t, width, height, 8, 0), picture.MaxPixels},
		{"PNG of 8 bits, interlaced", pngBomb(t, width, height, 8, 1), picture.MaxPixels},
		{"PNG of 16 bits", pngBomb(t, width, height, 16, 0), picture.MaxHeavyPixels},
		{"PNG of 16 bits, interlaced", pngBomb(t, width, height, 16, 1), picture.MaxHeavyPixels},
		{"JPEG", encoded(t, "jpeg", strip), picture.MaxPixels},
		{"progressive JPEG", fullColour(jpegClaiming(t, width, height, 0xc2)), picture.MaxHeavyPixels},
		{"JPEG of four colours", fourColours(t, width, height, 0xc0), picture.MaxPixels},
		{"progressive JPEG of four colours", fourColours(t, width, height, 0xc2), picture.MaxHeavyPixels / 2},
		{"WebP, lossless", encoded(t, "webp", strip), picture.MaxPixels},
	} {
		info, err := picture.Inspect(c.data)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		one := allocated(func() { picture.MakePreview(t.Context(), c.data, info) }) //nolint:errcheck // the memory is the subject
		if one < width*height {
			t.Errorf("%s: %d bytes for %d pixels: it was not decoded", c.name, one, width*height)
		}
		if got := one*uint64(c.pixels/(width*height))/megabyte + file; got > budget {
			t.Errorf("%s: the largest would take about %d MB, more than %d", c.name, got, budget)
		} else {
			t.Logf("%s: the largest takes about %d MB", c.name, got)
		}
	}
}

func FuzzAnyBytesAreInspectedAndPreviewedWithoutACrash(f *testing.F) {
	for _, as := range []string{"png", "jpeg", "webp", "gif"} {
		f.Add(encoded(f, as, painted(20, 10, 200)))
	}
	f.Add(pngHeader(60_000, 60_000, 8, 0))
	f.Add(jpegClaiming(f, 16, 16, 0xc2))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := picture.Inspect(data)
		if err != nil {
			if !errors.Is(err, picture.ErrUnusable) {
				t.Errorf("inspect: %v, want ErrUnusable", err)
			}
			return
		}
		if info.Width*info.Height > 1<<20 {
			return // slow, and nothing new
		}
		got, err := picture.MakePreview(t.Context(), data, info)
		if err == nil && max(got.Width, got.Height) > picture.PreviewSide {
			t.Errorf("preview of %d x %d", got.Width, got.Height)
		}
		if err != nil && !errors.Is(err, picture.ErrUnusable) {
			t.Errorf("preview: %v, want ErrUnusable", err)
		}
	})
}
