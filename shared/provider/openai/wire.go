package openai

import (
	"strconv"

	"darkroom/shared/provider"
)

// createRequest is the body of POST /images/generations and, with images, of /images/edits in its JSON form. The answer is in
// base64 whatever is asked for.
type createRequest struct {
	Model            string `json:"model"` // the default differs between versions of the API
	Prompt           string `json:"prompt"`
	N                int    `json:"n"`
	Size             string `json:"size,omitempty"`
	Quality          string `json:"quality,omitempty"`
	Background       string `json:"background,omitempty"`
	OutputFormat     string `json:"output_format,omitempty"`
	SafetyIdentifier string `json:"safety_identifier,omitempty"`

	Images []imageRef `json:"images,omitempty"`
	Mask   *imageRef  `json:"mask,omitempty"`
}

// path is where the body goes.
func (body createRequest) path() string {
	if len(body.Images) > 0 {
		return "/v1/images/edits"
	}
	return "/v1/images/generations"
}

// images is the answer. encoding/json reads base64 into bytes; the copy is three quarters of the text, which the caller drops.
type images struct {
	Data []struct {
		B64JSON []byte `json:"b64_json"`
	} `json:"data"`
	Usage usage `json:"usage"`
}

type usage struct {
	InputTokens        int64   `json:"input_tokens"`
	OutputTokens       int64   `json:"output_tokens"`
	InputTokensDetails details `json:"input_tokens_details"`
}

type details struct {
	TextTokens  int64 `json:"text_tokens"`
	ImageTokens int64 `json:"image_tokens"`
}

// refusal is an error body. Its message is left unread: it may repeat the prompt.
type refusal struct {
	Error struct {
		Type  string `json:"type"`
		Param string `json:"param"`
		Code  string `json:"code"`
	} `json:"error"`
}

// maxEndUser is the longest safety_identifier.
const maxEndUser = 64

// takes is what the models take besides a prompt. Which levels, backgrounds and formats a model has is for the API to say.
var takes = provider.Takes{Pixels: true, Qualities: true, Transparent: true, Images: 16, Mask: true}

// translate makes the body of a call. The error is an *provider.Error of class Rejected: the caller offered something that
// these models do not have.
func translate(call provider.Call) (createRequest, error) {
	params := call.Params
	taken, err := takes.Check(call)
	if err != nil {
		return createRequest{}, err
	}
	body := createRequest{
		Model: call.Model, Prompt: call.Prompt, N: 1,
		Quality: params.Quality, Background: params.Background, OutputFormat: params.OutputFormat,
	}
	if taken.Width > 0 {
		body.Size = strconv.Itoa(taken.Width) + "x" + strconv.Itoa(taken.Height)
	}
	if len(call.EndUser) <= maxEndUser { // a cut pseudonym would be another one
		body.SafetyIdentifier = call.EndUser
	}
	if err := body.attach(taken); err != nil {
		return createRequest{}, err
	}
	return body, nil
}
