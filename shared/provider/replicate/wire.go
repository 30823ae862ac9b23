package replicate

import (
	"encoding/json"
	"errors"

	"darkroom/shared/provider"
)

// createRequest is the body of POST /v1/models/<owner>/<name>/predictions. A field that is not listed there is refused.
type createRequest struct {
	Input               input    `json:"input"`
	Webhook             string   `json:"webhook,omitempty"`
	WebhookEventsFilter []string `json:"webhook_events_filter,omitempty"`
}

// input is what the model sees. Which of the fields it takes is in the table of models.
type input struct {
	Prompt           string   `json:"prompt"`
	InputImages      []string `json:"input_images,omitempty"`
	Images           []string `json:"images,omitempty"`
	AspectRatio      string   `json:"aspect_ratio,omitempty"`
	Width            int      `json:"width,omitempty"`
	Height           int      `json:"height,omitempty"`
	OutputMegapixels string   `json:"output_megapixels,omitempty"`
	Seed             *int64   `json:"seed,omitempty"`
	OutputFormat     string   `json:"output_format,omitempty"`
}

func (in input) images() int { return len(in.InputImages) + len(in.Images) }

// predictionAnswer bounds a prediction in bytes. It repeats the input, images inside the call included.
const predictionAnswer = 8 << 20

// prediction is what Replicate says about a job, in answers and in webhooks alike.
type prediction struct {
	id      string
	status  string
	output  string  // the first link; empty: none
	failure string  // free text, for telling classes apart and for nothing else
	removed bool    // an hour after its end, what it took and made is gone
	seconds float64 // of work, once it has ended
}

// readPrediction reads a prediction. Names count as they are spelt: a webhook's body is believed.
func readPrediction(body []byte) (prediction, error) {
	fields, err := provider.ReadObject(body)
	if err != nil {
		return prediction{}, err
	}
	var metrics struct {
		PredictTime float64 `json:"predict_time"`
	}
	json.Unmarshal(fields["metrics"], &metrics) //nolint:errcheck // for cost reports only: a report counts without it
	return prediction{
		id:      provider.TextField(fields, "id"),
		status:  provider.TextField(fields, "status"),
		output:  firstLink(fields["output"]),
		failure: provider.TextField(fields, "error"),
		removed: string(fields["data_removed"]) == "true",
		seconds: metrics.PredictTime,
	}, nil
}

// firstLink reads an output: a link or a list of them, by model.
func firstLink(output json.RawMessage) string {
	var link string
	if json.Unmarshal(output, &link) == nil {
		return link
	}
	var links []string
	if json.Unmarshal(output, &links) == nil && len(links) > 0 {
		return links[0]
	}
	return ""
}

// formats are our words for the output formats, and Replicate's.
var formats = map[string]string{"jpeg": "jpg", "png": "png", "webp": "webp"}

// maxInline bounds the images inside a call, in bytes of all together. They come back in the webhook, in base64, and a function
// takes no more than 6 MB.
const maxInline = 3 << 20

// translate makes the body of a create call. The error is an *provider.Error: Rejected when the caller offered something that the model does not have, Down for a model that is not known
// here, which a new deployment has to change.
func translate(call provider.Call) (createRequest, error) {
	model, known := models[call.Model]
	if !known {
		return createRequest{}, provider.MeansDown.Error(errors.New("not sent: a model that is not in the table"))
	}
	takes := provider.Takes{Formats: []string{"jpeg", "png", "webp"}, Seed: true, Images: model.mostImages, Inline: maxInline}
	taken, err := takes.Check(call)
	if err != nil {
		return createRequest{}, err
	}
	in := input{Prompt: call.Prompt, Seed: call.Params.Seed, OutputFormat: formats[call.Params.OutputFormat], InputImages: provider.Links(taken.Images)}
	if model.plainImages {
		in.Images, in.InputImages = in.InputImages, nil
	}
	if !model.shape(call.Params, &in) {
		return createRequest{}, provider.Unsent("This image size is not supported by this model.", "size")
	}
	body := createRequest{Input: in}
	if call.Webhook != nil {
		// The end is all that is waited for, and the only event that is repeated until it is taken.
		body.Webhook, body.WebhookEventsFilter = call.Webhook.URL, []string{"completed"}
	}
	return body, nil
}
