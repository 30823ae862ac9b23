package gemini

import (
	"fmt"
	"slices"

	"darkroom/shared/provider"
)

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

// What goes inline. The request may have 20 MB with its base64, which makes four bytes of three.
const (
	maxInputs     = 14
	maxInputBytes = 14 << 20
)

// translate makes the body of a call. The error is an *provider.Error of class Rejected: the caller offered something that
// these models do not have.
func translate(call provider.Call) (generateRequest, error) {
	params := call.Params
	switch {
	case params.Seed != nil:
		return generateRequest{}, provider.Unsent("This model takes no seed.", "seed")
	case params.Quality != "" && params.Quality != "standard":
		return generateRequest{}, provider.Unsent("This model has no quality levels.", "quality")
	case params.Background == "transparent":
		return generateRequest{}, provider.Unsent("This model makes no transparent backgrounds.", "background")
	case params.OutputFormat != "" && params.OutputFormat != "png":
		return generateRequest{}, provider.Unsent("This model has no choice of the output format.", "output_format")
	}
	config, err := modelNamed(call.Model).shape(params)
	if err != nil {
		return generateRequest{}, err
	}
	images, err := inline(call.Mode, call.Inputs)
	if err != nil {
		return generateRequest{}, err
	}
	return generateRequest{
		Contents:         []content{{Role: "user", Parts: append([]part{{Text: call.Prompt}}, images...)}},
		GenerationConfig: generationConfig{ResponseModalities: []string{"IMAGE"}, ImageConfig: config},
	}, nil
}

// inline makes parts of the inputs, the source first: a model takes the first image for the one to change.
func inline(mode string, inputs []provider.Input) ([]part, error) {
	var sources, references []part
	total := 0
	for _, input := range inputs {
		mime := provider.ImageType(input.Data)
		switch {
		case len(input.Data) == 0:
			return nil, provider.Unsent("An input image could not be passed on.", "an input without data")
		case !slices.Contains(provider.InputTypes, mime): // by its bytes: what was said about it is a promise only
			return nil, provider.Unsent("An input image is not a PNG, JPEG or WebP.", "an input of type "+provider.CodeWord(mime))
		case input.Role == provider.SourceImage:
			sources = append(sources, part{InlineData: &blob{mime, input.Data}})
		case input.Role == provider.ReferenceImage:
			references = append(references, part{InlineData: &blob{mime, input.Data}})
		default:
			return nil, provider.Unsent("This model takes no masks.", "an input as "+provider.CodeWord(input.Role))
		}
		total += len(input.Data)
	}
	fits := map[string]bool{
		provider.Text:      len(inputs) == 0,
		provider.Edit:      len(sources) == 1,
		provider.Reference: len(sources) == 0 && len(references) > 0,
	}
	switch {
	case !fits[mode]:
		return nil, provider.Unsent("The input images do not fit the mode.", fmt.Sprintf("mode %s with %d sources and %d references", provider.CodeWord(mode), len(sources), len(references)))
	case len(inputs) > maxInputs:
		return nil, provider.Unsent(fmt.Sprintf("This model takes at most %d input images.", maxInputs), "inputs")
	case total > maxInputBytes:
		return nil, provider.Unsent(fmt.Sprintf("The input images are too large together; allowed: %d MB.", maxInputBytes>>20), "size of the inputs")
	}
	return append(sources, references...), nil
}
