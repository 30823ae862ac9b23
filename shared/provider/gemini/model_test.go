package gemini

import (
	"testing"

	"darkroom/shared/provider"
)

func TestShapeFindsTheWordsForPixels(t *testing.T) {
	for _, test := range []struct {
		model  string
		params provider.Params
		want   imageConfig
	}{
		{"gemini-3.1-flash-image", provider.Params{Width: 512, Height: 512}, imageConfig{"1:1", "512"}},
		{"gemini-3.1-flash-image", provider.Params{Width: 1376, Height: 768}, imageConfig{"16:9", "1K"}},
		{"gemini-3.1-flash-image", provider.Params{Width: 1696, Height: 2528}, imageConfig{"2:3", "2K"}},
		{"gemini-3.1-flash-image", provider.Params{Width: 384, Height: 3072}, imageConfig{"1:8", "1K"}},
		{"gemini-nano-banana-2.1", provider.Params{Width: 8192, Height: 2048, AspectRatio: "4:1"}, imageConfig{"4:1", "4K"}},
		{"gemini-3-pro-image", provider.Params{Width: 6336, Height: 2688}, imageConfig{"21:9", "4K"}},
		{"gemini-3-pro-image", provider.Params{AspectRatio: "5:4"}, imageConfig{"5:4", ""}},
		{"gemini-9-image", provider.Params{Width: 928, Height: 1152}, imageConfig{"4:5", "1K"}},
	} {
		got, err := modelNamed(test.model).shape(test.params)
		if err != nil || *got != test.want {
			t.Errorf("%s %+v: %+v, %v; want %+v", test.model, test.params, got, err, test.want)
		}
	}
}

func TestShapeRefusesWhatOneModelLacks(t *testing.T) {
	for _, test := range []struct {
		model  string
		params provider.Params
	}{
		{"gemini-3-pro-image", provider.Params{AspectRatio: "1:4"}},
		{"gemini-3-pro-image", provider.Params{Width: 512, Height: 512}},
		{"gemini-nano-banana-2.1", provider.Params{Width: 512, Height: 512}},
		{"gemini-3.1-flash-lite-image", provider.Params{Width: 2048, Height: 2048}},
		{"gemini-3.1-flash-image", provider.Params{Width: 1024, Height: 1536 + 200}},
	} {
		if got, err := modelNamed(test.model).shape(test.params); provider.ClassOf(err) != provider.Rejected {
			t.Errorf("%s %+v: %+v, %v; want Rejected", test.model, test.params, got, err)
		}
	}
}

func TestShapeLeavesTheChoiceToTheModelWhenNothingIsAsked(t *testing.T) {
	if got, err := modelNamed("gemini-3.1-flash-image").shape(provider.Params{}); got != nil || err != nil {
		t.Errorf("shape = %+v, %v; want none", got, err)
	}
}
