package picture_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"slices"
	"testing"

	"darkroom/shared/picture"
)

// prepare inspects and prepares what must be a good image.
func prepare(t *testing.T, data []byte, want picture.Want) picture.Prepared {
	t.Helper()
	info, err := picture.InspectInput(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := picture.Prepare(t.Context(), data, info, want)
	if err != nil {
		t.Fatal(err)
	}
	again, err := picture.Inspect(got.Data)
	if err != nil || again.ContentType != got.ContentType || again.Width != got.Width || again.Height != got.Height {
		t.Errorf("the input's own bytes are %+v, %v; returned %s of %d x %d", again, err, got.ContentType, got.Width, got.Height)
	}
	return got
}

// noise is an image that does not compress.
func noise(width, height int) *image.NRGBA {
	img, random := painted(width, height, 255), rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		if i%4 != 3 {
			img.Pix[i] = uint8(random.Uint32())
		}
	}
	return img
}

func TestPrepareMakesJPEGOfWhatWasCompressedWithLossAndPNGOfTheRest(t *testing.T) {
	t.Parallel()
	deep := image.NewNRGBA64(image.Rect(0, 0, 30, 20))
	draw.Draw(deep, deep.Bounds(), image.NewUniform(color.NRGBA64{0x1234, 0x8000, 0xffff, 0xffff}), image.Point{}, draw.Src)
	for _, c := range []struct {
		name, as string
		img      image.Image
		want     string
	}{
		{"photo", "jpeg", painted(30, 20, 255), "image/jpeg"},
		{"drawing", "png", painted(30, 20, 255), "image/png"},
		{"drawing as WebP", "webp", painted(30, 20, 255), "image/png"},
		{"transparent", "png", painted(30, 20, 128), "image/png"},
		{"transparent WebP", "webp", painted(30, 20, 128), "image/png"},
		{"16 bits", "png", deep, "image/png"},
	} {
		got := prepare(t, encoded(t, c.as, c.img), picture.Want{})
		if info, err := picture.Inspect(got.Data); got.ContentType != c.want || got.Width != 30 || got.Height != 20 || err != nil || info.Deep {
			t.Errorf("%s: %s of %d x %d (%+v, %v); want %s of 30 x 20 with 8 bits", c.name, got.ContentType, got.Width, got.Height, info, err, c.want)
		}
	}
}

func TestPrepareKeepsTheColoursAndTurnsNothingBlackThatWasClear(t *testing.T) {
	t.Parallel()
	flat := func(c color.Color) []byte {
		img := image.NewNRGBA(image.Rect(0, 0, 90, 60))
		draw.Draw(img, img.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
		return encoded(t, "png", img)
	}
	for _, c := range []struct {
		name       string
		from, want color.NRGBA
	}{
		{"solid", color.NRGBA{200, 100, 50, 255}, color.NRGBA{200, 100, 50, 255}},
		{"half clear on white", color.NRGBA{200, 100, 50, 128}, color.NRGBA{227, 177, 152, 255}},
		{"clear on white", color.NRGBA{0, 0, 0, 0}, color.NRGBA{255, 255, 255, 255}},
		{"half clear black on white", color.NRGBA{0, 0, 0, 128}, color.NRGBA{127, 127, 127, 255}},
	} {
		made := prepare(t, flat(c.from), picture.Want{MaxSide: 31})
		img, _, err := image.Decode(bytes.NewReader(made.Data))
		if err != nil {
			t.Fatal(err)
		}
		got := color.NRGBAModel.Convert(img.At(7, 11)).(color.NRGBA)
		for _, pair := range [][2]uint8{{got.R, c.want.R}, {got.G, c.want.G}, {got.B, c.want.B}, {got.A, c.want.A}} {
			if difference := int(pair[0]) - int(pair[1]); difference < -2 || difference > 2 {
				t.Errorf("%s: %v, want %v within 2", c.name, got, c.want)
			}
		}
	}
}

func TestPrepareScalesDownToTheLongestSideAndNeverUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ width, height, side, wantW, wantH int }{
		{1600, 200, 768, 768, 96}, {200, 1600, 768, 96, 768}, {768, 90, 768, 768, 90}, {100, 50, 768, 100, 50}, {2000, 1, 768, 768, 1},
		{1000, 700, 999, 999, 699}, {1000, 700, 0, 1000, 700},
	} {
		got := prepare(t, encoded(t, "png", painted(c.width, c.height, 255)), picture.Want{MaxSide: c.side})
		if got.Width != c.wantW || got.Height != c.wantH {
			t.Errorf("%d x %d within %d: %d x %d, want %d x %d", c.width, c.height, c.side, got.Width, got.Height, c.wantW, c.wantH)
		}
	}
}

