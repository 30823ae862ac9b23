package bench

import (
	"bytes"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"testing"
)

// A picture that is no picture would be refused at once, and its measurement would say nothing about decoding.
func TestTheMeasuredPicturesAreWhole(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"PNG":                              pngOf(64, 48, 8, false, 0),
		"PNG with noise":                   pngOf(64, 48, 8, false, 5000),
		"PNG, interlaced":                  pngOf(64, 48, 8, true, 5000),
		"PNG of 16 bits, interlaced":       pngOf(64, 48, 16, true, 5000),
		"JPEG":                             jpegOf(64, 48, 3, false),
		"JPEG of four colours":             jpegOf(64, 48, 4, false),
		"progressive JPEG":                 jpegOf(64, 48, 3, true),
		"progressive JPEG of four colours": jpegOf(64, 48, 4, true),
	} {
		decoded, _, err := image.Decode(bytes.NewReader(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if size := decoded.Bounds(); size.Dx() != 64 || size.Dy() != 48 {
			t.Errorf("%s: %v, want 64 x 48", name, size)
		}
	}
}

func TestNoiseMakesTheFileAsLargeAsOrdered(t *testing.T) {
	t.Parallel()
	if got := len(pngOf(256, 256, 8, false, 100_000)); got < 100_000 || got > 110_000 {
		t.Errorf("%d bytes, want about 100,000", got)
	}
}
