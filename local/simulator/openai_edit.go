package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
)

// What POST /openai/v1/images/edits takes beside the fields of images/generations, in its JSON form. Its other form, multipart,
// is not played.
const (
	openaiInputsMax = 16
	openaiURLMax    = 20_971_520 // characters of an image_url
	openaiMaskMax   = 4 << 20    // bytes
)

// openaiImage names one image: exactly one of the two is set.
type openaiImage struct {
	ImageURL *string `json:"image_url"`
	FileID   *string `json:"file_id"`
}

// openaiSentImages are the images of an edit, as sent.
type openaiSentImages struct {
	Images []openaiImage
	Mask   *openaiImage // nil: none
}

// openaiInputs are the images of an edit, read.
type openaiInputs struct {
	insets []inset
	tokens int
}

// takeImages takes images and mask out of a body, so that what is left has plain fields only.
func takeImages(body map[string]json.RawMessage) (sent openaiSentImages, err error) {
	for name, into := range map[string]any{"images": &sent.Images, "mask": &sent.Mask} {
		if raw, given := body[name]; given && json.Unmarshal(raw, into) != nil {
			return openaiSentImages{}, errors.New("the body is not a JSON object with a list of images")
		}
		delete(body, name)
	}
	return sent, nil
}

// open reads the images of an edit and checks them against what the API documents.
func (o *openai) open(r *http.Request, sent openaiSentImages) (openaiInputs, *openaiFailure) {
	wrong := func(param, code, message string) (openaiInputs, *openaiFailure) {
		failure := openaiError(fmt.Sprintf("Invalid '%s': %s.", param, message), "invalid_request_error", param, code)
		return openaiInputs{}, &failure
	}
	switch n := len(sent.Images); {
	case n == 0:
		return wrong("images", "missing_required_parameter", "at least one image is needed")
	case n > openaiInputsMax:
		return wrong("images", "array_above_max_length", fmt.Sprintf("expected an array with at most %d items, got %d", openaiInputsMax, n))
	}
	var read openaiInputs
	var first input
	for i, ref := range sent.Images {
		param := fmt.Sprintf("images[%d]", i)
		in, err := o.openReference(r, ref, fmt.Sprintf("input %d", i+1))
		if err != nil {
			return wrong(param, "invalid_value", err.Error())
		}
		if i == 0 {
			first = in
		}
		read.insets = append(read.insets, in.inset)
		read.tokens += openaiInputTokens(in)
	}
	if sent.Mask == nil {
		return read, nil
	}
	switch mask, err := o.openReference(r, *sent.Mask, maskLabel); {
	case err != nil:
		return wrong("mask", "invalid_value", err.Error())
	case mask.format != string(formatPNG) || !mask.alpha():
		return wrong("mask", "invalid_value", "a mask should be a PNG with an alpha channel")
	case mask.bytes >= openaiMaskMax:
		return wrong("mask", "invalid_value", "a mask should be under 4 MB")
	case mask.Width != first.Width || mask.Height != first.Height:
		return wrong("mask", "invalid_value", fmt.Sprintf("a mask should have the size of the first image, %d x %d", first.Width, first.Height))
	default:
		read.insets = append(read.insets, mask.inset)
	}
	return read, nil
}

// openReference reads one image, by address or from a data URL, whose media type must be true.
func (o *openai) openReference(r *http.Request, ref openaiImage, label string) (input, error) {
	switch {
	case (ref.ImageURL == nil) == (ref.FileID == nil):
		return input{}, errors.New("should have exactly one of image_url and file_id")
	case ref.FileID != nil:
		return input{}, errors.New("no such file")
	case len(*ref.ImageURL) > openaiURLMax:
		return input{}, fmt.Errorf("should have at most %d characters", openaiURLMax)
	}
	value := *ref.ImageURL
	media, data, isData := strings.Cut(strings.TrimPrefix(value, "data:"), ";base64,")
	isData = isData && strings.HasPrefix(value, "data:")
	if isData {
		value = data
	} else if !strings.HasPrefix(value, "http") {
		return input{}, errors.New("should be an http(s) URL or a data URL")
	}
	in, err := o.openInput(r.Context(), value, label)
	if err == nil && isData && media != format(in.format).contentType() {
		return input{}, fmt.Errorf("is said to be %q and is %s", media, in.format)
	}
	return in, err
}

// openaiInputTokens is what an input image is billed by. The figures are the simulator's own: the vendor publishes none.
func openaiInputTokens(in input) int {
	const pixelsEach, most = 32 * 32, 1536
	return min(most, int(math.Ceil(float64(in.Width*in.Height)/pixelsEach)))
}
