package sample

import "darkroom/shared/provider"

// createRequest is the body of POST /v1/images.
type createRequest struct {
	Model        string `json:"model"`
	Prompt       string `json:"prompt"`
	Width        int    `json:"width,omitempty"`
	Height       int    `json:"height,omitempty"`
	Format       string `json:"format,omitempty"`
	Reference    string `json:"reference,omitempty"` // the marker, to find a lost submit by
	NotifyURL    string `json:"notify_url,omitempty"`
	NotifySecret string `json:"notify_secret,omitempty"`
}

// image is the answer to every call that succeeds, and the body of a webhook.
type image struct {
	ID     string  `json:"id"`
	State  string  `json:"state"`
	Reason string  `json:"reason"` // of the state refused
	URL    string  `json:"url"`
	Cents  float64 `json:"cents"`
}

const microUSDPerCent = 10_000

func (i image) usage() provider.Usage {
	if i.Cents > 0 && i.Cents < 1e6 {
		return provider.Usage{CostMicroUSD: int64(i.Cents * microUSDPerCent)}
	}
	return provider.Usage{}
}

// refusal is an error body. Its text is left unread: it may repeat the prompt.
type refusal struct {
	Code  string `json:"code"`
	Field string `json:"field"`
}

// takes is what the model takes besides a prompt.
var takes = provider.Takes{Pixels: true, Formats: []string{"png", "jpeg"}}

// translate makes the body of a create call. The error is an *provider.Error of class Rejected: the caller offered something that
// the model does not have.
func translate(call provider.Call) (createRequest, error) {
	taken, err := takes.Check(call)
	if err != nil {
		return createRequest{}, err
	}
	body := createRequest{
		Model: call.Model, Prompt: call.Prompt, Width: taken.Width, Height: taken.Height, Format: call.Params.OutputFormat, Reference: call.Marker,
	}
	if call.Webhook != nil {
		body.NotifyURL, body.NotifySecret = call.Webhook.URL, call.Webhook.Secret
	}
	return body, nil
}
