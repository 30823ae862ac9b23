package replicate

import (
	"fmt"

	"darkroom/shared/provider"
)

// maxInline bounds the images inside a call, in bytes of all together. They come back in the webhook, in base64, and a function
// takes no more than 6 MB. Links have no such limit.
const maxInline = 3 << 20

// inputImages are the images as the model takes them: links or data URLs.
func (m model) inputImages(call provider.Call) ([]string, error) {
	images, _, err := call.ImagesInOrder(m.mostImages, false)
	if err != nil {
		return nil, err
	}
	var links []string
	inline := 0
	for _, in := range images {
		inline += len(in.Data)
		links = append(links, in.Link())
	}
	if inline > maxInline {
		return nil, provider.Unsent("The input images are too large for this model.", fmt.Sprintf("inputs of %d bytes", inline))
	}
	return links, nil
}
