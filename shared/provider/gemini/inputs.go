package gemini

import (
	"slices"

	"darkroom/shared/provider"
)

// inline makes parts of the inputs of a call that the models take; the error is as from translate. The API follows no links of ours, so there are only
// bytes, and their type is read from them: what was said about it is a promise only.
func inline(call provider.Call) ([]part, error) {
	call.Inputs = slices.Clone(call.Inputs)
	for i, in := range call.Inputs {
		if len(in.Data) == 0 {
			return nil, provider.Unsent("An input image could not be passed on.", "an input without data")
		}
		call.Inputs[i].ContentType = provider.ImageType(in.Data)
	}
	taken, err := takes.Check(call)
	if err != nil {
		return nil, err
	}
	var parts []part
	for _, in := range taken.Images {
		parts = append(parts, part{InlineData: &blob{in.ContentType, in.Data}})
	}
	return parts, nil
}
