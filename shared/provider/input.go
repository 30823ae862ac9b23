package provider

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// The roles of an Input.
const (
	SourceImage    = "source"
	ReferenceImage = "reference"
	MaskImage      = "mask"
)

// Input is one image of the user's. URL or Data is set.
type Input struct {
	Role        string // SourceImage, ReferenceImage or MaskImage
	ContentType string // image/png, image/jpeg or image/webp
	Data        []byte
	URL         string
}

// InputTypes are the types of images that every provider reads.
var InputTypes = []string{"image/png", "image/jpeg", "image/webp"}

// Link is the image as a link: its own, or a data URL of its bytes.
func (in Input) Link() string {
	if in.URL != "" {
		return in.URL
	}
	return DataURL(in.ContentType, in.Data)
}

// Links are the images as links, in their order; nil for none.
func Links(images []Input) (all []string) {
	for _, in := range images {
		all = append(all, in.Link())
	}
	return all
}

// DataURL is an image inside its own address.
func DataURL(contentType string, data []byte) string {
	return "data:" + contentType + ";base64," + base64.StdEncoding.EncodeToString(data)
}

func (in Input) check() error {
	switch {
	case (in.URL == "") == (len(in.Data) == 0):
		return Unsent("An input image is missing.", "input with neither or both of link and bytes")
	case !slices.Contains(InputTypes, in.ContentType):
		return Unsent("Input images are PNG, JPEG or WebP.", "input type")
	}
	return nil
}

// ImagesInOrder are the inputs for an API without roles, which edits the first image and lets the prompt refer to the others: the
// source first, then the references as they came. A mask belongs to the first image and comes apart, nil when there is none. The
// error is an *Error of class Rejected: the inputs do not fit the mode, or are not what a model takes that has at most so many
// images, masks aside, and perhaps no masks.
func (c Call) ImagesInOrder(most int, takesMask bool) (images []Input, mask *Input, err error) {
	var sources, references, masks []Input
	for _, in := range c.Inputs {
		if err := in.check(); err != nil {
			return nil, nil, err
		}
		switch in.Role {
		case SourceImage:
			sources = append(sources, in)
		case ReferenceImage:
			references = append(references, in)
		case MaskImage:
			masks = append(masks, in)
		default:
			return nil, nil, Unsent("This model does not know this kind of input.", "role "+CodeWord(in.Role))
		}
	}
	images = append(sources, references...)
	counts := fmt.Sprintf("mode %s with %d sources, %d references, %d masks", CodeWord(c.Mode), len(sources), len(references), len(masks))
	switch {
	case !slices.Contains([]string{Text, Edit, Reference}, c.Mode):
		return nil, nil, Unsent("This model does not know this mode.", counts)
	case c.Mode == Text && len(c.Inputs) > 0:
		return nil, nil, Unsent("Input images need the mode edit or reference.", counts)
	case len(masks) > 0 && !takesMask:
		return nil, nil, Unsent("This model takes no mask.", counts)
	case c.Mode == Edit && len(sources) != 1:
		return nil, nil, Unsent("An edit needs exactly one source image.", counts)
	case c.Mode == Edit && len(masks) > 1:
		return nil, nil, Unsent("An edit takes at most one mask.", counts)
	case c.Mode == Reference && (len(references) == 0 || len(c.Inputs) > len(references)):
		return nil, nil, Unsent("This mode needs reference images, and neither source nor mask.", counts)
	case len(images) > most:
		return nil, nil, Unsent(fmt.Sprintf("This model takes at most %d input images.", most), counts)
	}
	if len(masks) > 0 {
		mask = &masks[0]
	}
	return images, mask, nil
}

// ImageType is an image's type by the bytes themselves: the stated one is a promise only. A page in place of an image is never
// called one, so that nobody can be made to show it.
func ImageType(image []byte) string {
	if kind := http.DetectContentType(image); strings.HasPrefix(kind, "image/") {
		return kind
	}
	return "application/octet-stream"
}
