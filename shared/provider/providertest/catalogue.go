package providertest

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"slices"
	"testing"

	"darkroom/shared/catalog"
	"darkroom/shared/provider"
)

// testModes checks that the suite tries each mode that the catalogue offers of a provider.
func testModes(t *testing.T, subject Subject) {
	tried := []string{subject.Call.Mode}
	for _, call := range subject.More {
		tried = append(tried, call.Mode)
	}
	for _, model := range catalog.Load().Models {
		runs := slices.ContainsFunc(model.Routes, func(r catalog.Route) bool { return r.Provider == subject.Name })
		for _, mode := range model.Modes {
			if runs && !slices.Contains(tried, mode) {
				t.Errorf("%s is offered in mode %s, and no call of the suite is of it: add one to More", model.ID, mode)
			}
		}
	}
}

// Inline is a small input image, sent with the call. It is transparent all over, so a mask of it lets everything change.
func Inline(role string) provider.Input {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewNRGBA(image.Rect(0, 0, 64, 64))); err != nil {
		panic(err) // into memory, of an image that is one
	}
	return provider.Input{Role: role, ContentType: "image/png", Data: file.Bytes()}
}

// CatalogueCalls are calls of every kind that the catalogue lets users make of a provider, by what is special about them: each
// route in each mode, with one input and with as many as it takes, with a mask, in each size and quality. Formats, backgrounds
// and the rest take turns.
func CatalogueCalls(t *testing.T, name string) map[string]provider.Call {
	t.Helper()
	calls := map[string]provider.Call{}
	for _, model := range catalog.Load().Models {
		for _, route := range model.Routes {
			if route.Provider != name {
				continue
			}
			for form, inputs := range inputForms(model) {
				turn := 0
				for _, size := range model.Sizes {
					for _, quality := range model.Qualities {
						call := provider.Call{Model: route.Model, Prompt: "a red fox", Params: params(t, size, quality)}
						call.Mode, call.Inputs = inputs.mode, inputs.images
						call.Params.OutputFormat = model.Formats[turn%len(model.Formats)]
						if len(model.Backgrounds) > 0 {
							call.Params.Background = model.Backgrounds[turn%len(model.Backgrounds)]
						}
						if model.Seed && turn%2 == 0 {
							call.Params.Seed = new(int64)
						}
						if turn%2 == 1 {
							call.EndUser = "pseudonym-1"
							call.Webhook = &provider.Webhook{URL: "https://api.example.com/webhooks/" + name + "/k1.a.t.1.mac", Secret: "whsec-1"}
						}
						calls[fmt.Sprintf("%s %s %s %s", route.Model, form, size.Size, quality)] = call
						turn++
					}
				}
			}
		}
	}
	if len(calls) == 0 {
		t.Fatalf("no route of the catalogue leads to %s", name)
	}
	return calls
}

type inputForm struct {
	mode   string
	images []provider.Input
}

func inputForms(model catalog.Model) map[string]inputForm {
	source, reference, mask := Inline(provider.SourceImage), Inline(provider.ReferenceImage), Inline(provider.MaskImage)
	references := func(n int) []provider.Input { return slices.Repeat([]provider.Input{reference}, n) }
	forms := map[string]inputForm{
		"text":            {mode: provider.Text},
		"edit":            {provider.Edit, []provider.Input{source}},
		"edit with more":  {provider.Edit, append(references(model.MaxReferences-1), source)},
		"reference":       {provider.Reference, references(1)},
		"many references": {provider.Reference, references(model.MaxReferences)},
	}
	if model.Mask {
		forms["edit with a mask"] = inputForm{provider.Edit, []provider.Input{source, reference, mask}}
	}
	for name, form := range forms {
		if !slices.Contains(model.Modes, form.mode) {
			delete(forms, name)
		}
	}
	return forms
}

func params(t *testing.T, size catalog.Size, quality string) provider.Params {
	t.Helper()
	width, height, err := size.Pixels()
	if err != nil {
		t.Fatal(err)
	}
	return provider.Params{Width: width, Height: height, AspectRatio: size.AspectRatio, Quality: quality}
}
