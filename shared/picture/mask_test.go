package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"testing"

	"darkroom/shared/picture"
)

// holed is an image with a transparent left half.
func holed(width, height int) *image.NRGBA {
	img := painted(width, height, 255)
	for y := range height {
		for x := range width / 2 {
			img.SetNRGBA(x, y, color.NRGBA{R: 99})
		}
	}
	return img
}

func inspected(t *testing.T, data []byte) picture.Info {
	t.Helper()
	info, err := picture.InspectInput(data)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestAMaskFollowsItsSourceAndKeepsNothingButItsTransparency(t *testing.T) {
	t.Parallel()
	source := inspected(t, withSegment(encoded(t, "jpeg", painted(60, 80, 255)), 0xe1, exif(binary.BigEndian, 6))) // seen as 80 x 60
	mask := encoded(t, "png", holed(80, 60))
	made, err := picture.PrepareMask(t.Context(), mask, inspected(t, mask), source, picture.Prepared{Width: 40, Height: 30}, 0)
	if err != nil {
		t.Fatal(err)
	}
	img, _, err := image.Decode(bytes.NewReader(made))
	if err != nil || img.Bounds() != image.Rect(0, 0, 40, 30) {
		t.Fatalf("%v, %v; want 40 x 30", img.Bounds(), err)
	}
	for y := range 30 {
		for x := range 40 {
			want := color.NRGBA{}
			if x >= 20 {
				want.A = 255
			}
			if got := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA); got != want {
				t.Fatalf("%d, %d is %v, want %v", x, y, got, want)
			}
		}
	}
}

func TestAMaskThatDoesNotFitIsUnusable(t *testing.T) {
	t.Parallel()
	source := inspected(t, encoded(t, "png", painted(80, 60, 255)))
	good := encoded(t, "png", holed(80, 60))
	for _, c := range []struct {
		name          string
		data          []byte
		width, height int
		bytes         int
	}{
		{"another size than the source", encoded(t, "png", holed(60, 80)), 40, 30, 0},
		{"one pixel less", encoded(t, "png", holed(79, 60)), 40, 30, 0},
		{"no alpha", encoded(t, "png", painted(80, 60, 255)), 40, 30, 0},
		{"nothing transparent in it", encoded(t, "png", &opaqueNRGBA{painted(80, 60, 255)}), 40, 30, 0},
		{"JPEG", encoded(t, "jpeg", painted(80, 60, 255)), 40, 30, 0},
		{"WebP", encoded(t, "webp", holed(80, 60)), 40, 30, 0},
		{"larger than it is", good, 160, 120, 0},
		{"no size", good, 0, 0, 0},
		{"too many bytes", good, 80, 60, 20},
		{"truncated", good[:len(good)/2], 40, 30, 0},
	} {
		if _, err := picture.PrepareMask(t.Context(), c.data, inspected(t, c.data), source, picture.Prepared{Width: c.width, Height: c.height}, c.bytes); !errors.Is(err, picture.ErrUnusable) {
			t.Errorf("%s: %v, want ErrUnusable", c.name, err)
		}
	}
}

// opaqueNRGBA hides from the encoder that nothing is transparent, so that the PNG gets its alpha channel.
type opaqueNRGBA struct{ *image.NRGBA }

func (*opaqueNRGBA) Opaque() bool { return false }
