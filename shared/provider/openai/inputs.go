package openai

import (
	"encoding/base64"
	"fmt"
	"slices"

	"darkroom/shared/provider"
)

// imageRef is an image as the JSON form of an edit takes it: a link or a data URL. Everything that we send fits into one, so
// the multipart form, which the API has as well, is not spoken.
type imageRef struct {
	ImageURL string `json:"image_url"`
}

// What an edit may hold.
const (
	maxInputs    = 16
	maxImageURL  = 20_971_520 // characters
	maxMaskBytes = 4<<20 - 1
)

var inputTypes = []string{"image/png", "image/jpeg", "image/webp"}

// attach fills in the input images and the mask. The API has no roles: a mask belongs to the first image, so a source goes
// first, and references follow.
func (body *createRequest) attach(call provider.Call) error {
	var source, references, masks []provider.Input
	for _, in := range call.Inputs {
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
	case call.Mode == provider.Edit && (len(source) != 1 || len(masks) > 1):
		return provider.Unsent("An edit needs exactly one source image, and at most one mask.", fmt.Sprintf("%d sources, %d masks", len(source), len(masks)))
	case call.Mode == provider.Reference && (len(references) == 0 || len(images)+len(masks) > len(references)):
		return provider.Unsent("This mode needs reference images, and neither source nor mask.", fmt.Sprintf("%d sources, %d references, %d masks", len(source), len(references), len(masks)))
	case len(images) > maxInputs:
		return provider.Unsent(fmt.Sprintf("This model takes at most %d input images.", maxInputs), fmt.Sprintf("%d inputs", len(images)))
	}
	for _, in := range images {
		ref, err := reference(in)
		if err != nil {
			return err
		}
		body.Images = append(body.Images, ref)
	}
	for _, in := range masks {
		if in.ContentType != "image/png" || len(in.Data) > maxMaskBytes {
			return provider.Unsent("A mask is a PNG with transparency of less than 4 MB.", "mask")
		}
		ref, err := reference(in)
		if err != nil {
			return err
		}
		body.Mask = &ref
	}
	return nil
}

// reference makes a link or a data URL of an input.
func reference(in provider.Input) (imageRef, error) {
	ref := imageRef{ImageURL: in.URL}
	switch {
	case (in.URL == "") == (len(in.Data) == 0):
		return imageRef{}, provider.Unsent("An input image is missing.", "input with neither or both of link and bytes")
	case !slices.Contains(inputTypes, in.ContentType):
		return imageRef{}, provider.Unsent("Input images are PNG, JPEG or WebP.", "input type")
	case in.URL == "":
		ref.ImageURL = dataURL(in.ContentType, in.Data)
	}
	if len(ref.ImageURL) > maxImageURL {
		return imageRef{}, provider.Unsent("An input image is too large for this model.", fmt.Sprintf("input of %d bytes", len(in.Data)))
	}
	return ref, nil
}

func dataURL(contentType string, data []byte) string {
	return "data:" + contentType + ";base64," + base64.StdEncoding.EncodeToString(data)
}
