package simulator

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"

	"github.com/HugoSmits86/nativewebp"
)

// format is an image file format, in the word that providers use for it.
type format string

// The formats that the simulator can make.
const (
	formatPNG  format = "png"
	formatJPEG format = "jpeg"
	formatWebP format = "webp"
)

var formats = []string{string(formatPNG), string(formatJPEG), string(formatWebP)}

func (f format) contentType() string { return "image/" + string(f) }

// picture says what to draw. Equal values give equal bytes.
type picture struct {
	Provider string `json:"provider"` // shown in the label
	Model    string `json:"model"`    // shown in the label
	Prompt   string `json:"-"`        // shown large, without fault directives
	Seed     int64  `json:"seed"`     // with the prompt it picks colours and shapes
	Width    int    `json:"width"`    // pixels
	Height   int    `json:"height"`   // pixels
	Format   format `json:"format"`

	Inputs      []inset `json:"-"` // small copies of what was sent along
	Quality     int     `json:"-"` // JPEG only, 1 to 100
	Transparent bool    `json:"-"` // rounded corners on nothing instead of a full sheet; not for JPEG
	Framed      bool    `json:"-"` // in the frame that the moderation endpoint flags
}

// studio makes pictures, a bounded number at a time: drawing is the only work here that can keep a processor busy.
type studio struct {
	fonts fonts
	slots chan struct{}
}

func newStudio(slots int) *studio {
	return &studio{fonts: loadFonts(), slots: make(chan struct{}, slots)}
}

// make draws and encodes one picture.
func (s *studio) make(pic picture) ([]byte, error) {
	s.slots <- struct{}{}
	defer func() { <-s.slots }()

	var out bytes.Buffer
	if err := encode(&out, s.draw(pic), pic); err != nil {
		return nil, fmt.Errorf("encode a %d x %d %s: %w", pic.Width, pic.Height, pic.Format, err)
	}
	return out.Bytes(), nil
}

func (s *studio) draw(pic picture) image.Image {
	made := s.scene(pic)
	if pic.Framed {
		Frame(made)
	}
	return made
}

func (s *studio) scene(pic picture) draw.Image {
	d := newDice(pic)
	p := newPalette(d)
	c := newCanvas(pic.Width, pic.Height)
	sky(c, p, d)
	scenes[d.below(len(scenes))](c, p, d)
	s.fonts.lettering(c, pic, p)
	s.fonts.insets(c, pic.Inputs, p)
	if pic.Transparent {
		return cutOut(c)
	}
	return c.RGBA
}

// cutOut rounds the corners and leaves a small margin, both transparent, as on a sticker.
func cutOut(c canvas) *image.NRGBA {
	out := &image.NRGBA{Pix: c.Pix, Stride: c.Stride, Rect: c.Rect}
	inset, radius := c.short*0.025, c.short*0.09
	for y := range c.Rect.Dy() {
		for x := range c.Rect.Dx() {
			// Distance from the outline of a rounded rectangle, negative inside.
			dx := math.Abs(float64(x)+0.5-c.w/2) - (c.w/2 - inset - radius)
			dy := math.Abs(float64(y)+0.5-c.h/2) - (c.h/2 - inset - radius)
			outside := math.Hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - radius
			out.Pix[y*out.Stride+4*x+3] = uint8(255 * min(1, max(0, 0.5-outside)))
		}
	}
	return out
}

func encode(out *bytes.Buffer, img image.Image, pic picture) error {
	switch pic.Format {
	case formatPNG:
		return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(out, img)
	case formatJPEG:
		return jpeg.Encode(out, img, &jpeg.Options{Quality: pic.Quality})
	case formatWebP:
		return nativewebp.Encode(out, img, nil)
	}
	return fmt.Errorf("unknown format %q (have %v)", pic.Format, formats)
}

// randomSeed is what a model takes when the call has none.
func randomSeed() int64 { return int64(rand.Uint32()) }

// dice gives the choices behind one picture: random to the eye, the same every time.
type dice struct{ r *rand.Rand }

func newDice(pic picture) *dice {
	h := sha256.New()
	h.Write([]byte(pic.Prompt))
	binary.Write(h, binary.BigEndian, pic.Seed) //nolint:errcheck // a hash never fails
	var seed [32]byte
	h.Sum(seed[:0])
	return &dice{rand.New(rand.NewChaCha8(seed))}
}

func (d *dice) between(low, high float64) float64 { return low + (high-low)*d.r.Float64() }
func (d *dice) chance(share float64) bool         { return d.r.Float64() < share }
func (d *dice) below(n int) int                   { return d.r.IntN(n) }
