package simulator

import (
	"image"
	"image/color"
	"image/draw"
)

// frameColour is no colour of any palette here.
var frameColour = color.NRGBA{R: 255, B: 255, A: 255}

// frameShare is the width of the frame: this part of the shorter side. It leaves some pixels of pure colour in a small copy, whatever JPEG does to edges.
const frameShare = 12

// Frame draws the frame by which the moderation endpoint knows a harmful image.
func Frame(onto draw.Image) {
	all := onto.Bounds()
	inner := all.Inset(max(4, min(all.Dx(), all.Dy())/frameShare))
	for _, side := range []image.Rectangle{
		{all.Min, image.Pt(all.Max.X, inner.Min.Y)}, {image.Pt(all.Min.X, inner.Max.Y), all.Max},
		{all.Min, image.Pt(inner.Min.X, all.Max.Y)}, {image.Pt(inner.Max.X, all.Min.Y), all.Max},
	} {
		draw.Draw(onto, side, image.NewUniform(frameColour), image.Point{}, draw.Src)
	}
}

// What counts as framed: this share of the samples along the middle of the frame, each channel at most so far from the colour.
const (
	frameSamples  = 50 // along each side
	framedPercent = 90
	frameOff      = 56
)

// framed tells whether an image has the frame, small and compressed as it may be.
func framed(img image.Image) bool {
	all := img.Bounds()
	path := all.Inset(min(all.Dx(), all.Dy()) / frameShare / 2)
	hits := 0
	for i := range frameSamples {
		x, y := path.Min.X+i*(path.Dx()-1)/(frameSamples-1), path.Min.Y+i*(path.Dy()-1)/(frameSamples-1)
		for _, at := range []image.Point{{x, path.Min.Y}, {x, path.Max.Y - 1}, {path.Min.X, y}, {path.Max.X - 1, y}} {
			got := color.NRGBAModel.Convert(img.At(at.X, at.Y)).(color.NRGBA)
			if got.R >= frameColour.R-frameOff && got.G <= frameColour.G+frameOff && got.B >= frameColour.B-frameOff {
				hits++
			}
		}
	}
	return hits*100 >= framedPercent*4*frameSamples
}
