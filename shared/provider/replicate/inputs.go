package replicate

import (
	"encoding/base64"
	"fmt"
	"slices"

	"darkroom/shared/provider"
)

// maxInline bounds the images inside a call, in bytes of all together. They come back in the webhook, in base64, and a function
// takes no more than 6 MB. Links have no such limit.
const maxInline = 3 << 20

var inputTypes = []string{"image/png", "image/jpeg", "image/webp"}

// inputImages are the images as the model takes them. The models have no roles: they edit the first image and let the prompt
// refer to the others, so a source goes first. There are no masks.
func (m model) inputImages(call provider.Call) ([]string, error) {
	var source, references []provider.Input
	inline := 0
	for _, in := range call.Inputs {
		inline += len(in.Data)
		switch in.Role {
		case provider.SourceImage:
			source = append(source, in)
		case provider.ReferenceImage:
			references = append(references, in)
		case provider.MaskImage:
			return nil, provider.Unsent("This model takes no mask.", "mask")
		default:
			return nil, provider.Unsent("This model does not know this kind of input.", "role "+provider.CodeWord(in.Role))
		}
	}
	switch {
	case call.Mode == provider.Text && len(call.Inputs) > 0:
		return nil, provider.Unsent("Input images need the mode edit or reference.", "inputs")
	case call.Mode == provider.Edit && len(source) != 1:
		return nil, provider.Unsent("An edit needs exactly one source image.", fmt.Sprintf("%d sources", len(source)))
	case call.Mode == provider.Reference && (len(source) > 0 || len(references) == 0):
		return nil, provider.Unsent("This mode needs reference images, and no source.", fmt.Sprintf("%d sources, %d references", len(source), len(references)))
	case len(call.Inputs) > m.mostImages:
		return nil, provider.Unsent(fmt.Sprintf("This model takes at most %d input images.", m.mostImages), fmt.Sprintf("%d inputs", len(call.Inputs)))
	case inline > maxInline:
		return nil, provider.Unsent("The input images are too large for this model.", fmt.Sprintf("inputs of %d bytes", inline))
	}
	var images []string
	for _, in := range append(source, references...) {
		value, err := wireForm(in)
		if err != nil {
			return nil, err
		}
		images = append(images, value)
	}
	return images, nil
}

// wireForm is an image as the API takes it: a link, or the bytes in a data URL.
func wireForm(in provider.Input) (string, error) {
	switch {
	case (in.URL == "") == (len(in.Data) == 0):
		return "", provider.Unsent("An input image is missing.", "input with neither or both of link and bytes")
	case !slices.Contains(inputTypes, in.ContentType):
		return "", provider.Unsent("Input images are PNG, JPEG or WebP.", "input type")
	case in.URL != "":
		return in.URL, nil
	}
	return "data:" + in.ContentType + ";base64," + base64.StdEncoding.EncodeToString(in.Data), nil
}
