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

// How large an image of an edit may be.
const (
	maxImageURL  = 20_971_520 // characters
	maxMaskBytes = 4<<20 - 1
)

// attach fills in the input images and the mask, which belongs to the first of them.
func (body *createRequest) attach(taken provider.Taken) error {
	for _, in := range taken.Images {
		ref := imageRef{in.Link()}
		if len(ref.ImageURL) > maxImageURL {
			return provider.Unsent("An input image is too large for this model.", fmt.Sprintf("input of %d bytes", len(in.Data)))
		}
		body.Images = append(body.Images, ref)
	}
	mask := taken.Mask
	if mask == nil {
		return nil
	}
	if mask.ContentType != "image/png" || len(mask.Data) > maxMaskBytes {
		return provider.Unsent("A mask is a PNG with transparency of less than 4 MB.", "mask")
	}
	body.Mask = &imageRef{mask.Link()}
	return nil
}
