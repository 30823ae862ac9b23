package picture_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"slices"
	"testing"

	"darkroom/shared/picture"
)

// withSegment puts a segment after the first marker of a JPEG.
func withSegment(jpeg []byte, marker byte, body string) []byte {
	header := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))
	return slices.Concat(jpeg[:2], header, []byte(body), jpeg[2:])
}

// exif is an EXIF block with one other tag and an orientation.
func exif(order binary.AppendByteOrder, turn uint16) string {
	block := []byte("Exif\x00\x00II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		block = []byte("Exif\x00\x00MM\x00*")
	}
	block = order.AppendUint32(block, 8) // the directory follows at once
	block = order.AppendUint16(block, 2)
	for _, entry := range [][2]uint16{{0x0106, 2}, {0x0112, turn}} {
		block = order.AppendUint16(block, entry[0])
		block = order.AppendUint16(block, 3) // 16 bits
		block = order.AppendUint32(block, 1)
		block = order.AppendUint16(block, entry[1])
		block = order.AppendUint16(block, 0)
	}
	return string(order.AppendUint32(block, 0))
}

// corners are four flat fields: red, green, blue and white; as a photo of 48 x 32 shows them when it is upright.
var corners = [4]color.NRGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}}

// stored is that photo as a camera stores it in each orientation: where its first row is the visual top, right side, and so on. The words are those of the
// EXIF standard, and nothing here is computed as the code does it.
func stored(turn int) image.Image {
	const red, green, blue, white = 0, 1, 2, 3
	fields := map[int][4]int{ // top left, top right, bottom left, bottom right of the stored pixels
		1: {red, green, blue, white}, // row 0 is the top, column 0 the left side
		2: {green, red, white, blue}, // top, right side
		3: {white, blue, green, red}, // bottom, right side
		4: {blue, white, red, green}, // bottom, left side
		5: {red, blue, green, white}, // left side, top
		6: {green, white, red, blue}, // right side, top
		7: {white, green, blue, red}, // right side, bottom
		8: {blue, red, white, green}, // left side, bottom
	}[turn]
	width, height := 48, 32
	if turn >= 5 {
		width, height = 32, 48
	}
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetNRGBA(x, y, corners[fields[2*(2*y/height)+2*x/width]])
		}
	}
	return img
}

func TestAPhotoIsTurnedTheWayTheCameraWasHeld(t *testing.T) {
	t.Parallel()
	for turn := 1; turn <= 8; turn++ {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			data := withSegment(encoded(t, "jpeg", stored(turn)), 0xe1, exif(order, uint16(turn)))
			got := prepare(t, data, picture.Want{MaxSide: 24})
			if got.Width != 24 || got.Height != 16 {
				t.Errorf("orientation %d, %v: %d x %d, want 24 x 16", turn, order, got.Width, got.Height)
				continue
			}
			img, _, err := image.Decode(bytes.NewReader(got.Data))
			if err != nil {
				t.Fatal(err)
			}
			for i, at := range [4]image.Point{{4, 4}, {19, 4}, {4, 11}, {19, 11}} {
				if have := color.NRGBAModel.Convert(img.At(at.X, at.Y)).(color.NRGBA); !near(have, corners[i]) {
					t.Errorf("orientation %d, %v: %v at %v, want %v", turn, order, have, at, corners[i])
				}
			}
		}
	}
}

func near(a, b color.NRGBA) bool {
	for _, pair := range [][2]uint8{{a.R, b.R}, {a.G, b.G}, {a.B, b.B}} {
		if difference := int(pair[0]) - int(pair[1]); difference < -20 || difference > 20 { // JPEG
			return false
		}
	}
	return true
}

func TestTheUprightSizeIsKnownBeforeAnythingIsDecoded(t *testing.T) {
	t.Parallel()
	plain := encoded(t, "jpeg", painted(48, 32, 255))
	for turn := uint16(1); turn <= 8; turn++ {
		info, err := picture.Inspect(withSegment(plain, 0xe1, exif(binary.BigEndian, turn)))
		if err != nil {
			t.Fatal(err)
		}
		wantW, wantH := 48, 32
		if turn >= 5 {
			wantW, wantH = 32, 48
		}
		if w, h := info.Upright(); w != wantW || h != wantH {
			t.Errorf("orientation %d: %d x %d, want %d x %d", turn, w, h, wantW, wantH)
		}
	}
}

func TestOddEXIFTurnsNothing(t *testing.T) {
	t.Parallel()
	plain := encoded(t, "jpeg", painted(48, 32, 255))
	good := exif(binary.LittleEndian, 6)
	with := func(at int, bytes string) string { return good[:at] + bytes + good[at+len(bytes):] }
	for name, block := range map[string]string{
		"no byte order":             with(6, "XX*\x00"),
		"not TIFF":                  with(6, "II+\x00"),
		"directory outside":         with(10, "\xff\xff\xff\xff"),
		"directory at the very end": with(10, "\x26\x00\x00\x00"),
		"directory cut off":         good[:24],
		"header only":               good[:6],
		"byte order only":           good[:10],
		"65,535 entries":            with(14, "\xff\xff")[:28],
		"orientation 0":             exif(binary.LittleEndian, 0),
		"orientation 9":             exif(binary.LittleEndian, 9),
		"orientation of 32 bits":    with(30, "\x04\x00"),
		"another application":       "Exif/\x00" + good[6:],
	} {
		info, err := picture.Inspect(withSegment(plain, 0xe1, block))
		if err != nil || info.Orientation != 0 {
			t.Errorf("%s: orientation %d, %v; want none", name, info.Orientation, err)
		}
	}
	if info, err := picture.Inspect(withSegment(plain, 0xe1, good)); err != nil || info.Orientation != 6 {
		t.Errorf("good EXIF: orientation %d, %v; want 6", info.Orientation, err)
	}
	if info, err := picture.Inspect(withSegment(withSegment(plain, 0xe1, good), 0xe1, "http://ns.adobe.com/xap/1.0/\x00<x/>")); err != nil || info.Orientation != 6 {
		t.Errorf("EXIF behind XMP: orientation %d, %v; want 6", info.Orientation, err)
	}
}

func FuzzAnyEXIFIsReadWithoutACrash(f *testing.F) {
	f.Add([]byte(exif(binary.LittleEndian, 6)))
	f.Add([]byte(exif(binary.BigEndian, 8))[:20])
	plain := encoded(f, "jpeg", painted(8, 8, 255))
	f.Fuzz(func(t *testing.T, block []byte) {
		if len(block) > 65_000 {
			return
		}
		info, err := picture.Inspect(withSegment(plain, 0xe1, string(block)))
		if err != nil || info.Orientation < 0 || info.Orientation > 8 || info.Orientation == 1 {
			t.Errorf("orientation %d, %v", info.Orientation, err)
		}
	})
}