func TestPrepareKeepsWithinANumberOfPixelsAndASideTogether(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ width, height, pixels, side, wantW, wantH int }{
		{400, 100, 10_000, 0, 200, 50}, {100, 400, 10_000, 0, 50, 200}, {100, 100, 10_000, 0, 100, 100}, {100, 99, 9_000, 0, 95, 94},
		{400, 100, 10_000, 100, 100, 25}, {400, 100, 10_000, 300, 200, 50},
	} {
		got := prepare(t, encoded(t, "png", painted(c.width, c.height, 255)), picture.Want{MaxPixels: c.pixels, MaxSide: c.side})
		if got.Width != c.wantW || got.Height != c.wantH {
			t.Errorf("%d x %d within %d pixels and %d: %d x %d, want %d x %d", c.width, c.height, c.pixels, c.side, got.Width, got.Height, c.wantW, c.wantH)
		}
	}
}

func TestScalingDownWeighsEveryPixelOfTheOriginal(t *testing.T) {
	t.Parallel()
	img := image.NewGray(image.Rect(0, 0, 7, 5)) // one white pixel, wherever it is, is a 35th of the light
	for at := range img.Pix {
		clear(img.Pix)
		img.Pix[at] = 255
		made := prepare(t, encoded(t, "png", img), picture.Want{MaxSide: 3})
		small, _, err := image.Decode(bytes.NewReader(made.Data))
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for y := range made.Height {
			for x := range made.Width {
				sum += int(color.GrayModel.Convert(small.At(x, y)).(color.Gray).Y)
			}
		}
		if want := 255 * made.Width * made.Height / 35; sum < want-3 || sum > want+3 {
			t.Errorf("a white pixel at %d gives %d in all, want about %d", at, sum, want)
		}
	}
}

func TestPrepareFitsIntoTheBytes(t *testing.T) {
	t.Parallel()
	clear := noise(200, 150)
	clear.Pix[3] = 0
	for _, c := range []struct {
		name  string
		data  []byte
		bytes int
		want  string
		scale bool
	}{
		{"a drawing becomes JPEG before it becomes smaller", encoded(t, "png", noise(200, 150)), 60_000, "image/jpeg", false},
		{"a photo becomes smaller", encoded(t, "jpeg", noise(200, 150)), 10_000, "image/jpeg", true},
		{"what is transparent is treated like any other", encoded(t, "png", clear), 60_000, "image/jpeg", false},
	} {
		got := prepare(t, c.data, picture.Want{MaxBytes: c.bytes})
		if len(got.Data) > c.bytes || got.ContentType != c.want || (got.Width < 200) != c.scale {
			t.Errorf("%s: %d bytes of %s, %d wide; want at most %d of %s", c.name, len(got.Data), got.ContentType, got.Width, c.bytes, c.want)
		}
	}
}

func TestWhatCannotBeMadeToFitIsUnusable(t *testing.T) {
	t.Parallel()
	data := encoded(t, "png", noise(100, 100))
	info, err := picture.InspectInput(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := picture.Prepare(t.Context(), data, info, picture.Want{MaxBytes: 10}); !errors.Is(err, picture.ErrUnusable) {
		t.Errorf("%v, want ErrUnusable", err)
	}
}

func TestPrepareLeavesNoMetadata(t *testing.T) {
	t.Parallel()
	secret := "GPS 48.2082 16.3738, prompt: a cat"
	plainJPEG, plainPNG := encoded(t, "jpeg", painted(100, 100, 255)), encoded(t, "png", painted(100, 100, 255))
	for name, data := range map[string][]byte{
		"JPEG EXIF":    withSegment(plainJPEG, 0xe1, "Exif\x00\x00"+secret),
		"JPEG XMP":     withSegment(plainJPEG, 0xe1, "http://ns.adobe.com/xap/1.0/\x00"+secret),
		"JPEG comment": withSegment(plainJPEG, 0xfe, secret),
		"JPEG trailer": append(bytes.Clone(plainJPEG), secret...),
		"PNG text":     slices.Concat(plainPNG[:33], chunk("tEXt", []byte("Comment\x00"+secret)), plainPNG[33:]),
		"PNG EXIF":     slices.Concat(plainPNG[:33], chunk("eXIf", []byte(secret)), plainPNG[33:]),
		"PNG trailer":  append(bytes.Clone(plainPNG), secret...),
	} {
		if got := prepare(t, data, picture.Want{}); bytes.Contains(got.Data, []byte("GPS")) || bytes.Contains(got.Data, []byte("Exif")) {
			t.Errorf("%s: the input still holds %q", name, secret)
		}
	}
}
