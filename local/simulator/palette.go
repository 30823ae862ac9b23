package simulator

import (
	"image/color"
	"math"
)

// tone is a colour as people describe one: how light (0 to 1), how strong (0 to about 0.3), which hue (degrees).
// Tones of equal lightness look equally light whatever their hue (the OKLCH space), so that any hue the seed picks gives
// a picture on which the same ink can be read.
type tone struct{ light, chroma, hue float64 }

// colour converts to sRGB and clips what a screen cannot show.
func (t tone) colour() color.RGBA {
	sin, cos := math.Sincos(t.hue * math.Pi / 180)
	a, b := t.chroma*cos, t.chroma*sin

	// OKLab to linear sRGB, with the matrices of the colour space's definition.
	l := cube(t.light + 0.3963377774*a + 0.2158037573*b)
	m := cube(t.light - 0.1055613458*a - 0.0638541728*b)
	s := cube(t.light - 0.0894841775*a - 1.2914855480*b)
	return color.RGBA{
		R: screen(+4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		G: screen(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		B: screen(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
		A: 255,
	}
}

func cube(v float64) float64 { return v * v * v }

// screen applies the sRGB curve to a linear value.
func screen(v float64) uint8 {
	switch {
	case v <= 0:
		return 0
	case v >= 1:
		return 255
	case v <= 0.0031308:
		return uint8(255*12.92*v + 0.5)
	}
	return uint8(255*(1.055*math.Pow(v, 1/2.4)-0.055) + 0.5)
}

// palette is the set of colours of one picture.
type palette struct {
	sky    [3]color.RGBA // background, from the top left to the bottom right
	glow   color.RGBA    // light source: sun, orb
	near   color.RGBA    // shapes in front
	far    color.RGBA    // shapes far away
	bead   color.RGBA    // small bright shapes
	ink    color.RGBA    // lettering
	accent color.RGBA    // one small mark beside the label
}

// newPalette picks related hues from the dice: night pictures with light ink, or day pictures with dark ink.
func newPalette(d *dice) palette {
	night := d.chance(0.62)
	hue, turn := d.between(0, 360), d.between(35, 75)
	if d.chance(0.5) {
		turn = -turn
	}
	if night { // dark yellows and olives look dirty: nights keep between teal, blue, violet and red, and turn towards violet
		hue = d.between(170, 385)
		turn = math.Copysign(turn, 290-hue)
	}
	opposite := hue + 180 + d.between(-35, 35)
	if night {
		return palette{
			sky: [3]color.RGBA{
				tone{0.27, 0.090, hue}.colour(),
				tone{0.39, 0.125, hue + turn/2}.colour(),
				tone{0.55, 0.140, hue + turn}.colour(),
			},
			glow:   tone{0.83, 0.120, hue + turn*1.5}.colour(),
			far:    tone{0.46, 0.120, hue + turn}.colour(),
			bead:   tone{0.93, 0.050, hue + turn*1.5}.colour(),
			near:   tone{0.20, 0.060, hue}.colour(),
			ink:    tone{0.985, 0.008, hue}.colour(),
			accent: tone{0.82, 0.150, opposite}.colour(),
		}
	}
	return palette{
		sky: [3]color.RGBA{
			tone{0.965, 0.018, hue}.colour(),
			tone{0.915, 0.050, hue + turn/2}.colour(),
			tone{0.850, 0.085, hue + turn}.colour(),
		},
		glow:   tone{0.88, 0.115, hue + turn*1.5}.colour(),
		far:    tone{0.83, 0.085, hue + turn}.colour(),
		bead:   tone{0.995, 0.004, hue}.colour(),
		near:   tone{0.66, 0.120, hue + turn/3}.colour(),
		ink:    tone{0.24, 0.050, hue}.colour(),
		accent: tone{0.60, 0.190, opposite}.colour(),
	}
}

// mix goes from a (share 0) to b (share 1).
func mix(a, b color.RGBA, share float64) color.RGBA {
	return color.RGBA{
		R: blend(a.R, b.R, share),
		G: blend(a.G, b.G, share),
		B: blend(a.B, b.B, share),
		A: 255,
	}
}

func blend(a, b uint8, share float64) uint8 {
	return uint8(float64(a) + (float64(b)-float64(a))*share + 0.5)
}
