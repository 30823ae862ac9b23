package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/HugoSmits86/nativewebp"

	"darkroom/shared/picture"
)

// painted makes a picture with something on it.
func painted(width, height int, alpha uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), uint8(x + y), alpha})
		}
	}
	return img
}

func encoded(t testing.TB, as string, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	var err error
	switch as {
	case "png":
		err = png.Encode(&out, img)
	case "jpeg":
		err = jpeg.Encode(&out, img, nil)
	case "webp":
		err = nativewebp.Encode(&out, img, nil)
	case "gif":
		err = gif.Encode(&out, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// claiming is a valid PNG header of these dimensions and nothing else.
func claiming(width, height uint32, depth byte) []byte {
	chunk := make([]byte, 17)
	copy(chunk, "IHDR")
	binary.BigEndian.PutUint32(chunk[4:], width)
	binary.BigEndian.PutUint32(chunk[8:], height)
	chunk[12], chunk[13] = depth, 6
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	out = append(out, chunk...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
}

func TestInspectKnowsAnImageByItsBytes(t *testing.T) {
	t.Parallel()
	for _, as := range []string{"png", "jpeg", "webp"} {
		got, err := picture.Inspect(encoded(t, as, painted(64, 48, 255)))
		if want := (picture.Info{ContentType: "image/" + as, Width: 64, Height: 48}); err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", as, got, err, want)
		}
	}
	deep, err := picture.Inspect(encoded(t, "png", image.NewNRGBA64(image.Rect(0, 0, 10, 10))))
	if err != nil || !deep.Deep {
		t.Errorf("16-bit PNG: %+v, %v", deep, err)
	}
}

func TestWhatIsNoImageOfOursIsUnusable(t *testing.T) {
	t.Parallel()
	good := encoded(t, "png", painted(64, 48, 255))
	for name, data := range map[string][]byte{
		"nothing":             nil,
		"HTML":                []byte("<!doctype html><title>gone</title>"),
		"SVG":                 []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"PDF":                 []byte("%PDF-1.7\n"),
		"GIF":                 encoded(t, "gif", painted(8, 8, 255)),
		"magic bytes only":    good[:8],
		"60,000 x 60,000":     claiming(60_000, 60_000, 8),
		"41 megapixels":       claiming(8192, 5200, 8),
		"21 megapixels, deep": claiming(4600, 4600, 16),
		"no width":            claiming(0, 10, 8),
		"too many bytes":      append(bytes.Clone(good), make([]byte, picture.MaxBytes)...),
	} {
		if got, err := picture.Inspect(data); !errors.Is(err, picture.ErrUnusable) {
			t.Errorf("%s: got %+v, %v; want ErrUnusable", name, got, err)
		}
	}
}

func TestATruncatedImageIsFoundOutWhenItIsDecoded(t *testing.T) {
	t.Parallel()
	for _, as := range []string{"png", "jpeg", "webp"} {
		whole := encoded(t, as, painted(200, 150, 255))
		half := whole[:len(whole)/2]
		info, err := picture.Inspect(half)
		if err == nil {
			_, err = picture.MakePreview(half, info)
		}
		if !errors.Is(err, picture.ErrUnusable) {
			t.Errorf("%s: %v, want ErrUnusable", as, err)
		}
	}
}

func TestAPreviewFitsItsSquareAndKeepsProportionsAndTransparency(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		width, height int
		alpha         uint8
		wantW, wantH  int
		wantType      string
	}{
		{"large", 2000, 1000, 255, 768, 384, "image/jpeg"},
		{"tall", 900, 1800, 255, 384, 768, "image/jpeg"},
		{"small stays", 100, 50, 255, 100, 50, "image/jpeg"},
		{"a line", 2000, 1, 255, 768, 1, "image/jpeg"},
		{"transparent", 1000, 1000, 128, 768, 768, "image/png"},
	} {
		data := encoded(t, "png", painted(c.width, c.height, c.alpha))
		info, err := picture.Inspect(data)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got, err := picture.MakePreview(data, info)
		if err != nil || got.Width != c.wantW || got.Height != c.wantH || got.ContentType != c.wantType {
			t.Errorf("%s: %d x %d %s, %v; want %d x %d %s", c.name, got.Width, got.Height, got.ContentType, err, c.wantW, c.wantH, c.wantType)
		}
		if again, err := picture.Inspect(got.Data); err != nil || again.ContentType != c.wantType {
			t.Errorf("%s: the preview itself is %+v, %v", c.name, again, err)
		}
	}
}

func TestAPreviewHoldsNoMetadataOfTheOriginal(t *testing.T) {
	t.Parallel()
	plain := encoded(t, "jpeg", painted(100, 100, 255))
	secret := []byte("GPS 48.2082 16.3738")
	segment := append([]byte{0xff, 0xe1, 0, byte(len(secret) + 2)}, secret...)
	data := append(append(bytes.Clone(plain[:2]), segment...), plain[2:]...)
	info, err := picture.Inspect(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := picture.MakePreview(data, info)
	if err != nil || bytes.Contains(got.Data, secret) {
		t.Errorf("%v; the preview still holds %q", err, secret)
	}
}

func FuzzAnyBytesAreInspectedAndPreviewedWithoutACrash(f *testing.F) {
	for _, as := range []string{"png", "jpeg", "webp", "gif"} {
		f.Add(encoded(f, as, painted(20, 10, 200)))
	}
	f.Add(claiming(60_000, 60_000, 8))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := picture.Inspect(data)
		if err != nil {
			return
		}
		if info.Width*info.Height > 1<<20 {
			return // slow, and nothing new
		}
		if preview, err := picture.MakePreview(data, info); err == nil && max(preview.Width, preview.Height) > picture.PreviewSide {
			t.Errorf("preview of %d x %d", preview.Width, preview.Height)
		}
	})
}
