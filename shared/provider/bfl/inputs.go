package bfl

import (
	"encoding/base64"
	"fmt"

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

// attach fills in the input images: links, or base64 without any prefix.
func (i *inputImages) attach(images []provider.Input) error {
	fields := i.fields()
	for n, in := range images {
		if len(in.Data) > maxInputBytes {
			return provider.Unsent(fmt.Sprintf("An input image has at most %d MB.", maxInputBytes>>20), fmt.Sprintf("input of %d bytes", len(in.Data)))
		}
		if *fields[n] = in.URL; in.URL == "" {
			*fields[n] = base64.StdEncoding.EncodeToString(in.Data)
		}
	}
	return nil
}
