package bfl

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"darkroom/shared/provider"
)

// createRequest is the body of POST /v1/<model>.
type createRequest struct {
	Prompt        string `json:"prompt"`
	Width         int    `json:"width,omitempty"`
	Height        int    `json:"height,omitempty"`
	Seed          *int64 `json:"seed,omitempty"`
	OutputFormat  string `json:"output_format,omitempty"`
	WebhookURL    string `json:"webhook_url,omitempty"`
	WebhookSecret string `json:"webhook_secret,omitempty"`
	inputImages
}

// created is the answer to it. With a webhook set, the documented form has no polling_url.
type created struct {
	ID         string `json:"id"`
	PollingURL string `json:"polling_url"`
}

// charged is the rest of that answer. It is read apart: a number of a form not known must not lose a job that is paid for.
type charged struct {
	Cost     float64 `json:"cost"` // credits of one US cent; null when it is not known yet, as the megapixels are
	InputMP  float64 `json:"input_mp"`
	OutputMP float64 `json:"output_mp"`
}

const microUSDPerCredit = 10_000

func usageIn(answer provider.Answer) provider.Usage {
	var c charged
	answer.Decode(&c) //nolint:errcheck // see above
	return provider.Usage{
		CostMicroUSD: provider.Scaled(c.Cost, microUSDPerCredit), InputMilliMP: provider.Scaled(c.InputMP, 1000), OutputMilliMP: provider.Scaled(c.OutputMP, 1000),
	}
}

// result is the answer to a question about a job. Some answers say state where the others say status.
type result struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	State  string `json:"state"`
	Result *struct {
		Sample string `json:"sample"`
	} `json:"result"`
}

// refusal is an error body. Detail is a text, a list of problems or an object.
type refusal struct {
	Detail     json.RawMessage `json:"detail"`
	RetryAfter float64         `json:"retry_after"` // seconds
}

type problem struct {
	Loc  []any  `json:"loc"`
	Type string `json:"type"`
}

// inFields names the fields a 422 complains about, and what is wrong with them, for the log: "body.width:value_error". It
// leaves out the message and the input, which repeat what was sent.
func (r refusal) inFields() string {
	var problems []problem
	if json.Unmarshal(r.Detail, &problems) != nil {
		return ""
	}
	var named []string
	for _, p := range problems[:min(len(problems), 5)] {
		var path []string
		for _, part := range p.Loc {
			path = append(path, provider.CodeWord(fmt.Sprint(part)))
		}
		named = append(named, strings.Join(path, ".")+":"+provider.CodeWord(p.Type))
	}
	return strings.Join(named, " ")
}

var formats = []string{"", "jpeg", "png", "webp"}

// translate makes the body of a create call. The error is an *provider.Error of class Rejected: the caller offered something
// that these models do not have.
func translate(call provider.Call) (createRequest, error) {
	params := call.Params
	width, height, isSize := params.Size()
	switch {
	case !isSize:
		return createRequest{}, provider.Unsent("This image size is not supported: give width and height, or an aspect ratio between 1:4 and 4:1.", "size")
	case params.Quality != "" && params.Quality != "standard":
		return createRequest{}, provider.Unsent("This model has no quality levels.", "quality")
	case params.Background == "transparent":
		return createRequest{}, provider.Unsent("This model makes no transparent backgrounds.", "background")
	case !slices.Contains(formats, params.OutputFormat):
		return createRequest{}, provider.Unsent("This output format is not supported; allowed: jpeg, png, webp.", "output_format")
	}
	body := createRequest{
		Prompt: call.Prompt, Width: width, Height: height, Seed: params.Seed, OutputFormat: params.OutputFormat,
	}
	if err := body.attach(call); err != nil {
		return createRequest{}, err
	}
	if call.Webhook != nil {
		body.WebhookURL, body.WebhookSecret = call.Webhook.URL, call.Webhook.Secret
	}
	return body, nil
}
