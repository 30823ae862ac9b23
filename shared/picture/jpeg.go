package picture

import (
	"bytes"
	"iter"
)

// Markers of JPEG segments, each after a byte 0xff.
const (
	startOfFrame0 = 0xc0 // baseline
	startOfFrame1 = 0xc1 // extended sequential
	firstApp      = 0xe0
	exifApp       = 0xe1
	lastApp       = 0xef
	comment       = 0xfe
)

// segments steps over the segments that may stand before the frame header of a JPEG: the marker of each with its content. It ends with the first that is
// something else, or does not fit into the data, whose content is nil.
func segments(data []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		for rest := data[min(2, len(data)):]; len(rest) >= 4 && rest[0] == 0xff; {
			marker, length := rest[1], int(rest[2])<<8|int(rest[3])
			if !mayPrecedeFrame(marker) || length < 2 || 2+length > len(rest) {
				yield(marker, nil)
				return
			}
			if !yield(marker, rest[4:2+length]) {
				return
			}
			rest = rest[2+length:]
		}
	}
}

// isSequential reports whether a JPEG surely is decoded in one pass over its pixels, by its frame header. Whatever it does not know counts as the expensive
// kind, so that odd bytes cannot talk their way past a limit.
func isSequential(data []byte) bool {
	for marker := range segments(data) {
		if marker == startOfFrame0 || marker == startOfFrame1 {
			return true
		}
	}
	return false
}

// mayPrecedeFrame knows tables (quantisation, Huffman, restart interval), application data and comments.
func mayPrecedeFrame(marker byte) bool {
	return marker == 0xdb || marker == 0xc4 || marker == 0xdd || marker == comment || firstApp <= marker && marker <= lastApp
}

// maxScans is how many passes over its pixels a JPEG may ask for. Encoders make about ten; one made to keep a decoder busy can have a million, at
// twenty bytes each.
const maxScans = 500

// tooManyScans counts markers that start a scan. They cannot occur inside compressed pixels, where 0xff is always followed by 0x00 or a restart marker.
func tooManyScans(data []byte) bool {
	return !isSequential(data) && bytes.Count(data, []byte{0xff, 0xda}) > maxScans
}
