package simulator

import (
	"image"
	"image/color"
	"math"
)

// A scene draws shapes over the sky. The seed picks one.
type scene func(c canvas, p palette, d *dice)

var scenes = []scene{hills, orbs, rings, ribbons}

// canvas is the picture being drawn, with lengths given as shares of its sides.
type canvas struct {
	*image.RGBA
	w, h  float64
	short float64 // the shorter side
}

func newCanvas(width, height int) canvas {
	return canvas{
		RGBA:  image.NewRGBA(image.Rect(0, 0, width, height)),
		w:     float64(width),
		h:     float64(height),
		short: float64(min(width, height)),
	}
}

// tile is the step of the grid on which the sky is computed; pixels between are interpolated, which is what keeps a
// large picture cheap. The sky is smooth, so nobody sees the grid.
const tile = 16

// lamp is a soft coloured light in the sky: centre and reach as shares of the picture.
type lamp struct {
	x, y, reach, strength float64
	colour                color.RGBA
}

// sky fills the canvas with a diagonal blend of the palette's three sky colours and a few lamps.
func sky(c canvas, p palette, d *dice) {
	lamps := []lamp{
		{d.between(0.55, 1.0), d.between(0.0, 0.5), d.between(0.35, 0.6), 0.50, p.glow},
		{d.between(0.0, 0.5), d.between(0.6, 1.1), d.between(0.4, 0.7), 0.55, p.far},
		{d.between(0.6, 1.1), d.between(0.7, 1.1), d.between(0.3, 0.5), 0.35, p.accent},
	}
	tilt := d.between(0.25, 0.55)
	at := func(x, y float64) (r, g, b float64) {
		along := (x*tilt + y) / (1 + tilt)
		from, to, share := p.sky[0], p.sky[1], along*2
		if along > 0.5 {
			from, to, share = p.sky[1], p.sky[2], along*2-1
		}
		r = float64(from.R) + (float64(to.R)-float64(from.R))*share
		g = float64(from.G) + (float64(to.G)-float64(from.G))*share
		b = float64(from.B) + (float64(to.B)-float64(from.B))*share
		for _, l := range lamps {
			dx, dy := x-l.x, y-l.y
			k := l.strength * math.Exp(-(dx*dx+dy*dy)/(l.reach*l.reach))
			r += (float64(l.colour.R) - r) * k
			g += (float64(l.colour.G) - g) * k
			b += (float64(l.colour.B) - b) * k
		}
		return r, g, b
	}

	width, height := c.Rect.Dx(), c.Rect.Dy()
	columns := width/tile + 2
	above, below := make([]float64, 3*columns), make([]float64, 3*columns)
	row := func(into []float64, y int) {
		for i := range columns {
			into[3*i], into[3*i+1], into[3*i+2] = at(float64(i*tile)/c.w, float64(y)/c.h)
		}
	}
	row(below, 0)
	for top := 0; top < height; top += tile {
		above, below = below, above
		row(below, top+tile)
		for y := top; y < min(top+tile, height); y++ {
			down := float64(y-top) / tile
			line := c.Pix[y*c.Stride : y*c.Stride+4*width]
			for i := range columns - 1 {
				var left, step [3]float64
				for k := range 3 {
					left[k] = above[3*i+k] + (below[3*i+k]-above[3*i+k])*down
					right := above[3*i+3+k] + (below[3*i+3+k]-above[3*i+3+k])*down
					step[k] = (right - left[k]) / tile
				}
				for x := i * tile; x < min((i+1)*tile, width); x++ {
					px := line[4*x : 4*x+4 : 4*x+4]
					for k := range 3 {
						px[k] = uint8(left[k] + 0.5)
						left[k] += step[k]
					}
					px[3] = 255
				}
			}
		}
	}
}

// over paints a colour onto one pixel; cover is 0 (nothing) to 1 (the colour alone).
func (c canvas) over(x, y int, colour color.RGBA, cover float64) {
	if cover <= 0 {
		return
	}
	k := uint32(min(cover, 1) * 256)
	px := c.Pix[y*c.Stride+4*x : y*c.Stride+4*x+3 : y*c.Stride+4*x+3]
	px[0] = uint8((uint32(px[0])*(256-k) + uint32(colour.R)*k) >> 8)
	px[1] = uint8((uint32(px[1])*(256-k) + uint32(colour.G)*k) >> 8)
	px[2] = uint8((uint32(px[2])*(256-k) + uint32(colour.B)*k) >> 8)
}

// disc paints a round shape in pixels. Its cover fades from the upper left (strong) to the lower right (weak), like glass.
func (c canvas) disc(cx, cy, radius float64, colour color.RGBA, strong, weak float64) {
	for y := max(0, int(cy-radius-1)); y <= min(c.Rect.Dy()-1, int(cy+radius+1)); y++ {
		dy := float64(y) + 0.5 - cy
		half := math.Sqrt(max(0, (radius+1)*(radius+1)-dy*dy))
		for x := max(0, int(cx-half-1)); x <= min(c.Rect.Dx()-1, int(cx+half+1)); x++ {
			dx := float64(x) + 0.5 - cx
			edge := min(1, radius+0.5-math.Sqrt(dx*dx+dy*dy))
			slope := 0.5 + (dx+dy)/(4*radius)
			c.over(x, y, colour, edge*(strong+(weak-strong)*slope))
		}
	}
}

