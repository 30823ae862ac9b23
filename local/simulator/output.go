package simulator

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
)

// output is the bytes that go out as an image, good or spoilt on order.
type output struct {
	contentType string
	encoding    string // of a delivered body; empty: none
	bytes       []byte
	padding     int64 // zeros that follow, for oversize
}

// writeTo writes the bytes and the padding.
func (o output) writeTo(w io.Writer) error {
	if _, err := w.Write(o.bytes); err != nil {
		return err
	}
	zeros := make([]byte, 64<<10)
	for left := o.padding; left > 0; {
		n, err := w.Write(zeros[:min(left, int64(len(zeros)))])
		if err != nil {
			return err
		}
		left -= int64(n)
	}
	return nil
}

const htmlPage = "<!doctype html><title>Not an image</title><p>This page was sent in place of an image.</p>\n"

// output makes a picture for a call and applies the faults that spoil it.
func (s *Simulator) output(v *visit, pic picture) (output, error) {
	v.note(func(c *Call) { c.Pictured = true })
	out := output{contentType: pic.Format.contentType()}
	if ordered, is := v.plan.get("deliver"); is {
		v.suffered("deliver")
		return s.bodies.get(ordered.word)
	}
	if v.plan.has("screen_output") {
		v.suffered("screen_output")
		pic.Framed = true
	}
	switch {
	case v.struck("wrong_type"):
		out.bytes = []byte(htmlPage)
		return out, nil
	case v.struck("bomb"):
		out.bytes = bomb()
		return out, nil
	case v.struck("lie_type"):
		if pic.Format == formatPNG {
			pic.Format, pic.Quality, pic.Transparent = formatJPEG, 90, false
		} else {
			pic.Format = formatPNG
		}
	}
	made, err := s.studio.make(pic)
	if err != nil {
		return output{}, fmt.Errorf("simulator: %w", err)
	}
	out.bytes = made
	if v.struck("truncate") {
		out.bytes = made[:len(made)/2]
	}
	if big, ok := v.plan.get("oversize"); ok {
		v.suffered("oversize")
		out.padding = max(0, int64(big.number)<<20-int64(len(out.bytes)))
	}
	return out, nil
}

// bomb is a valid PNG header for a picture that nobody has the memory to decode, with an empty body.
func bomb() []byte {
	var out bytes.Buffer
	out.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		binary.Write(&out, binary.BigEndian, uint32(len(data))) //nolint:errcheck // a buffer never fails
		named := append([]byte(kind), data...)
		out.Write(named)
		binary.Write(&out, binary.BigEndian, crc32.ChecksumIEEE(named)) //nolint:errcheck // a buffer never fails
	}
	const side = 50_000
	header := binary.BigEndian.AppendUint32(nil, side)
	header = binary.BigEndian.AppendUint32(header, side)
	chunk("IHDR", append(header, 8, 6, 0, 0, 0)) // 8 bits, colour with alpha
	chunk("IDAT", nil)
	chunk("IEND", nil)
	return out.Bytes()
}
