package provider

import (
	"slices"
	"testing"
)

var (
	aSource    = Input{Role: SourceImage, ContentType: "image/png", Data: []byte("source")}
	aReference = Input{Role: ReferenceImage, ContentType: "image/webp", URL: "https://cdn.example.com/reference.webp"}
	aMask      = Input{Role: MaskImage, ContentType: "image/png", Data: []byte("mask")}
)

func TestAWishThatTheModelDoesNotTakeIsRefused(t *testing.T) {
	t.Parallel()
	everything := Takes{Pixels: true, Seed: true, Qualities: true, Transparent: true, Images: 2, Mask: true, Inline: 10}
	call := func(mode string, params Params, inputs ...Input) Call {
		return Call{Mode: mode, Params: params, Inputs: inputs}
	}
	for rule, test := range map[string]struct {
		takes Takes
		call  Call
		taken bool
	}{
		"everything at once":         {everything, call(Edit, Params{AspectRatio: "4:1", Seed: new(int64), Quality: "high", Background: "transparent", OutputFormat: "gif"}, aSource, aReference, aMask), true},
		"nothing at all":             {Takes{}, call(Text, Params{Quality: "standard", Background: "opaque"}), true},
		"size of the driver's":       {Takes{}, call(Text, Params{AspectRatio: "8:1"}), true},
		"size that is none":          {everything, call(Text, Params{Width: 64}), false},
		"mode without images":        {Takes{}, call(Edit, Params{}, aSource), false},
		"seed":                       {Takes{}, call(Text, Params{Seed: new(int64)}), false},
		"quality":                    {Takes{}, call(Text, Params{Quality: "high"}), false},
		"transparent background":     {Takes{}, call(Text, Params{Background: "transparent"}), false},
		"format of the model's":      {Takes{Formats: []string{"png"}}, call(Text, Params{OutputFormat: "png"}), true},
		"another format":             {Takes{Formats: []string{"png"}}, call(Text, Params{OutputFormat: "webp"}), false},
		"images for a text":          {everything, call(Text, Params{}, aSource), false},
		"images that do not fit":     {everything, call(Edit, Params{}), false},
		"mask of a model without":    {Takes{Images: 2}, call(Edit, Params{}, aSource, aMask), false},
		"too many bytes in the call": {Takes{Images: 1, Inline: 5}, call(Edit, Params{}, aSource), false},
		"links have no such bytes":   {Takes{Images: 1, Inline: 1}, call(Reference, Params{}, aReference), true},
	} {
		if _, err := test.takes.Check(test.call); (err == nil) != test.taken || (err != nil && ClassOf(err) != Rejected) {
			t.Errorf("%s: %v, want it taken: %t", rule, err, test.taken)
		}
	}
}

func TestTheSourceGoesFirstAndTheMaskApart(t *testing.T) {
	t.Parallel()
	taken, err := Takes{Pixels: true, Images: 2, Mask: true}.Check(Call{Mode: Edit, Params: Params{Width: 64, Height: 32}, Inputs: []Input{aMask, aReference, aSource}})
	if err != nil || taken.Width != 64 || taken.Height != 32 || taken.Mask == nil || string(taken.Mask.Data) != "mask" {
		t.Fatalf("taken = %+v, %v", taken, err)
	}
	want := []string{"data:image/png;base64,c291cmNl", "https://cdn.example.com/reference.webp"}
	if got := Links(taken.Images); !slices.Equal(got, want) {
		t.Errorf("links = %v, want %v", got, want)
	}
}
