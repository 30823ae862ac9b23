package fal

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"darkroom/shared/provider"
)

// createRequest is the body of a submit: the input of a model.
type createRequest struct {
	Prompt       string   `json:"prompt"`
	ImageSize    *size    `json:"image_size,omitempty"`
	Seed         *int64   `json:"seed,omitempty"`
	OutputFormat string   `json:"output_format,omitempty"`
	ImageURLs    []string `json:"image_urls,omitempty"` // addresses or data URIs
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
	ResponseURL string `json:"response_url"`
}

// status is the answer to a question for the status, and to a cancel.
type status struct {
	Status    string          `json:"status"`
	RequestID string          `json:"request_id"`
	Error     json.RawMessage `json:"error"`
	ErrorType string          `json:"error_type"`
}

// output is what a model answers.
type output struct {
	Images []struct {
		URL         string `json:"url"`
		ContentType string `json:"content_type"`
	} `json:"images"`
	Indecent any `json:"has_nsfw_concepts"` // one yes or no for every image, or one for all
	Flagged  any `json:"nsfw_content_detected"`
}

// refusal is an error body. Detail is a text, or a list of problems from a model.
type refusal struct {
	Detail    json.RawMessage `json:"detail"`
	ErrorType string          `json:"error_type"`
}

// codes names the kind of a failure and the fields with problems, for the log.
func (r refusal) codes() string {
	return strings.TrimSpace(provider.CodeWord(r.ErrorType) + " " + provider.ProblemCodes(provider.Problems(r.Detail)))
}

// models are the models that are called, and how many input images each takes. A submit with images goes to an endpoint of its own.
var models = map[string]int{
	"fal-ai/flux-2-pro":      8,
	"fal-ai/flux-2-max":      8,
	"fal-ai/flux-2-flex":     8,
	"fal-ai/flux-2":          4,
	"fal-ai/flux-2/klein/4b": 4,
}

const editSuffix = "/edit"

// endpoints lists every address that a submit can go to. fal's list of requests takes at most 50.
func endpoints() (all []string) {
	for _, id := range slices.Sorted(maps.Keys(models)) {
		all = append(all, id, id+editSuffix)
	}
	return all
}

// maxInline bounds the images inside a call, in bytes of all together.
const maxInline = 20 << 20

// translate makes the endpoint and the body of a submit. The error is an *provider.Error: Rejected when the caller offered
// something that the model does not have, Down for a model that this driver does not know.
func translate(call provider.Call) (endpoint string, body createRequest, err error) {
	most, known := models[call.Model]
	if !known {
		return "", createRequest{}, provider.MeansDown.Error(fmt.Errorf("not sent: unknown model %s", provider.CodeWord(strings.ReplaceAll(call.Model, "/", "."))))
	}
	taken, err := provider.Takes{Pixels: true, Formats: []string{"jpeg", "png"}, Seed: true, Images: most, Inline: maxInline}.Check(call)
	if err != nil {
		return "", createRequest{}, err
	}
	body = createRequest{
		Prompt: call.Prompt, Seed: call.Params.Seed, OutputFormat: call.Params.OutputFormat, ImageURLs: provider.Links(taken.Images), Reference: call.Marker,
	}
	if taken.Width > 0 {
		body.ImageSize = &size{taken.Width, taken.Height}
	}
	if len(taken.Images) > 0 {
		return call.Model + editSuffix, body, nil
	}
	return call.Model, body, nil
}
