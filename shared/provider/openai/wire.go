package openai

import (
	"bytes"
	"fmt"
	"strconv"

	"darkroom/shared/provider"
)

// generateRequest is the body of POST /images/generations. The answer is in base64 whatever is asked for.
type generateRequest struct {
	Model            string `json:"model"` // the default differs between versions of the API
	Prompt           string `json:"prompt"`
	N                int    `json:"n"`
	Size             string `json:"size,omitempty"`
	Quality          string `json:"quality,omitempty"`
	Background       string `json:"background,omitempty"`
	OutputFormat     string `json:"output_format,omitempty"`
	SafetyIdentifier string `json:"safety_identifier,omitempty"`
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

// translate makes the body of a call. The error is an *provider.Error of class Rejected: the caller offered something that
// these models do not have.
func translate(call provider.Call) (generateRequest, error) {
	params := call.Params
	width, height, isSize := params.Size()
	switch {
	case call.Mode != provider.Text || len(call.Inputs) > 0:
		return generateRequest{}, refuse("This model makes images from text only.", "mode "+provider.CodeWord(call.Mode))
	case params.Seed != nil:
		return generateRequest{}, refuse("This model takes no seed.", "seed")
	case !isSize:
		return generateRequest{}, refuse("This image size is not supported: give width and height, or an aspect ratio between 1:4 and 4:1.", "size")
	}
	body := generateRequest{
		Model: call.Model, Prompt: call.Prompt, N: 1,
		Quality: params.Quality, Background: params.Background, OutputFormat: params.OutputFormat,
	}
	if width > 0 {
		body.Size = strconv.Itoa(width) + "x" + strconv.Itoa(height)
	}
	if len(call.EndUser) <= maxEndUser { // a cut pseudonym would be another one
		body.SafetyIdentifier = call.EndUser
	}
	return body, nil
}

func refuse(message, what string) error {
	return &provider.Error{Class: provider.Rejected, Message: message, Err: fmt.Errorf("not sent: %s", what)}
}

// contentType is the type by the bytes themselves: the stated format is a promise only.
func contentType(image []byte) string {
	switch {
	case bytes.HasPrefix(image, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	case bytes.HasPrefix(image, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	case len(image) >= 12 && string(image[:4]) == "RIFF" && string(image[8:12]) == "WEBP":
		return "image/webp"
	}
	return "application/octet-stream"
}
