package picture_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"testing"

	"github.com/HugoSmits86/nativewebp"
)

// painted makes a picture with something on it, of one transparency.
func painted(width, height int, alpha uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = byte(i), byte(i>>8), byte(i>>16), alpha
	}
	return img
}

// encoded writes a picture as png, jpeg, webp or gif.
func encoded(t testing.TB, as string, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	var err error
	switch as {
	case "png":
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, img)
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

// chunk is one chunk of a PNG, with its checksum.
func chunk(name string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(append(out, name...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// pngHeader is the signature and header of a PNG with alpha, and nothing else.
func pngHeader(width, height uint32, depth, interlace byte) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	header = append(header, depth, 6, 0, 0, interlace)
	return append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", header)...)
}

// pngBomb is a whole PNG of transparent pixels, in about a thousandth of the memory that it takes. Its sides are multiples of eight.
func pngBomb(t testing.TB, width, height int, depth, interlace byte) []byte {
	t.Helper()
	rows := height
	if interlace == 1 {
		rows = height * 15 / 8 // of its seven passes together
	}
	var pixels bytes.Buffer
	packed := zlib.NewWriter(&pixels)
	if _, err := io.CopyN(packed, zeroes{}, int64(width*height*int(depth)/2+rows)); err != nil { // four channels, and one filter byte a row
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	out := append(pngHeader(uint32(width), uint32(height), depth, interlace), chunk("IDAT", pixels.Bytes())...)
	return append(out, chunk("IEND", nil)...)
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// jpegClaiming is a small JPEG whose frame header has other dimensions and another kind: 0xc0 baseline, 0xc2 progressive.
func jpegClaiming(t testing.TB, width, height uint16, kind byte) []byte {
	t.Helper()
	data := encoded(t, "jpeg", painted(16, 16, 255))
	frame, scan := bytes.Index(data, []byte{0xff, 0xc0}), bytes.Index(data, []byte{0xff, 0xda})
	data[frame+1] = kind
	binary.BigEndian.PutUint16(data[frame+5:], height)
	binary.BigEndian.PutUint16(data[frame+7:], width)
	if kind == 0xc2 {
		data[scan+12] = 0 // the first progressive scan ends at the first coefficient
	}
	return data
}

// fullColour makes a JPEG claim that its colours are as fine as its brightness, which takes twice the memory.
func fullColour(data []byte) []byte {
	frame := bytes.Index(data, []byte{0xff, 0xc0})
	if frame < 0 {
		frame = bytes.Index(data, []byte{0xff, 0xc2})
	}
	data[frame+11] = 0x11
	return data
}

// fourColours is a JPEG for print, of one grey, that is whole when it is baseline. It is put together by hand: no encoder of ours makes one.
func fourColours(t testing.TB, width, height uint16, kind byte) []byte {
	t.Helper()
	data := encoded(t, "jpeg", painted(16, 16, 255))
	frame := bytes.Index(data, []byte{0xff, 0xc0})
	out := append([]byte{}, data[:frame]...)
	out = append(out, 0xff, kind, 0, 20, 8)
	out = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(out, height), width)
	out = append(out, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0)
	tables := data[frame+19 : bytes.Index(data, []byte{0xff, 0xda})]
	out = append(out, tables...)
	out = append(out, 0xff, 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0) // the colours are as they are
	last := byte(63)
	if kind == 0xc2 {
		last = 0
	}
	out = append(out, 0xff, 0xda, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, last, 0)
	blocks := (int(width) + 7) / 8 * ((int(height) + 7) / 8) * 4
	bits := 6 // no change of brightness in two bits, the end of the block in four
	if kind == 0xc2 {
		bits = 2
	}
	return append(append(out, make([]byte, blocks*bits/8+1)...), 0xff, 0xd9)
}

// scanned is a whole JPEG of three colours, of one grey, in so many scans of one colour each. It is put together by hand: encoders make few scans.
func scanned(width, height uint16, kind byte, scans int) []byte {
	out := append([]byte{0xff, 0xd8, 0xff, 0xdb, 0, 67, 0}, bytes.Repeat([]byte{1}, 64)...)
	out = append(out, 0xff, kind, 0, 17, 8)
	out = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(out, height), width)
	out = append(out, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0)
	for _, table := range []byte{0x00, 0x10} { // brightness, detail: one bit means none
		out = append(append(out, 0xff, 0xc4, 0, 20, table, 1), make([]byte, 16)...)
	}
	last, bits := byte(63), 2 // of a block
	if kind == 0xc2 {
		last, bits = 0, 1
	}
	blocks := (int(width) + 7) / 8 * ((int(height) + 7) / 8)
	for i := range scans {
		out = append(out, 0xff, 0xda, 0, 8, 1, byte(1+i%3), 0, 0, last, 0)
		out = append(out, make([]byte, (blocks*bits+7)/8)...)
	}
	return append(out, 0xff, 0xd9)
}
