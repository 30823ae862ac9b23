package bfl

import (
	"encoding/json"

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

// mostImages is how many input images a model takes. One without a line is offered as many as any takes, and what it does not take is for the API to refuse.
var mostImages = map[string]int{
	"flux-2-pro":              8,
	"flux-2-pro-preview":      8,
	"flux-2-max":              8,
	"flux-2-flex":             8,
	"flux-2-klein-9b":         4,
	"flux-2-klein-9b-preview": 4,
	"flux-2-klein-4b":         4,
}

// takes is what a model takes besides a prompt.
func takes(model string) provider.Takes {
	most, known := mostImages[model]
	if !known {
		most = 8
	}
	return provider.Takes{Pixels: true, Formats: []string{"jpeg", "png", "webp"}, Seed: true, Images: most}
}

// translate makes the body of a create call. The error is an *provider.Error of class Rejected: the caller offered something
// that these models do not have.
func translate(call provider.Call) (createRequest, error) {
	taken, err := takes(call.Model).Check(call)
	if err != nil {
		return createRequest{}, err
	}
	body := createRequest{
		Prompt: call.Prompt, Width: taken.Width, Height: taken.Height, Seed: call.Params.Seed, OutputFormat: call.Params.OutputFormat,
	}
	if err := body.attach(taken.Images); err != nil {
		return createRequest{}, err
	}
	if call.Webhook != nil {
		body.WebhookURL, body.WebhookSecret = call.Webhook.URL, call.Webhook.Secret
	}
	return body, nil
}
