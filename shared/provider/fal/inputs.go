package fal

import (
	"encoding/base64"
	"fmt"
	"slices"

	"darkroom/shared/provider"
)

// maxInline bounds the images inside a call, in bytes of all together. Links have no such limit.
const maxInline = 20 << 20

var inputTypes = []string{"image/png", "image/jpeg", "image/webp"}

// attach fills in the input images and the mask. The models have no roles: they edit the first image, which a mask belongs to,
// and let the prompt refer to the others, so a source goes first.
func (body *createRequest) attach(call provider.Call, m model) error {
	var source, references, masks []provider.Input
	inline := 0
	for _, in := range call.Inputs {
		inline += len(in.Data)
		switch in.Role {
		case provider.SourceImage:
			source = append(source, in)
		case provider.ReferenceImage:
			references = append(references, in)
		case provider.MaskImage:
			masks = append(masks, in)
		default:
			return provider.Unsent("This model does not know this kind of input.", "role "+provider.CodeWord(in.Role))
		}
	}
	images := append(source, references...)
	switch {
	case call.Mode == provider.Text && len(call.Inputs) > 0:
		return provider.Unsent("Input images need the mode edit or reference.", "inputs")
	case len(masks) > 0 && m.family != gpt:
		return provider.Unsent("This model takes no mask.", "mask")
	case call.Mode == provider.Edit && (len(source) != 1 || len(masks) > 1):
		return provider.Unsent("An edit needs exactly one source image, and at most one mask.", fmt.Sprintf("%d sources, %d masks", len(source), len(masks)))
	case call.Mode == provider.Reference && (len(references) == 0 || len(call.Inputs) > len(references)):
		return provider.Unsent("This mode needs reference images, and neither source nor mask.", fmt.Sprintf("%d sources, %d references, %d masks", len(source), len(references), len(masks)))
	case len(images) > m.most:
		return provider.Unsent(fmt.Sprintf("This model takes at most %d input images.", m.most), fmt.Sprintf("%d inputs", len(images)))
	case inline > maxInline:
		return provider.Unsent("The input images are too large for this model.", fmt.Sprintf("inputs of %d bytes", inline))
	}
	for _, in := range images {
		value, err := wireForm(in)
		if err != nil {
			return err
		}
		body.ImageURLs = append(body.ImageURLs, value)
	}
	for _, in := range masks {
		value, err := wireForm(in)
		if err != nil {
			return err
		}
		body.MaskURL = value
	}
	return nil
}

// wireForm is an image as fal takes it: a link, or the bytes in a data URI.
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
