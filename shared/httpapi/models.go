package httpapi

import (
	"context"
	"fmt"
	"hash/crc32"

	"darkroom/shared/catalog"
	"darkroom/shared/workflow"
)

type modelsIn struct {
	IfNoneMatch string `header:"If-None-Match"`
}

type modelsOut struct {
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         ModelList
}

// ModelList is the catalogue as clients see it: nothing of who runs a model.
type ModelList struct {
	PriceVersion string      `json:"price_version"`
	Models       []ModelView `json:"models"`
}

// ModelView is one model.
type ModelView struct {
	ID             string     `json:"id"`
	Name           string     `json:"name"`
	Description    string     `json:"description"`
	Available      bool       `json:"available" doc:"false: switched off at the moment."`
	Modes          []string   `json:"modes"`
	MaxReferences  int        `json:"max_references" doc:"Input images it takes, masks aside."`
	Mask           bool       `json:"mask" doc:"Whether an edit may have a mask."`
	InputCredits   int64      `json:"input_credits" doc:"Added to the price of an image for each input image."`
	MaxInputPixels int        `json:"max_input_pixels" doc:"Larger input images are scaled down to this, width x height."`
	Sizes          []SizeView `json:"sizes" doc:"The first is the default."`
	Qualities      []string   `json:"qualities" doc:"The first is the default."`
	Formats        []string   `json:"output_formats" doc:"The first is the default."`
	Backgrounds    []string   `json:"backgrounds" doc:"Empty: it cannot be chosen."`
	Seed           bool       `json:"seed" doc:"Whether a seed can be given."`
	PromptLimit    int        `json:"prompt_limit" doc:"Characters."`
	MaxCount       int        `json:"max_count"`
	UsualSeconds   UsualTime  `json:"usual_seconds" doc:"How long an image usually takes."`
}

// UsualTime is how long an image takes, in seconds.
type UsualTime struct {
	P50 int `json:"p50" doc:"Half of them are quicker."`
	P95 int `json:"p95" doc:"All but one in twenty are quicker."`
}

// SizeView is a size with its price.
type SizeView struct {
	Size        string           `json:"size"`
	AspectRatio string           `json:"aspect_ratio"`
	Credits     map[string]int64 `json:"credits" doc:"For one image, by quality."`
}

func (a *API) listModels(ctx context.Context, in *modelsIn) (*modelsOut, error) {
	out := &modelsOut{CacheControl: publicCache, Body: ModelList{PriceVersion: a.Creator.Catalog.PriceVersion}}
	open := ""
	for i := range a.Creator.Catalog.Models {
		m := &a.Creator.Catalog.Models[i]
		available, err := a.Creator.Switches.Available(ctx, m)
		if err != nil {
			return nil, err
		}
		if available {
			open += " " + m.ID
		}
		out.Body.Models = append(out.Body.Models, modelView(m, available))
	}
	out.ETag = fmt.Sprintf(`"%s-%x"`, a.Creator.Catalog.Version(), crc32.ChecksumIEEE([]byte(open)))
	if in.IfNoneMatch == out.ETag {
		return nil, notModified{out.ETag}
	}
	return out, nil
}

func modelView(m *catalog.Model, available bool) ModelView {
	v := ModelView{
		ID: m.ID, Name: m.Name, Description: m.Description, Available: available, Modes: m.Modes, MaxReferences: m.MaxReferences, Mask: m.Mask,
		InputCredits: m.InputCredits, MaxInputPixels: m.MaxInputPixels, Qualities: m.Qualities, Formats: m.Formats, Backgrounds: m.Backgrounds,
		Seed: m.Seed, PromptLimit: m.PromptLimit, MaxCount: workflow.MaxCount, UsualSeconds: UsualTime(m.UsualSeconds),
	}
	for _, s := range m.Sizes {
		v.Sizes = append(v.Sizes, SizeView(s))
	}
	return v
}