// ring paints a circle line of the given thickness in pixels.
func (c canvas) ring(cx, cy, radius, thickness float64, colour color.RGBA, cover float64) {
	outer := radius + thickness/2 + 1
	inner := max(0, radius-thickness/2-1)
	paint := func(y int, dy float64, from, to float64) {
		for x := max(0, int(from)); x <= min(c.Rect.Dx()-1, int(to)); x++ {
			dx := float64(x) + 0.5 - cx
			edge := thickness/2 + 0.5 - math.Abs(math.Sqrt(dx*dx+dy*dy)-radius)
			c.over(x, y, colour, min(1, edge)*cover)
		}
	}
	for y := max(0, int(cy-outer)); y <= min(c.Rect.Dy()-1, int(cy+outer)); y++ {
		dy := float64(y) + 0.5 - cy
		far := math.Sqrt(max(0, outer*outer-dy*dy))
		if math.Abs(dy) >= inner {
			paint(y, dy, cx-far-1, cx+far+1)
			continue
		}
		near := math.Sqrt(inner*inner - dy*dy)
		paint(y, dy, cx-far-1, cx-near)
		paint(y, dy, cx+near+1, cx+far+1)
	}
}

// land fills everything below a line, with a colour that changes from the crest down.
func (c canvas) land(crest func(x float64) float64, top, bottom color.RGBA, cover float64) {
	const depths = 64
	var shade [depths + 1]color.RGBA
	for i := range shade {
		shade[i] = mix(top, bottom, float64(i)/depths)
	}
	fall := c.h * 0.4 / depths
	for x := range c.Rect.Dx() {
		line := crest(float64(x) / c.w)
		for y := max(0, int(line)); y < c.Rect.Dy(); y++ {
			under := float64(y) + 1 - line
			c.over(x, y, shade[min(depths, int(under/fall))], min(1, under)*cover)
		}
	}
}

// wave is a sum of two sines around a level, for crests and ribbons. Phases come from the dice.
func wave(level, swing, turns float64, d *dice) func(x float64) float64 {
	p1, p2 := d.between(0, 2*math.Pi), d.between(0, 2*math.Pi)
	k2 := d.between(1.7, 2.4)
	return func(x float64) float64 {
		return level + swing*(0.7*math.Sin(2*math.Pi*turns*x+p1)+0.3*math.Sin(2*math.Pi*turns*k2*x+p2))
	}
}

// hills: a sun low over four ranges.
func hills(c canvas, p palette, d *dice) {
	cx, cy := c.w*d.between(0.68, 0.82), c.h*d.between(0.56, 0.64)
	radius := c.short * d.between(0.12, 0.17)
	for i := 4; i >= 1; i-- {
		c.disc(cx, cy, radius*(1+0.45*float64(i)), p.glow, 0.10, 0.05)
	}
	c.disc(cx, cy, radius, p.glow, 0.98, 0.85)

	const ranges = 4
	for i := range ranges {
		share := float64(i) / (ranges - 1)
		crest := wave(c.h*(0.63+0.095*float64(i)), c.h*(0.045-0.004*float64(i)), d.between(0.6, 1.1)+0.25*share, d)
		top := mix(p.far, p.near, share)
		c.land(crest, top, mix(top, p.near, 0.55), 0.96)
	}
}

// orbs: glassy balls of different sizes, most of them to the lower right, away from the lettering.
func orbs(c canvas, p palette, d *dice) {
	c.disc(c.w*d.between(0.72, 0.85), c.h*d.between(0.68, 0.80), c.short*d.between(0.30, 0.38), p.glow, 0.70, 0.10)
	c.disc(c.w*d.between(0.30, 0.45), c.h*d.between(0.88, 1.00), c.short*d.between(0.20, 0.30), p.accent, 0.50, 0.04)
	c.disc(c.w*d.between(0.90, 1.05), c.h*d.between(0.30, 0.45), c.short*d.between(0.16, 0.24), p.far, 0.75, 0.15)
	c.disc(c.w*d.between(0.50, 0.62), c.h*d.between(0.74, 0.84), c.short*d.between(0.07, 0.11), p.bead, 0.80, 0.10)
	c.disc(c.w*d.between(0.84, 0.92), c.h*d.between(0.86, 0.94), c.short*d.between(0.04, 0.06), p.bead, 0.95, 0.25)
}

// rings: circle lines around a light in the lower right.
func rings(c canvas, p palette, d *dice) {
	cx, cy := c.w*d.between(0.74, 0.88), c.h*d.between(0.76, 0.90)
	core := c.short * d.between(0.09, 0.13)
	gap := c.short * d.between(0.055, 0.075)
	for i := 9; i >= 1; i-- {
		radius := core + gap*float64(i)
		c.disc(cx, cy, radius, p.glow, 0.075, 0.02)
		c.ring(cx, cy, radius, max(1, c.short*0.0022), p.ink, 0.34*(1-float64(i)/11))
	}
	c.disc(cx, cy, core, p.glow, 1, 0.75)
	turn := d.between(3.3, 4.5)
	orbit := core + gap*3
	c.disc(cx+orbit*math.Cos(turn), cy+orbit*math.Sin(turn), core*0.22, p.accent, 1, 0.9)
}

// ribbons: translucent bands flowing across the lower half.
func ribbons(c canvas, p palette, d *dice) {
	colours := []color.RGBA{p.far, p.glow, p.accent, p.glow, p.near}
	for i, colour := range colours {
		level := c.h * (0.56 + 0.085*float64(i))
		rise := c.h * d.between(0.10, 0.22)
		bend := wave(level, c.h*d.between(0.05, 0.08), d.between(0.45, 0.8), d)
		crest := func(x float64) float64 { return bend(x) + rise*(0.5-x) }
		c.land(crest, colour, mix(colour, p.near, 0.7), 0.42)
	}
}
