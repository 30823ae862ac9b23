package picture_test

import (
	"bytes"
	"image"
	"image/color"
	"testing"

	"darkroom/shared/picture"
)

// halves is a picture of two colours in pixels of one transparency.
func halves(img interface {
	image.Image
	Set(x, y int, c color.Color)
}, left, right color.Color) image.Image {
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			c := left
			if x >= img.Bounds().Dx()/2 {
				c = right
			}
			img.Set(x, y, c)
		}
	}
	return img
}

// tells whether the two halves of an encoded picture can be told apart.
func differ(t *testing.T, data []byte) bool {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	size := img.Bounds()
	left := color.NRGBAModel.Convert(img.At(size.Dx()/4, size.Dy()/2)).(color.NRGBA)
	right := color.NRGBAModel.Convert(img.At(size.Dx()*3/4, size.Dy()/2)).(color.NRGBA)
	return left.A != 255 || !near(left, right)
}

func TestNothingIsHiddenInTheTransparencyOfAnInput(t *testing.T) {
	t.Parallel()
	for name, img := range map[string]image.Image{
		"almost clear": halves(image.NewNRGBA(image.Rect(0, 0, 64, 64)), color.NRGBA{255, 0, 0, 8}, color.NRGBA{0, 128, 255, 8}),
		"clear":        halves(image.NewNRGBA(image.Rect(0, 0, 64, 64)), color.NRGBA{255, 0, 0, 0}, color.NRGBA{0, 128, 255, 0}),
	} {
		made := prepare(t, encoded(t, "png", img), picture.Want{})
		if info, err := picture.Inspect(made.Data); err != nil || info.Alpha || differ(t, made.Data) {
			t.Errorf("%s: alpha %t, %v; want an opaque picture that shows as little as it does on white", name, info.Alpha, err)
		}
	}
}

func TestWhateverATransparentOutputHidesIsInOneOfItsViews(t *testing.T) {
	t.Parallel()
	box := image.Rect(0, 0, 64, 64)
	palette := color.Palette{color.NRGBA{255, 0, 0, 8}, color.NRGBA{0, 128, 255, 8}}
	for name, img := range map[string]image.Image{
		"almost clear":             halves(image.NewNRGBA(box), color.NRGBA{255, 0, 0, 8}, color.NRGBA{0, 128, 255, 8}),
		"clear":                    halves(image.NewNRGBA(box), color.NRGBA{255, 0, 0, 0}, color.NRGBA{0, 128, 255, 0}),
		"almost clear, of 16 bits": halves(image.NewNRGBA64(box), color.NRGBA64{0xffff, 0, 0, 9}, color.NRGBA64{0, 0x8000, 0xffff, 9}),
		"almost clear, of few":     halves(image.NewPaletted(box, palette), palette[0], palette[1]),
		"white on clear white":     halves(image.NewNRGBA(box), color.NRGBA{255, 255, 255, 0}, color.NRGBA{255, 255, 255, 255}),
		"black on clear black":     halves(image.NewNRGBA(box), color.NRGBA{0, 0, 0, 0}, color.NRGBA{0, 0, 0, 255}),
	} {
		got := preview(t, encoded(t, "png", img))
		found := false
		for _, view := range got.Views {
			found = found || differ(t, view)
		}
		if !found || got.ContentType != "image/png" {
			t.Errorf("%s: none of %d views shows it", name, len(got.Views))
		}
	}
}

func TestAnOpaqueOutputHasOneViewItsPreview(t *testing.T) {
	t.Parallel()
	for _, as := range []string{"png", "jpeg"} {
		if got := preview(t, encoded(t, as, painted(900, 60, 255))); len(got.Views) != 1 || !bytes.Equal(got.Views[0], got.Data) {
			t.Errorf("%s: %d views, want the preview itself", as, len(got.Views))
		}
	}
}
