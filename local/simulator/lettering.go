package simulator

import (
	"fmt"
	"image"
	"image/color"
	"strings"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// fonts are the three weights every picture uses.
type fonts struct{ bold, medium, regular *opentype.Font }

func loadFonts() fonts {
	return fonts{
		bold:    mustParse(gobold.TTF),
		medium:  mustParse(gomedium.TTF),
		regular: mustParse(goregular.TTF),
	}
}

// mustParse panics on a broken font file: the files are compiled in, so that would be a broken build.
func mustParse(ttf []byte) *opentype.Font {
	parsed, err := opentype.Parse(ttf)
	if err != nil {
		panic(fmt.Sprintf("simulator: a font compiled into the program cannot be read: %v", err))
	}
	return parsed
}

// face makes a font of a size in pixels. Faces must not be shared between goroutines, so each picture makes its own.
func face(f *opentype.Font, pixels float64) font.Face {
	made, err := opentype.NewFace(f, &opentype.FaceOptions{Size: pixels, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		panic(fmt.Sprintf("simulator: font size %v px cannot be made: %v", pixels, err))
	}
	return made
}

// lettering writes the label, the prompt and the foot line of a picture.
func (f fonts) lettering(c canvas, pic picture, p palette) {
	margin := c.short * 0.075
	label := max(7, c.short*0.028)
	top := margin + label

	// Below this size the small lines would be noise; the prompt alone stays.
	small := c.short < 200
	if !small {
		write(c, face(f.medium, label), pic.Provider+"   "+pic.Model, margin+label*1.15, top, p.ink, 0.92)
		c.disc(margin+label*0.32, top-label*0.34, label*0.32, p.accent, 1, 1)
		foot := fmt.Sprintf("%d × %d   %s   seed %d", pic.Width, pic.Height, strings.ToUpper(string(pic.Format)), pic.Seed)
		write(c, face(f.regular, label*0.86), foot, margin, c.h-margin, p.ink, 0.72)
		top += label * 1.6
	} else {
		top = margin
	}

	bottom := c.h * 0.66
	if small {
		bottom = c.h - margin
	}
	f.headline(c, pic.Prompt, image.Rect(int(margin), int(top), int(c.w-margin), int(bottom)), p.ink)
}

// headline sets text as large as the box allows, from the top of the box down.
func (f fonts) headline(c canvas, text string, box image.Rectangle, ink color.RGBA) {
	text = printable(text)
	largest := c.short * 0.105
	smallest := max(6, c.short*0.03)
	for size := largest; ; size *= 0.92 {
		size = max(size, smallest)
		set := face(f.bold, size)
		leading := size * 1.16
		lines, whole := wrap(set, text, box.Dx(), max(1, int(float64(box.Dy())/leading)))
		if !whole && size > smallest {
			continue
		}
		y := float64(box.Min.Y) + size
		for _, line := range lines {
			write(c, set, line, float64(box.Min.X), y, ink, 1)
			y += leading
		}
		return
	}
}

// wrap breaks text into at most limit lines no wider than width pixels, and says whether all of it fitted without
// breaking a word. A text that does not fit ends in an ellipsis.
func wrap(set font.Face, text string, width, limit int) (lines []string, whole bool) {
	whole = true
	room := fixed.I(width)
	words := strings.Fields(text)
	line := ""
	for len(words) > 0 {
		candidate := strings.TrimPrefix(line+" "+words[0], " ")
		if font.MeasureString(set, candidate) <= room {
			line, words = candidate, words[1:]
			continue
		}
		if line == "" { // one word wider than the box: break it
			whole = false
			cut := fitting(set, words[0], room)
			line, words[0] = words[0][:cut], words[0][cut:]
		}
		if len(lines) == limit-1 {
			return append(lines, shortened(set, line, room)), false
		}
		lines, line = append(lines, line), ""
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines, whole
}

// fitting returns how many bytes of a word fit, at least one character.
func fitting(set font.Face, word string, room fixed.Int26_6) int {
	fit := 0
	for i, r := range word {
		end := i + len(string(r))
		if fit > 0 && font.MeasureString(set, word[:end]) > room {
			break
		}
		fit = end
	}
	return fit
}

// shortened drops characters from the end until an ellipsis fits.
func shortened(set font.Face, line string, room fixed.Int26_6) string {
	runes := []rune(line)
	for len(runes) > 0 && font.MeasureString(set, string(runes)+"…") > room {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ,.") + "…"
}

// printable keeps what the fonts can draw one after another: no control characters, joiners or variation selectors, and
// no more than fits on any picture.
func printable(text string) string {
	const most = 1200
	kept := make([]rune, 0, min(len(text), most))
	for _, r := range text {
		switch {
		case len(kept) == most:
			return string(kept)
		case unicode.IsSpace(r):
			kept = append(kept, ' ')
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector):
		default:
			kept = append(kept, r)
		}
	}
	return string(kept)
}

// write draws one line of text with its baseline at y.
func write(c canvas, set font.Face, text string, x, y float64, ink color.RGBA, cover float64) {
	ink.R, ink.G, ink.B = share(ink.R, cover), share(ink.G, cover), share(ink.B, cover) // colours are premultiplied
	ink.A = share(255, cover)
	pen := font.Drawer{
		Dst:  c.RGBA,
		Src:  image.NewUniform(ink),
		Face: set,
		Dot:  fixed.Point26_6{X: fixed.Int26_6(x * 64), Y: fixed.Int26_6(y * 64)},
	}
	pen.DrawString(text)
}

func share(v uint8, of float64) uint8 { return uint8(float64(v)*of + 0.5) }
