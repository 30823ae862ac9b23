package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// falInput is the body of a submit, read.
type falInput struct {
	prompt   string
	picture  picture
	inputMP  float64
	problems []problem
	kept     map[string]any // for the list of requests
}

// readInput reads a body. The error says that it is no JSON object; everything else is for the model to complain about.
func (f *fal) readInput(r *http.Request, endpoint falEndpoint) (falInput, error) {
	body, err := readObject(r)
	if err != nil {
		return falInput{}, err
	}
	in := falInput{kept: falKept(body)}
	size, images := body["image_size"], body["image_urls"]
	delete(body, "image_size")
	if endpoint.images > 0 {
		delete(body, "image_urls")
	}
	sent, problems := checkFields(body, falFields)
	in.prompt, in.problems = sent.text("prompt", ""), problems
	in.picture = picture{
		Width: 1024, Height: 768, Quality: 92, Seed: sent.whole("seed", randomSeed()),
		Format: format(sent.text("output_format", string(formatJPEG))),
	}
	if size != nil {
		in.readSize(size, endpoint)
	}
	if endpoint.images > 0 {
		f.readImages(r.Context(), &in, images, endpoint)
	}
	return in, nil
}

// falPresets are the sizes that have names.
var falPresets = map[string][2]int{
	"square_hd": {1024, 1024}, "square": {512, 512}, "portrait_4_3": {768, 1024}, "portrait_16_9": {576, 1024},
	"landscape_4_3": {1024, 768}, "landscape_16_9": {1024, 576},
}

// readSize reads image_size: a preset, "auto", or a width and a height.
func (in *falInput) readSize(raw json.RawMessage, endpoint falEndpoint) {
	const least = 64
	var preset string
	var sides struct{ Width, Height int }
	switch {
	case json.Unmarshal(raw, &preset) == nil:
		named, known := falPresets[preset]
		if known {
			in.picture.Width, in.picture.Height = named[0], named[1]
		} else if preset != "auto" || endpoint.images == 0 {
			in.problems = append(in.problems, problem{"image_size", ruleWord, text, "Input should be a preset or a width and a height"})
		}
	case json.Unmarshal(raw, &sides) != nil:
		in.problems = append(in.problems, problem{"image_size", ruleType, text, "Input should be a preset or a width and a height"})
	case sides.Width < least || sides.Height < least:
		in.problems = append(in.problems, problem{"image_size", ruleTooLow, whole, fmt.Sprintf("Both sides should be at least %d", least)})
	case sides.Width > bflPixelsMax/least || sides.Height > bflPixelsMax/least || sides.Width*sides.Height > bflPixelsMax:
		in.problems = append(in.problems, problem{"image_size", ruleTooHigh, whole, "The image should have at most 4 megapixels"})
	default:
		in.picture.Width, in.picture.Height = sides.Width, sides.Height
	}
}

// readImages fetches and checks the input images.
func (f *fal) readImages(ctx context.Context, in *falInput, raw json.RawMessage, endpoint falEndpoint) {
	wrong := func(name string, r rule, message string) {
		in.problems = append(in.problems, problem{name, r, text, message})
	}
	var urls []string
	switch {
	case raw == nil:
		wrong("image_urls", ruleMissing, "Field required")
		return
	case json.Unmarshal(raw, &urls) != nil:
		wrong("image_urls", ruleType, "Input should be a list of addresses")
		return
	case len(urls) == 0:
		wrong("image_urls", ruleTooShort, "List should have at least 1 item")
		return
	case len(urls) > endpoint.images:
		wrong("image_urls", ruleTooLong, fmt.Sprintf("List should have at most %d items", endpoint.images))
		return
	}
	for i, url := range urls {
		read, err := f.openFalImage(ctx, url, fmt.Sprintf("input %d", i+1))
		if err != nil {
			wrong("image_urls", ruleValue, err.Error())
			return
		}
		in.picture.Inputs = append(in.picture.Inputs, read.inset)
		in.inputMP += megapixels(read.Width, read.Height)
	}
}

// openFalImage reads an address or a data URI.
func (f *fal) openFalImage(ctx context.Context, url, label string) (input, error) {
	if strings.HasPrefix(url, "http://") || strings.HasPrefix(url, "https://") {
		return f.openInput(ctx, url, label)
	}
	kind, content, is := strings.Cut(url, ";base64,")
	if !is || !strings.HasPrefix(kind, "data:image/") {
		return input{}, errors.New("should be an http(s) URL or an image as a data URI")
	}
	return f.openInput(ctx, content, label)
}

// falKept is the input as the list of requests shows it, with long texts such as data URIs cut.
func falKept(body map[string]json.RawMessage) map[string]any {
	var cut func(any) any
	cut = func(value any) any {
		switch v := value.(type) {
		case string:
			return keptPrompt(v)
		case []any:
			for i := range v {
				v[i] = cut(v[i])
			}
		case map[string]any:
			for name := range v {
				v[name] = cut(v[name])
			}
		}
		return value
	}
	kept := map[string]any{}
	for name, raw := range body {
		var value any
		json.Unmarshal(raw, &value) //nolint:errcheck // it was read as part of an object before
		kept[name] = cut(value)
	}
	return kept
}
