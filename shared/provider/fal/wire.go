package fal

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"darkroom/shared/provider"
)

// createRequest is the body of a submit: the input of a model.
type createRequest struct {
	Prompt       string   `json:"prompt"`
	ImageSize    *size    `json:"image_size,omitempty"`
	AspectRatio  string   `json:"aspect_ratio,omitempty"`
	Resolution   string   `json:"resolution,omitempty"`
	Quality      string   `json:"quality,omitempty"`
	Seed         *int64   `json:"seed,omitempty"`
	OutputFormat string   `json:"output_format,omitempty"`
	ImageURLs    []string `json:"image_urls,omitempty"` // addresses or data URIs
	MaskURL      string   `json:"mask_url,omitempty"`
	// Reference is no input of any model: they ignore what they do not know. The list of requests repeats it.
	Reference string `json:"client_reference_id,omitempty"`
}

type size struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// created is the answer to it.
type created struct {
	RequestID   string `json:"request_id"`
	StatusURL   string `json:"status_url"`
	ResponseURL string `json:"response_url"`
	CancelURL   string `json:"cancel_url"`
}

// status is the answer to a question for the status, and to a cancel.
type status struct {
	Status    string          `json:"status"`
	RequestID string          `json:"request_id"`
	Error     json.RawMessage `json:"error"`
	ErrorType string          `json:"error_type"`
}

// failed says whether a completed request failed: COMPLETED alone is no success.
func (s status) failed() bool {
	return s.ErrorType != "" || (len(s.Error) > 0 && string(s.Error) != "null" && string(s.Error) != `""`)
}

// output is what a model answers. Some models give a list and some one image.
type output struct {
	Images   []image `json:"images"`
	Image    *image  `json:"image"`
	Indecent any     `json:"has_nsfw_concepts"` // one yes or no for every image, or one for all
	Flagged  any     `json:"nsfw_content_detected"`
}

type image struct {
	URL         string `json:"url"`
	ContentType string `json:"content_type"`
}

// refusal is an error body. Detail is a text, or a list of problems from a model.
type refusal struct {
	Detail    json.RawMessage `json:"detail"`
	ErrorType string          `json:"error_type"`
}

type problem struct {
	Loc  []any  `json:"loc"`
	Type string `json:"type"`
}

func (r refusal) problems() (found []problem) {
	if json.Unmarshal(r.Detail, &found) != nil {
		return nil
	}
	return found[:min(len(found), 5)]
}

// codes names the kinds of a failure and the fields with problems, for the log: "body.prompt:content_policy_violation". It
// leaves out the message and the input, which repeat what was sent.
func (r refusal) codes() string {
	var named []string
	if kind := provider.CodeWord(r.ErrorType); kind != "" {
		named = append(named, kind)
	}
	for _, p := range r.problems() {
		var path []string
		for _, part := range p.Loc {
			path = append(path, provider.CodeWord(fmt.Sprint(part)))
		}
		named = append(named, strings.Join(path, ".")+":"+provider.CodeWord(p.Type))
	}
	return strings.Join(named, " ")
}

var (
	fluxFormats = []string{"", "jpeg", "png"}
	allFormats  = []string{"", "jpeg", "png", "webp"}
	qualities   = []string{"", "auto", "low", "medium", "high"}
	// ratios of nano-banana.
	ratios = []string{"", "21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16", "4:1", "1:4", "8:1", "1:8"}
)

// translate makes the endpoint and the body of a submit. The error is an *provider.Error: Rejected when the caller offered
// something that the model does not have, Down for a model that this driver does not know.
func translate(call provider.Call) (endpoint string, body createRequest, err error) {
	m, known := modelNamed(call.Model)
	if !known {
		return "", createRequest{}, provider.MeansDown.Error(fmt.Errorf("not sent: unknown model %s", provider.CodeWord(strings.ReplaceAll(call.Model, "/", "."))))
	}
	if call.Params.Background == "transparent" {
		return "", createRequest{}, provider.Unsent("This model makes no transparent backgrounds.", "background")
	}
	body = createRequest{Prompt: call.Prompt, OutputFormat: call.Params.OutputFormat, Reference: call.Marker}
	if err = m.shape(call.Params, &body); err != nil {
		return "", createRequest{}, err
	}
	if err = body.attach(call, m); err != nil {
		return "", createRequest{}, err
	}
	if call.Mode == provider.Text {
		return m.id, body, nil
	}
	return m.id + editSuffix, body, nil
}

// shape sets what the image should be like.
func (m model) shape(params provider.Params, body *createRequest) error {
	width, height, isSize := params.Size()
	formats, levels := allFormats, []string{"", "standard"}
	switch m.family {
	case flux:
		formats = fluxFormats
	case gpt:
		levels = qualities
	}
	switch {
	case m.family == banana && !slices.Contains(ratios, params.AspectRatio):
		return provider.Unsent("This aspect ratio is not supported; allowed: "+strings.Join(ratios[1:], ", ")+".", "aspect_ratio")
	case m.family == banana && params.AspectRatio == "" && width != height:
		return provider.Unsent("This model takes an aspect ratio, not a width and height.", "size")
	case m.family != banana && !isSize:
		return provider.Unsent("This image size is not supported: give width and height, or an aspect ratio between 1:4 and 4:1.", "size")
	case m.family != flux && params.Seed != nil:
		return provider.Unsent("This model takes no seed.", "seed")
	case !slices.Contains(levels, params.Quality) && m.family == gpt:
		return provider.Unsent("This quality level is not supported; allowed: low, medium, high, auto.", "quality")
	case !slices.Contains(levels, params.Quality):
		return provider.Unsent("This model has no quality levels.", "quality")
	case !slices.Contains(formats, params.OutputFormat):
		return provider.Unsent("This output format is not supported; allowed: "+strings.Join(formats[1:], ", ")+".", "output_format")
	}
	body.Seed = params.Seed
	switch m.family {
	case banana:
		body.AspectRatio = params.AspectRatio
		if params.Width > 0 && params.Height > 0 {
			body.Resolution = resolutionFor(params.Width * params.Height).name
		}
		if body.AspectRatio == "" && width > 0 {
			body.AspectRatio = "1:1"
		}
		return nil
	case gpt:
		body.Quality = params.Quality
	}
	if width > 0 {
		body.ImageSize = &size{width, height}
	}
	return nil
}
