package bfl

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"darkroom/shared/provider"
)

// inputImages are the fields for input images, in the order of their names: a request with two inputs has the first two.
type inputImages struct {
	First   string `json:"input_image,omitempty"`
	Second  string `json:"input_image_2,omitempty"`
	Third   string `json:"input_image_3,omitempty"`
	Fourth  string `json:"input_image_4,omitempty"`
	Fifth   string `json:"input_image_5,omitempty"`
	Sixth   string `json:"input_image_6,omitempty"`
	Seventh string `json:"input_image_7,omitempty"`
	Eighth  string `json:"input_image_8,omitempty"`
}

func (i *inputImages) fields() [8]*string {
	return [8]*string{&i.First, &i.Second, &i.Third, &i.Fourth, &i.Fifth, &i.Sixth, &i.Seventh, &i.Eighth}
}

// maxInputBytes bounds one input image.
const maxInputBytes = 20 << 20

var inputTypes = []string{"image/png", "image/jpeg", "image/webp"}

// maxInputs is how many input images a model takes.
func maxInputs(model string) int {
	if strings.Contains(model, "klein") {
		return 4
	}
	return 8
}

// attach fills in the input images. The API has no roles: it edits the first image and lets the prompt refer to the others, so
// a source goes first. There are no masks.
func (i *inputImages) attach(call provider.Call) error {
	var source, references []provider.Input
	for _, in := range call.Inputs {
		switch in.Role {
		case provider.SourceImage:
			source = append(source, in)
		case provider.ReferenceImage:
			references = append(references, in)
		case provider.MaskImage:
			return provider.Unsent("This model takes no mask.", "mask")
		default:
			return provider.Unsent("This model does not know this kind of input.", "role "+provider.CodeWord(in.Role))
		}
	}
	switch most := maxInputs(call.Model); {
	case call.Mode == provider.Text && len(call.Inputs) > 0:
		return provider.Unsent("Input images need the mode edit or reference.", "inputs")
	case call.Mode == provider.Edit && len(source) != 1:
		return provider.Unsent("An edit needs exactly one source image.", fmt.Sprintf("%d sources", len(source)))
	case call.Mode == provider.Reference && (len(source) > 0 || len(references) == 0):
		return provider.Unsent("This mode needs reference images, and no source.", fmt.Sprintf("%d sources, %d references", len(source), len(references)))
	case len(call.Inputs) > most:
		return provider.Unsent(fmt.Sprintf("This model takes at most %d input images.", most), fmt.Sprintf("%d inputs", len(call.Inputs)))
	}
	fields := i.fields()
	for n, in := range append(source, references...) {
		value, err := wireForm(in)
		if err != nil {
			return err
		}
		*fields[n] = value
	}
	return nil
}

// wireForm is an image as the API takes it: a link, or base64 without any prefix.
func wireForm(in provider.Input) (string, error) {
	switch {
	case (in.URL == "") == (len(in.Data) == 0):
		return "", provider.Unsent("An input image is missing.", "input with neither or both of link and bytes")
	case !slices.Contains(inputTypes, in.ContentType):
		return "", provider.Unsent("Input images are PNG, JPEG or WebP.", "input type")
	case len(in.Data) > maxInputBytes:
		return "", provider.Unsent(fmt.Sprintf("An input image has at most %d MB.", maxInputBytes>>20), fmt.Sprintf("input of %d bytes", len(in.Data)))
	case in.URL != "":
		return in.URL, nil
	}
	return base64.StdEncoding.EncodeToString(in.Data), nil
}
