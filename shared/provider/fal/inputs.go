package fal

import (
	"fmt"

	"darkroom/shared/provider"
)

// maxInline bounds the images inside a call, in bytes of all together. Links have no such limit.
const maxInline = 20 << 20

// attach fills in the input images and the mask, each a link or a data URL.
func (body *createRequest) attach(call provider.Call, m model) error {
	images, mask, err := call.ImagesInOrder(m.most, m.family == gpt)
	if err != nil {
		return err
	}
	inline := 0
	for _, in := range call.Inputs {
		inline += len(in.Data)
	}
	if inline > maxInline {
		return provider.Unsent("The input images are too large for this model.", fmt.Sprintf("inputs of %d bytes", inline))
	}
	for _, in := range images {
		body.ImageURLs = append(body.ImageURLs, in.Link())
	}
	if mask != nil {
		body.MaskURL = mask.Link()
	}
	return nil
}
