package simulator

import (
	"bytes"
	"image"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font"
)

func decoded(t *testing.T, raw []byte) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestPicturesHaveExactlyTheAskedSizeInEveryFormat(t *testing.T) {
	t.Parallel()
	s := newStudio(1)
	for _, f := range formats {
		for _, size := range []image.Point{{64, 64}, {64, 1040}, {1000, 333}, {17, 5}, {1, 1}} {
			made, err := s.make(picture{Provider: "bfl", Model: "flux-2-pro", Prompt: "exact", Width: size.X, Height: size.Y, Format: format(f), Quality: 80})
			if err != nil {
				t.Fatal(err)
			}
			if gotFormat, got := decodes(t, made); gotFormat != f || got != size {
				t.Errorf("%s %v came out as %s %v", f, size, gotFormat, got)
			}
		}
	}
}

func TestPicturesAreTheSameForTheSameValuesAndDifferForOthers(t *testing.T) {
	t.Parallel()
	make := func(change func(*picture)) []byte {
		pic := picture{Provider: "bfl", Model: "flux-2-pro", Prompt: "a red fox", Seed: 1, Width: 256, Height: 256, Format: formatPNG}
		change(&pic)
		made, err := newStudio(1).make(pic)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	first := make(func(*picture) {})
	for name, change := range map[string]func(*picture){
		"Seed":   func(p *picture) { p.Seed = 2 },
		"Prompt": func(p *picture) { p.Prompt = "a blue fox" },
		"Model":  func(p *picture) { p.Model = "flux-2-max" },
		"Format": func(p *picture) { p.Format = formatWebP },
	} {
		if bytes.Equal(first, make(change)) {
			t.Errorf("another %s gave the same bytes", name)
		}
	}
	if !bytes.Equal(first, make(func(*picture) {})) {
		t.Error("the same values gave other bytes")
	}
}

func TestPromptIsDrawnLargeAndDirectivesAreNot(t *testing.T) {
	t.Parallel()
	s := newStudio(1)
	base := picture{Prompt: "fox", Seed: 4, Width: 512, Height: 512}
	drawn := func(prompt string) image.Image {
		c := newCanvas(base.Width, base.Height)
		pic := base
		pic.Prompt = prompt
		s.fonts.lettering(c, pic, palette{ink: tone{1, 0, 0}.colour()})
		return c.RGBA
	}
	inked := func(img image.Image) (n int) {
		for _, v := range img.(*image.RGBA).Pix {
			if v > 128 {
				n++
			}
		}
		return n
	}
	if empty, word := inked(drawn("")), inked(drawn("fox")); word < empty+1000 {
		t.Errorf("%d bright bytes with a word, %d without: the word is hardly there", word, empty)
	}
	text, _, err := splitPrompt("fox [[sim: delay=5]]")
	if err != nil || text != "fox" {
		t.Errorf("splitPrompt = %q, %v; want fox", text, err)
	}
}

func TestWrapKeepsEveryLineWithinTheWidth(t *testing.T) {
	t.Parallel()
	f := loadFonts()
	set := face(f.bold, 20)
	for _, text := range []string{"one", "a few words that need several lines to stand on", strings.Repeat("W", 90), "", strings.Repeat("long ", 400)} {
		lines, _ := wrap(set, text, 120, 4)
		if len(lines) > 4 {
			t.Errorf("%.20q: %d lines, want at most 4", text, len(lines))
		}
		for _, line := range lines {
			if width := font.MeasureString(set, line).Ceil(); width > 120 {
				t.Errorf("%q is %d px wide, want at most 120", line, width)
			}
		}
	}
	if lines, whole := wrap(set, strings.Repeat("long ", 400), 120, 4); whole || !strings.HasSuffix(lines[3], "…") {
		t.Errorf("last line %q (whole %v), want an ellipsis", lines[3], whole)
	}
}

func TestHardTextsAreDrawn(t *testing.T) {
	t.Parallel()
	s := newStudio(1)
	for _, prompt := range []string{"", " \n\t ", strings.Repeat("x", 32_000), "狐狸 🦊 \u200d \x00 \xff", strings.Repeat("a b ", 8000)} {
		if _, err := s.make(picture{Prompt: prompt, Width: 128, Height: 64, Format: formatPNG}); err != nil {
			t.Errorf("%.10q: %v", prompt, err)
		}
	}
}

func BenchmarkSquarePNG(b *testing.B) {
	s := newStudio(1)
	for b.Loop() {
		if _, err := s.make(picture{Prompt: "a lighthouse in a storm", Width: 1024, Height: 1024, Format: formatPNG}); err != nil {
			b.Fatal(err)
		}
	}
}

// A generous bound: it fails when somebody makes drawing tens of times slower, not on a busy machine.
func TestLargePictureIsMadeInSeconds(t *testing.T) {
	t.Parallel()
	began := time.Now()
	if _, err := newStudio(1).make(picture{Prompt: "big", Width: 2048, Height: 2048, Format: formatPNG}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("2048 x 2048 took %v, want less than 20 s", took)
	}
}
