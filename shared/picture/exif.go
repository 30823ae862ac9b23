package picture

import (
	"bytes"
	"encoding/binary"
)

// Values of the EXIF tag "orientation": where the first row and the first column of the stored pixels belong. From the fifth on, sides are swapped.
const (
	asStored      = 1
	firstSideways = 5
	lastTurn      = 8
)

const (
	orientationTag = 0x0112
	shortType      = 3  // of a value: 16 bits
	entrySize      = 12 // bytes of one entry: tag, type, count, value
)

var exifHeader = []byte("Exif\x00\x00")

// orientation reads how a JPEG is to be turned, 2 to 8; 0 when it stands upright, or does not say so in a way that everybody reads alike.
func orientation(data []byte) int {
	for s := range segments(data) {
		if startOfFrame0 <= s.marker && s.marker <= startOfScan && s.marker != huffmanTable {
			return 0
		}
		if block, is := bytes.CutPrefix(s.content, exifHeader); is && s.marker == exifApp {
			return orientationIn(block)
		}
	}
	return 0
}

// orientationIn reads the tag from the first directory of an EXIF block, which has the form of a TIFF file: a byte order, then offsets from its own
// beginning. Whatever points outside of the block is as good as absent.
func orientationIn(tiff []byte) int {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(tiff, []byte("II*\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(tiff, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return 0
	}
	if len(tiff) < 8 {
		return 0
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 0
	}
	entries := int(order.Uint16(tiff[at:]))
	for rest := tiff[at+2:]; entries > 0 && len(rest) >= entrySize; entries-- {
		if order.Uint16(rest) == orientationTag && order.Uint16(rest[2:]) == shortType {
			if turn := int(order.Uint16(rest[8:])); asStored < turn && turn <= lastTurn {
				return turn
			}
			return 0
		}
		rest = rest[entrySize:]
	}
	return 0
}
