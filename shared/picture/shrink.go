package picture

import (
	"image"
	"image/draw"
)

// shrink scales an image down to width x height, neither larger than its own, by averaging: each pixel becomes the mean of the area it stands for, which
// keeps thin lines and small print. It goes through the original row by row, so that its working memory is two rows, whatever the original is. (The kernels of x/image/draw keep
// 32 bytes for every row of the original and column of the result: 300 MB for the largest input.)
func shrink(original image.Image, width, height int) *image.RGBA {
	from := original.Bounds()
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	row := image.NewRGBA(image.Rect(0, 0, from.Dx(), 1))
	columns := spans(from.Dx(), width)
	sums := make([]float32, 4*width) // of the row being made: red, green, blue, alpha, all premultiplied
	for y, span := range spans(from.Dy(), height) {
		clear(sums)
		for at := span.first; at <= span.last; at++ {
			draw.Draw(row, row.Rect, original, image.Pt(from.Min.X, from.Min.Y+at), draw.Src)
			addRow(sums, row.Pix, columns, span.weight(at))
		}
		for i, sum := range sums {
			small.Pix[y*small.Stride+i] = uint8(min(255, sum+0.5)) // many small errors may add up to more
		}
	}
	return small
}

// addRow adds a share of one row of the original to the row being made.
func addRow(sums []float32, pix []uint8, columns []span, share float32) {
	for x, span := range columns {
		var r, g, b, a float32
		for at := span.first; at <= span.last; at++ {
			weight := span.weight(at)
			pixel := pix[4*at : 4*at+4 : 4*at+4]
			r += weight * float32(pixel[0])
			g += weight * float32(pixel[1])
			b += weight * float32(pixel[2])
			a += weight * float32(pixel[3])
		}
		sum := sums[4*x : 4*x+4 : 4*x+4]
		sum[0] += share * r
		sum[1] += share * g
		sum[2] += share * b
		sum[3] += share * a
	}
}

// span is what one pixel of the result covers along one side of the original, and how much of the first and the last pixel there. Its weights add up to 1.
type span struct {
	first, last        int
	begin, middle, end float32
}

func (s span) weight(at int) float32 {
	switch at {
	case s.first:
		return s.begin
	case s.last:
		return s.end
	}
	return s.middle
}

// spans divides a side of the original into as many parts as the result has pixels.
func spans(original, result int) []span {
	all := make([]span, result)
	for i := range all {
		// In units of a pixel of the original divided by result, everything is a whole number.
		low, high := i*original, (i+1)*original
		s := span{first: low / result, last: (high - 1) / result, middle: float32(result) / float32(original)}
		s.begin, s.end = s.middle, s.middle
		if s.first == s.last {
			s.begin, s.end = 1, 1
		} else {
			s.begin *= float32((s.first+1)*result-low) / float32(result)
			s.end *= float32(high-s.last*result) / float32(result)
		}
		all[i] = s
	}
	return all
}
