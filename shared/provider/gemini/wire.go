package gemini

import "darkroom/shared/provider"

// generateRequest is the body of POST /v1beta/models/<model>:generateContent. The API has no number of images, no mask, no
// output format and no seed that it keeps to.
type generateRequest struct {
	Contents         []content        `json:"contents"`
	GenerationConfig generationConfig `json:"generationConfig"`
}

// content is one turn of a conversation: ours is the only one sent, the model's the only one answered.
type content struct {
	Role  string `json:"role,omitempty"`
	Parts []part `json:"parts"`
}

// part is a text or an image. encoding/json turns base64 into bytes and back.
type part struct {
	Text       string `json:"text,omitempty"`
	InlineData *blob  `json:"inlineData,omitempty"`
	Thought    bool   `json:"thought,omitempty"` // of an answer: on the way to the result, not the result
}

type blob struct {
	MimeType string `json:"mimeType"`
	Data     []byte `json:"data"`
}

type generationConfig struct {
	ResponseModalities []string     `json:"responseModalities"`
	ImageConfig        *imageConfig `json:"imageConfig,omitempty"`
}

type imageConfig struct {
	AspectRatio string `json:"aspectRatio,omitempty"`
	ImageSize   string `json:"imageSize,omitempty"`
}

// generated is the answer. Words such as the finish reason are plain strings: new ones come without notice.
type generated struct {
	PromptFeedback struct {
		BlockReason string `json:"blockReason"`
	} `json:"promptFeedback"`
	Candidates []struct {
		Content      content `json:"content"`
		FinishReason string  `json:"finishReason"`
	} `json:"candidates"`
	UsageMetadata usage `json:"usageMetadata"`
}

// takes is what the models take besides a prompt. Inputs go inline: the request may have 20 MB with its base64, which makes four bytes of three.
var takes = provider.Takes{Formats: []string{"png"}, Images: 14, Inline: 14 << 20}

// translate makes the body of a call. The error is an *provider.Error of class Rejected: the caller offered something that
// these models do not have.
func translate(call provider.Call) (generateRequest, error) {
	images, err := inline(call)
	if err != nil {
		return generateRequest{}, err
	}
	config, err := modelNamed(call.Model).shape(call.Params)
	if err != nil {
		return generateRequest{}, err
	}
	return generateRequest{
		Contents:         []content{{Role: "user", Parts: append([]part{{Text: call.Prompt}}, images...)}},
		GenerationConfig: generationConfig{ResponseModalities: []string{"IMAGE"}, ImageConfig: config},
	}, nil
}
