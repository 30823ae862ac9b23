package simulator

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// sheet is a PNG of one colour.
func sheet(t *testing.T, width, height int, c color.Color) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// dataURL is how an image goes into an edit.
func dataURL(raw []byte) object {
	return object{"image_url": "data:image/png;base64," + base64.StdEncoding.EncodeToString(raw)}
}

func (r rig) edit(body any) answered {
	r.Helper()
	return r.do(http.MethodPost, "/openai/v1/images/edits", body, withOpenAIKey)
}

var (
	magenta = color.NRGBA{255, 0, 255, 255}
	hole    = color.NRGBA{}
)

func TestOpenAIEditAnswersWithAnImageAndBillsTheInputs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	source := sheet(t, 320, 320, magenta)
	got := r.edit(object{"model": "gpt-image-2", "prompt": "make it blue", "size": "1024x640", "images": []object{dataURL(source), dataURL(source)}, "mask": dataURL(sheet(t, 320, 320, hole))})
	img := decoded(t, imageIn(t, got, 0))
	if img.Bounds().Size() != image.Pt(1024, 640) {
		t.Errorf("the image has %v, want 1024 x 640", img.Bounds())
	}
	usage := got.object["usage"].(map[string]any)
	details := usage["input_tokens_details"].(map[string]any)
	if details["image_tokens"] != 200.0 || usage["input_tokens"] != details["text_tokens"].(float64)+200 || usage["total_tokens"] != usage["input_tokens"].(float64)+usage["output_tokens"].(float64) {
		t.Errorf("usage = %v, want 200 image tokens of two inputs, and sums that add up", usage)
	}
	if seen := r.counts("make it blue"); seen.Counts[Submit] != 1 || seen.Accepted != 1 {
		t.Errorf("seen = %+v, want one accepted submit", seen)
	}
	if n := pixelsOf(img, magenta); n < 2*80*80 {
		t.Errorf("%d pixels of the picture have the colour of the two inputs: their small copies are not there", n)
	}
}

func TestOpenAIEditTakesAnInputByItsAddress(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, link := r.sampleOf(object{"prompt": "served", "width": 64, "height": 64})
	if got := r.edit(object{"model": "gpt-image-2", "prompt": "again", "size": "1024x640", "images": []object{{"image_url": link}}}); got.status != 200 {
		t.Errorf("%d %.300s, want 200", got.status, got.raw)
	}
}

func TestOpenAIEditRefusesWhatIsNotDocumented(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	good := dataURL(sheet(t, 64, 64, magenta))
	with := func(images any, mask any) object {
		body := object{"model": "gpt-image-2", "prompt": "x", "images": images}
		if mask != nil {
			body["mask"] = mask
		}
		return body
	}
	for name, c := range map[string]struct {
		body  any
		param any
	}{
		"NotJSON":         {"{", nil},
		"ImagesNotAList":  {with("x", nil), nil},
		"NoImages":        {object{"model": "gpt-image-2", "prompt": "x"}, "images"},
		"NoImageInTheSet": {with([]object{}, nil), "images"},
		"Seventeen":       {with(slices.Repeat([]object{good}, 17), nil), "images"},
		"NeitherURLNorID": {with([]object{good, {}}, nil), "images[1]"},
		"UnknownFile":     {with([]object{{"file_id": "file-1"}}, nil), "images[0]"},
		"RawBase64":       {with([]object{{"image_url": base64.StdEncoding.EncodeToString([]byte("x"))}}, nil), "images[0]"},
		"NotAnImage":      {with([]object{dataURL([]byte("hello"))}, nil), "images[0]"},
		"TypeIsALie":      {with([]object{{"image_url": strings.Replace(good["image_url"].(string), "image/png", "image/webp", 1)}}, nil), "images[0]"},
		"Elsewhere":       {with([]object{{"image_url": "https://192.0.2.1/x.png"}}, nil), "images[0]"},
		"MaskOfOtherSize": {with([]object{good}, dataURL(sheet(t, 64, 48, hole))), "mask"},
		"MaskNoAlpha":     {with([]object{good}, dataURL(sheet(t, 64, 64, magenta))), "mask"},
		"UnknownField":    {object{"model": "gpt-image-2", "prompt": "x", "images": []object{good}, "strength": 1}, "strength"},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.edit(c.body)
			failure, _ := got.object["error"].(map[string]any)
			if got.status != 400 || failure["param"] != c.param || failure["type"] != "invalid_request_error" {
				t.Errorf("%d %.300s, want 400 with param %v", got.status, got.raw, c.param)
			}
		})
	}
	if got := r.generate(object{"prompt": "x", "images": []object{good}}); got.status != 400 {
		t.Errorf("images at generations: %d, want 400", got.status)
	}
	if seen := r.counts(""); seen.Accepted != 0 {
		t.Errorf("%d calls accepted, want none of the refused", seen.Accepted)
	}
}

// pixelsOf counts the pixels of one colour.
func pixelsOf(img image.Image, c color.Color) (n int) {
	r, g, b, _ := c.RGBA()
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if pr, pg, pb, _ := img.At(x, y).RGBA(); pr == r && pg == g && pb == b {
				n++
			}
		}
	}
	return n
}
