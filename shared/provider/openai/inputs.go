package openai

import (
	"fmt"

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

// attach fills in the input images and the mask.
func (body *createRequest) attach(call provider.Call) error {
	images, mask, err := call.ImagesInOrder(maxInputs, true)
	if err != nil {
		return err
	}
	for _, in := range images {
		ref, err := reference(in)
		if err != nil {
			return err
		}
		body.Images = append(body.Images, ref)
	}
	if mask == nil {
		return nil
	}
	if mask.ContentType != "image/png" || len(mask.Data) > maxMaskBytes {
		return provider.Unsent("A mask is a PNG with transparency of less than 4 MB.", "mask")
	}
	ref, err := reference(*mask)
	if err != nil {
		return err
	}
	body.Mask = &ref
	return nil
}

func reference(in provider.Input) (imageRef, error) {
	ref := imageRef{ImageURL: in.Link()}
	if len(ref.ImageURL) > maxImageURL {
		return imageRef{}, provider.Unsent("An input image is too large for this model.", fmt.Sprintf("input of %d bytes", len(in.Data)))
	}
	return ref, nil
}
