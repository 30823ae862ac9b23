package simulator

import (
	"image"
	"image/color"
	"image/draw"

	xdraw "golang.org/x/image/draw"
)

// inset is a small copy of an input image that a picture shows, so that one sees which inputs arrived, and as what.
type inset struct {
	label string // written below it
	small *image.RGBA
}

// maskLabel marks the inset that is drawn as a mask.
const maskLabel = "mask"

// insetSide bounds a small copy, in pixels: jobs keep theirs for as long as they are remembered.
const insetSide = 128

// smallCopy scales an image down.
func smallCopy(original image.Image) *image.RGBA {
	width, height := original.Bounds().Dx(), original.Bounds().Dy()
	if longest := max(width, height); longest > insetSide {
		width, height = max(1, width*insetSide/longest), max(1, height*insetSide/longest)
	}
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	xdraw.ApproxBiLinear.Scale(small, small.Bounds(), original, original.Bounds(), draw.Src, nil)
	return small
}

// insets draws the inputs in a row above the foot line. On a picture too small for lettering they have no words.
func (f fonts) insets(c canvas, inputs []inset, p palette) {
	if len(inputs) == 0 {
		return
	}
	margin, gap := c.short*0.075, c.short*0.02
	side := min(c.short*0.17, (c.w-2*margin+gap)/float64(len(inputs))-gap)
	words := max(7, side*0.13)
	bottom := c.h - margin*1.75 - words
	if side < 4 || bottom < side {
		return
	}
	for i, in := range inputs {
		left := margin + float64(i)*(side+gap)
		frame := in.frame(image.Pt(int(left), int(bottom-side)), int(side))
		draw.Draw(c.RGBA, frame, image.NewUniform(p.ink), image.Point{}, draw.Src)
		in.draw(c.RGBA, frame.Inset(max(1, int(side*0.02))), p)
		if c.short >= 200 {
			write(c, face(f.medium, words), in.label, left, bottom+words*1.2, p.ink, 0.92)
		}
	}
}

// frame has the copy's shape, within a square, at its bottom left.
func (in inset) frame(square image.Point, side int) image.Rectangle {
	size := in.small.Rect.Size()
	longest := max(size.X, size.Y)
	width, height := max(3, side*size.X/longest), max(3, side*size.Y/longest)
	return image.Rect(square.X, square.Y+side-height, square.X+width, square.Y+side)
}

// draw fills a frame with the copy. Of a mask, what is to be changed shines in the accent colour.
func (in inset) draw(onto *image.RGBA, frame image.Rectangle, p palette) {
	ground, copied := color.RGBA{A: 255}, image.Image(in.small)
	if in.label == maskLabel {
		ground, copied = p.accent, shade{in.small}
	}
	draw.Draw(onto, frame, image.NewUniform(ground), image.Point{}, draw.Src)
	xdraw.ApproxBiLinear.Scale(onto, frame, copied, copied.Bounds(), draw.Over, nil)
}

// shade is an image as its shadow: black wherever it covers.
type shade struct{ *image.RGBA }

func (s shade) At(x, y int) color.Color { return color.RGBA{A: s.RGBAAt(x, y).A} }

// RGBA64At must be hidden too: drawing prefers it.
func (s shade) RGBA64At(x, y int) color.RGBA64 {
	return color.RGBA64{A: s.RGBA.RGBA64At(x, y).A}
}
