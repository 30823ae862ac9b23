package picture_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"testing"

	"darkroom/shared/picture"
)

// preview inspects and previews what must be a good image.
func preview(t *testing.T, data []byte) picture.Preview {
	t.Helper()
	info, err := picture.Inspect(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := picture.MakePreview(t.Context(), data, info)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestAPreviewFitsItsSquareKeepsProportionsAndIsNeverEnlarged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                        string
		width, height, wantW, wantH int
	}{
		{"wide", 1600, 200, 768, 96},
		{"tall", 200, 1600, 96, 768},
		{"exact", 768, 90, 768, 90},
		{"small stays", 100, 50, 100, 50},
		{"a line", 2000, 1, 768, 1},
		{"a dot", 1, 1, 1, 1},
	} {
		got := preview(t, encoded(t, "png", painted(c.width, c.height, 255)))
		if got.Width != c.wantW || got.Height != c.wantH {
			t.Errorf("%s, %d x %d: preview of %d x %d, want %d x %d", c.name, c.width, c.height, got.Width, got.Height, c.wantW, c.wantH)
		}
		if again, err := picture.Inspect(got.Data); err != nil || again.Width != c.wantW || again.Height != c.wantH {
			t.Errorf("%s: the preview's own bytes are %+v, %v", c.name, again, err)
		}
	}
}

func TestAPreviewIsJPEGUnlessSomethingIsTransparent(t *testing.T) {
	t.Parallel()
	oneHole := painted(1600, 80, 255)
	oneHole.SetNRGBA(801, 41, color.NRGBA{A: 254})
	deep := image.NewNRGBA64(image.Rect(0, 0, 900, 60))
	draw.Draw(deep, deep.Bounds(), image.NewUniform(color.NRGBA64{0x1234, 0x8000, 0xffff, 0xffff}), image.Point{}, draw.Src)
	for _, c := range []struct {
		name, as string
		img      image.Image
		want     string
	}{
		{"solid PNG", "png", painted(900, 60, 255), "image/jpeg"},
		{"solid WebP", "webp", painted(90, 90, 255), "image/jpeg"},
		{"JPEG", "jpeg", painted(900, 60, 255), "image/jpeg"},
		{"16 bits", "png", deep, "image/jpeg"},
		{"clear PNG", "png", painted(900, 60, 128), "image/png"},
		{"clear WebP", "webp", painted(90, 90, 128), "image/png"},
		{"one pixel that scaling averages away", "png", oneHole, "image/png"},
	} {
		got := preview(t, encoded(t, c.as, c.img))
		if info, err := picture.Inspect(got.Data); got.ContentType != c.want || err != nil || info.ContentType != c.want {
			t.Errorf("%s: %s, its bytes %s, %v; want %s", c.name, got.ContentType, info.ContentType, err, c.want)
		}
	}
}

func TestAPreviewShowsTheSameColours(t *testing.T) {
	t.Parallel()
	want := color.NRGBA{200, 100, 50, 128}
	flat := image.NewNRGBA(image.Rect(0, 0, 1000, 40))
	draw.Draw(flat, flat.Bounds(), image.NewUniform(want), image.Point{}, draw.Src)
	small, _, err := image.Decode(bytes.NewReader(preview(t, encoded(t, "png", flat)).Data))
	if err != nil {
		t.Fatal(err)
	}
	got := color.NRGBAModel.Convert(small.At(300, 15)).(color.NRGBA)
	for _, pair := range [][2]uint8{{got.R, want.R}, {got.G, want.G}, {got.B, want.B}, {got.A, want.A}} {
		if difference := int(pair[0]) - int(pair[1]); difference < -2 || difference > 2 { // premultiplying rounds
			t.Errorf("pixel %v, want %v within 2", got, want)
		}
	}
}

func TestThinLinesOfALargeImageAreNotLost(t *testing.T) {
	t.Parallel()
	const width, height = 3072, 64 // four pixels become one
	page := image.NewGray(image.Rect(0, 0, width, height))
	draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
	for y := range height {
		page.SetGray(1538, y, color.Gray{})
	}
	small, _, err := image.Decode(bytes.NewReader(preview(t, encoded(t, "png", page)).Data))
	if err != nil {
		t.Fatal(err)
	}
	darkest := uint8(255)
	for x := 370; x < 400; x++ {
		darkest = min(darkest, color.GrayModel.Convert(small.At(x, 8)).(color.Gray).Y)
	}
	if darkest > 230 {
		t.Errorf("the line's darkest pixel is %d of 255: it has vanished", darkest)
	}
}

func TestAPreviewHoldsNoMetadataOfTheOriginal(t *testing.T) {
	t.Parallel()
	secret := "GPS 48.2082 16.3738, prompt: a cat"
	plainJPEG, plainPNG := encoded(t, "jpeg", painted(100, 100, 255)), encoded(t, "png", painted(100, 100, 255))
	segment := fmt.Sprintf("\xff\xe1\x00%c%s", len(secret)+2, secret)
	for name, data := range map[string][]byte{
		"JPEG": bytes.Join([][]byte{plainJPEG[:2], []byte(segment), plainJPEG[2:]}, nil),
		"PNG":  bytes.Join([][]byte{plainPNG[:33], chunk("tEXt", []byte("Comment\x00"+secret)), plainPNG[33:]}, nil),
	} {
		if got := preview(t, data); bytes.Contains(got.Data, []byte("GPS")) {
			t.Errorf("%s: the preview still holds %q", name, secret)
		}
	}
}
