package picture_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"darkroom/shared/picture"
)

const baseline, progressive = 0xc0, 0xc2

// segment is a segment of a JPEG between others.
func segment(marker byte, body ...byte) []byte {
	return append([]byte{0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
}

// The time for a JPEG is that for its pixels, times its scans.
func TestTheScansOfAJPEGAreBounded(t *testing.T) {
	t.Parallel()
	scan := segment(0xda, 1, 1, 0, 0, 0, 0)
	hidden := slices.Concat(slices.Repeat([][]byte{scan}, 70)...)
	ended := func(data []byte, more ...[]byte) []byte {
		return slices.Concat(data[:len(data)-2], slices.Concat(more...), []byte{0xff, 0xd9})
	}
	for _, c := range []struct {
		name   string
		data   []byte
		usable bool
	}{
		{"one scan for each colour", scanned(64, 64, baseline, 3), true},
		{"one more", scanned(64, 64, baseline, 4), false},
		{"200 of a large image", scanned(5120, 5120, baseline, 200)[:8<<20], false},
		{"what encoders make of a progressive one", scanned(64, 64, progressive, 10), true},
		{"the most of a progressive one", scanned(64, 64, progressive, 64), true},
		{"one more of a progressive one", scanned(64, 64, progressive, 65), false},
		{"behind fill bytes", ended(scanned(64, 64, progressive, 60), bytes.ReplaceAll(bytes.Repeat(scan, 5), []byte{0xff, 0xda}, []byte{0xff, 0xff, 0xff, 0xda})), false},
		{"in a segment among them, where the decoder may look for a restart", ended(scanned(64, 64, progressive, 1), segment(0xe1, hidden...)), false},
		{"a thumbnail in the metadata", withSegment(scanned(64, 64, baseline, 3), 0xe1, string(scanned(8, 8, progressive, 10))), true},
		{"metadata of nothing but scans", withSegment(scanned(64, 64, baseline, 3), 0xe1, string(hidden)), true},
		{"a second image behind the first", append(scanned(64, 64, baseline, 3), scanned(64, 64, baseline, 3)...), true},
	} {
		info, err := picture.InspectInput(c.data)
		if usable := err == nil; usable != c.usable || !usable && !errors.Is(err, picture.ErrUnusable) {
			t.Errorf("%s: %v; want usable: %t", c.name, err, c.usable)
		}
		if c.usable {
			if _, err := picture.MakePreview(t.Context(), c.data, info); err != nil {
				t.Errorf("%s: %v, want a preview", c.name, err)
			}
		}
	}
}

func TestTheWorkThatAJPEGMayAskForIsBounded(t *testing.T) {
	t.Parallel()
	const most = 64 * picture.MaxHeavyInputPixels // pixels, once for each scan
	for _, kind := range []byte{baseline, progressive} {
		asked := 0
		for _, side := range []uint16{64, 1024, 3072, 3584, 4096, 5120} {
			for _, scans := range []int{1, 2, 3, 4, 10, 64, 65, 200} {
				data := scanned(64, 64, kind, scans)
				data[7+64+5], data[7+64+6], data[7+64+7], data[7+64+8] = byte(side>>8), byte(side), byte(side>>8), byte(side)
				if info, err := picture.InspectInput(data); err == nil {
					asked = max(asked, info.Width*info.Height*scans)
				}
			}
		}
		if asked == 0 || asked > most {
			t.Errorf("kind %#x: %d pixels in all scans are allowed, want some and at most %d", kind, asked, most)
		}
	}
}

func TestScansThatAreNotInspectedAreNotDecoded(t *testing.T) {
	t.Parallel()
	info := inspected(t, scanned(64, 64, progressive, 10))
	if _, err := picture.MakePreview(t.Context(), scanned(64, 64, progressive, 65), info); !errors.Is(err, picture.ErrUnusable) {
		t.Errorf("%v, want ErrUnusable", err)
	}
}

func FuzzTheScansOfAnyBytesAreCountedWithoutACrash(f *testing.F) {
	f.Add(scanned(8, 8, progressive, 3))
	f.Add(withSegment(scanned(8, 8, baseline, 3), 0xe1, "\xff\xd9"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := picture.Inspect(append([]byte{0xff, 0xd8, 0xff}, data...)); err != nil && !errors.Is(err, picture.ErrUnusable) {
			t.Errorf("%v, want ErrUnusable", err)
		}
	})
}
