package simulator

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"net/http"
	"testing"
)

func TestAPictureShowsItsInputs(t *testing.T) {
	t.Parallel()
	s := newStudio(1)
	small := func(raw []byte) *image.RGBA { return smallCopy(decoded(t, raw)) }
	cyan := color.NRGBA{0, 255, 255, 255}
	pic := picture{Prompt: "edit", Seed: 3, Width: 512, Height: 512, Format: formatPNG}
	plain, err := s.make(pic)
	if err != nil {
		t.Fatal(err)
	}
	pic.Inputs = []inset{{"source", small(sheet(t, 600, 300, magenta))}, {"reference", small(sheet(t, 20, 40, cyan))}, {maskLabel, small(sheet(t, 30, 30, hole))}}
	made, err := s.make(pic)
	if err != nil {
		t.Fatal(err)
	}
	before, after := decoded(t, plain), decoded(t, made)
	for _, c := range []color.Color{magenta, cyan} {
		if pixelsOf(before, c) != 0 || pixelsOf(after, c) < 1000 {
			t.Errorf("%v: %d pixels without inputs, %d with them", c, pixelsOf(before, c), pixelsOf(after, c))
		}
	}
}

func TestAMasksHoleShinesAndItsRestIsDark(t *testing.T) {
	t.Parallel()
	accent := color.RGBA{250, 120, 10, 255}
	half := image.NewRGBA(image.Rect(0, 0, 40, 40))
	for y := range 40 {
		for x := range 20 {
			half.SetRGBA(x, y, color.RGBA{255, 255, 255, 255}) // its colour must not be seen
		}
	}
	canvas := image.NewRGBA(image.Rect(0, 0, 40, 40))
	inset{maskLabel, half}.draw(canvas, canvas.Rect, palette{accent: accent})
	if got := canvas.RGBAAt(5, 20); got != (color.RGBA{A: 255}) {
		t.Errorf("what is kept is %v, want black", got)
	}
	if got := canvas.RGBAAt(35, 20); got != accent {
		t.Errorf("what is changed is %v, want the accent %v", got, accent)
	}
}

func TestInsetsFitOnEveryPicture(t *testing.T) {
	t.Parallel()
	s := newStudio(1)
	in := inset{"reference", smallCopy(image.NewGray(image.Rect(0, 0, 3000, 1)))}
	for _, size := range []image.Point{{1, 1}, {64, 64}, {64, 1040}, {1040, 64}, {300, 300}} {
		for _, n := range []int{1, 8, 16} {
			pic := picture{Prompt: "x", Width: size.X, Height: size.Y, Format: formatPNG}
			for range n {
				pic.Inputs = append(pic.Inputs, in)
			}
			made, err := s.make(pic)
			if err != nil {
				t.Fatal(err)
			}
			if _, got := decodes(t, made); got != size {
				t.Errorf("%d inputs on %v: %v", n, size, got)
			}
		}
	}
}

func TestBFLPictureShowsItsInputs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	body := object{"prompt": "with an input", "output_format": "png", "width": 256, "height": 256, "input_image": base64.StdEncoding.EncodeToString(sheet(t, 64, 64, magenta))}
	_, link := r.sampleOf(body)
	file := r.do(http.MethodGet, link, nil)
	if n := pixelsOf(decoded(t, file.raw), magenta); n < 30*30 {
		t.Errorf("%d pixels of the picture have the colour of its input: the small copy is not there", n)
	}
	if again := r.do(http.MethodGet, link, nil); !bytes.Equal(again.raw, file.raw) {
		t.Error("fetched again, the picture is another one")
	}
}

func TestAnInputTooLargeToDecodeIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if got := r.submitBFL(object{"prompt": "x", "input_image": base64.StdEncoding.EncodeToString(bomb())}); got.status != 422 {
		t.Errorf("%d %.200s, want 422", got.status, got.raw)
	}
}
