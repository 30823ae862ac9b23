package picture

import (
	"image"
	"image/color"
)

// layOn lays an image on a sheet of one grey, in place; its pixels are multiplied with their alpha.
func layOn(img *image.RGBA, grey uint8) {
	for i := 0; i < len(img.Pix); i += 4 {
		pixel := img.Pix[i : i+4 : i+4]
		through := uint8(int(0xff-pixel[3]) * int(grey) / 0xff)
		for c := range pixel[:3] {
			pixel[c] += through
		}
		pixel[3] = 0xff
	}
}

// withoutAlpha is an image as a reader sees it who ignores its transparency. It is changed in place. The types are those that decoders return for images
// that may be transparent; any other stays as it is.
func withoutAlpha(original image.Image) image.Image {
	switch img := original.(type) {
	case *image.NRGBA:
		for i := 3; i < len(img.Pix); i += 4 {
			img.Pix[i] = 0xff
		}
	case *image.NRGBA64:
		for i := 6; i < len(img.Pix); i += 8 {
			img.Pix[i], img.Pix[i+1] = 0xff, 0xff
		}
	case *image.Paletted:
		for i, c := range img.Palette {
			plain := color.NRGBAModel.Convert(c).(color.NRGBA)
			plain.A = 0xff
			img.Palette[i] = plain
		}
	case *image.NYCbCrA:
		return &img.YCbCr
	}
	return original
}
