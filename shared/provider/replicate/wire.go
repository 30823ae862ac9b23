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
	webhook string  // where its end is announced; an echo of the create call, in the vendor's clients though not in its schema
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
		webhook: provider.TextField(fields, "webhook"),
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
var formats = map[string]string{"": "", "jpeg": "jpg", "png": "png", "webp": "webp"}

// translate makes the body of a create call. The error is an *provider.Error: Rejected when the caller offered something that the model does not have, Down for a model that is not known
// here, which a new deployment has to change.
func translate(call provider.Call) (createRequest, error) {
	takes, known := models[call.Model]
	params := call.Params
	format, isFormat := formats[params.OutputFormat]
	switch {
	case !known:
		return createRequest{}, provider.MeansDown.Error(errors.New("not sent: a model that is not in the table"))
	case params.Quality != "" && params.Quality != "standard":
		return createRequest{}, provider.Unsent("This model has no quality levels.", "quality")
	case params.Background == "transparent":
		return createRequest{}, provider.Unsent("This model makes no transparent backgrounds.", "background")
	case !isFormat:
		return createRequest{}, provider.Unsent("This output format is not supported; allowed: jpeg, png, webp.", "output_format")
	}
	images, err := takes.inputImages(call)
	if err != nil {
		return createRequest{}, err
	}
	in := input{Prompt: call.Prompt, Seed: params.Seed, OutputFormat: format}
	if takes.plainImages {
		in.Images = images
	} else {
		in.InputImages = images
	}
	if !takes.shape(params, &in) {
		return createRequest{}, provider.Unsent("This image size is not supported by this model.", "size")
	}
	body := createRequest{Input: in}
	if call.Webhook != nil {
		// The end is all that is waited for, and the only event that is repeated until it is taken.
		body.Webhook, body.WebhookEventsFilter = call.Webhook.URL, []string{"completed"}
	}
	return body, nil
}
