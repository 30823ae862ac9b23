package picture

import (
	"bytes"
	"fmt"
	"iter"
)

// Markers of JPEG segments, each after a byte 0xff.
const (
	startOfFrame0 = 0xc0 // baseline
	startOfFrame1 = 0xc1 // extended sequential
	startOfFrame2 = 0xc2 // progressive
	huffmanTable  = 0xc4
	firstRestart  = 0xd0
	lastRestart   = 0xd7
	endOfImage    = 0xd9
	startOfScan   = 0xda
	firstApp      = 0xe0
	exifApp       = 0xe1
	lastApp       = 0xef
	comment       = 0xfe
)

// segment is a part of a JPEG.
type segment struct {
	marker  byte
	at      int    // where its marker begins
	content []byte // nil when it does not fit into the data
}

// segments steps over a JPEG exactly as the decoder does, so that odd bytes cannot talk their way past a limit. Between segments that skips whatever is none:
// stray bytes, escaped ones, restart markers, and so all compressed pixels. The last one is the end of the image, if that is there.
func segments(data []byte) iter.Seq[segment] {
	return func(yield func(segment) bool) {
		for at := min(2, len(data)); at < len(data); {
			skipped := bytes.IndexByte(data[at:], 0xff)
			at += skipped
			if skipped < 0 || at+1 >= len(data) {
				return
			}
			s := segment{marker: data[at+1], at: at}
			if s.marker == 0 || s.marker == 0xff || firstRestart <= s.marker && s.marker <= lastRestart {
				at++
				continue
			}
			at += 2
			if s.marker != endOfImage && at+2 <= len(data) {
				end := at + max(2, int(data[at])<<8|int(data[at+1]))
				if end <= len(data) {
					s.content = data[at+2 : end]
				}
				at = end
			}
			if !yield(s) || s.marker == endOfImage {
				return
			}
		}
	}
}

// outline is what the segments of a JPEG say of the work in it.
type outline struct {
	sequential bool // each pixel is decoded once for each colour; false also for what is not known
	colours    int  // 0: not known
	scans      int  // at most so many
	end        int  // of the image; what follows in the bytes does not belong to it
}

// outlineOf counts as a scan whatever could be the beginning of one, from the first on: among compressed pixels the decoder passes over markers while it looks
// for a restart marker that is missing, and comes out in the middle of what was a segment. It must be given nothing behind the end.
func outlineOf(data []byte) outline {
	o, pixels := outline{end: len(data)}, len(data)
	for s := range segments(data) {
		switch {
		case s.marker == endOfImage:
			o.end = s.at + 2
		case s.marker == startOfScan:
			pixels = min(pixels, s.at)
		case startOfFrame0 <= s.marker && s.marker <= startOfFrame2 && len(s.content) > 5 && o.colours == 0:
			o.sequential, o.colours = s.marker != startOfFrame2, int(s.content[5])
		}
	}
	if pixels < o.end {
		o.scans = bytes.Count(data[pixels:o.end], []byte{0xff, startOfScan})
	}
	return o
}

// maxScans is how many passes over its pixels a progressive JPEG may ask for. Encoders make about ten. Each takes a decoder as long as all pixels do, and its
// sender ten bytes. A sequential JPEG has one for each of its colours, at most.
const maxScans = 64

// check bounds the scans. Of a file's first part it sees those that are there.
func (o outline) check() error {
	allowed := maxScans
	if o.sequential {
		allowed = o.colours
	}
	if o.scans > allowed {
		return fmt.Errorf("%w: %d scans; allowed for this kind of JPEG: %d", ErrUnusable, o.scans, allowed)
	}
	return nil
}
