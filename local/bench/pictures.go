package bench

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"io"
	"math/rand/v2"
	"slices"
)

// The pictures of the memory measurements are put together byte by byte: what they cost their reader is chosen, and making them takes little time.

// pngOf is a PNG of red, green, blue and alpha. Of its pixels, noise bytes are random and the others nothing, so that the file has about noise bytes. The
// sides are multiples of eight.
func pngOf(width, height, depth int, interlaced bool, noise int64) []byte {
	passes := [][2]int{{width, height}}
	if interlaced {
		w, h := width/8, height/8
		passes = [][2]int{{w, h}, {w, h}, {2 * w, h}, {2 * w, 2 * h}, {4 * w, 2 * h}, {4 * w, 4 * h}, {8 * w, 4 * h}}
	}
	var pixels bytes.Buffer
	packed, _ := zlib.NewWriterLevel(&pixels, zlib.BestSpeed) // the level is known, and memory takes all
	random := rand.NewChaCha8([32]byte{})
	for _, size := range passes {
		row := make([]byte, 1+size[0]*depth/2) // after the filter's number
		for range size[1] {
			clear(row)
			some := min(noise, int64(len(row)-1))
			random.Read(row[1 : 1+some]) //nolint:errcheck // it never fails
			noise -= some
			packed.Write(row) //nolint:errcheck // as above
		}
	}
	packed.Close() //nolint:errcheck // as above
	return slices.Concat(pngHeader(width, height, depth, interlaced), pngChunk("IDAT", pixels.Bytes()), pngChunk("IEND", nil))
}

// pngHeader is all that a reader needs in order to know how large a picture claims to be.
func pngHeader(width, height, depth int, interlaced bool) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(width)), uint32(height))
	header = append(header, byte(depth), 6, 0, 0, 0)
	if interlaced {
		header[12] = 1
	}
	return append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", header)...)
}

func pngChunk(name string, data []byte) []byte {
	out := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), name...)
	out = append(out, data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// jpegOf is a grey JPEG of three colours, or of four as for print, none of them coarser than the others. Progressive, it has one scan. The sides are
// multiples of eight.
func jpegOf(width, height, colours int, progressive bool) []byte {
	frame, lastCoefficient := byte(0xc0), byte(63)
	bits := 2 // of a block: its brightness is that of the block before it; then one more to say that it has no detail
	if progressive {
		frame, lastCoefficient = 0xc2, 0
	} else {
		bits++
	}
	out := []byte{0xff, 0xd8}
	out = append(out, jpegSegment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...))...)
	if colours == 4 {
		out = append(out, jpegSegment(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00"))...) // the colours are what they are
	}
	sizes := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{8}, uint16(height)), uint16(width))
	sizes = append(sizes, byte(colours))
	scan := []byte{byte(colours)}
	for c := range byte(colours) {
		sizes = append(sizes, c+1, 0x11, 0)
		scan = append(scan, c+1, 0)
	}
	out = append(out, jpegSegment(frame, sizes)...)
	out = append(out, jpegSegment(0xc4, huffman(0x00, 2))...) // brightness: two bits mean no change
	out = append(out, jpegSegment(0xc4, huffman(0x10, 1))...) // detail: one bit means none
	out = append(out, jpegSegment(0xda, append(scan, 0, lastCoefficient, 0))...)
	blocks := width / 8 * (height / 8) * colours
	return slices.Concat(out, make([]byte, blocks*bits/8+1), []byte{0xff, 0xd9})
}

func jpegSegment(marker byte, data []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(2+len(data))), data...)
}

// huffman is a table with one code: so many zero bits for the value 0.
func huffman(table byte, bits int) []byte {
	counts := make([]byte, 16)
	counts[bits-1] = 1
	return append(append([]byte{table}, counts...), 0)
}

// movingGIF has very many frames.
func movingGIF() ([]byte, error) {
	const frames = 1000
	frame := image.NewPaletted(image.Rect(0, 0, 500, 500), color.Palette{color.White, color.Black})
	var out bytes.Buffer
	err := gif.EncodeAll(&out, &gif.GIF{Image: slices.Repeat([]*image.Paletted{frame}, frames), Delay: make([]int, frames)})
	return out.Bytes(), err
}

// gzipBomb becomes a thousand times as large when it is inflated.
func gzipBomb(inflated int64) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.CopyN(w, nothing{}, inflated); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}

// nothing reads as zeros without end.
type nothing struct{}

func (nothing) Read(p []byte) (int, error) { clear(p); return len(p), nil }
