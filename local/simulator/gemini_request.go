package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
)

// geminiRequest is the body of the call, with the fields that images need. Names are taken in camel case only.
type geminiRequest struct {
	Contents []struct {
		Role  string       `json:"role"`
		Parts []geminiPart `json:"parts"`
	} `json:"contents"`
	GenerationConfig struct {
		ResponseModalities []string `json:"responseModalities"`
		ImageConfig        struct {
			AspectRatio string `json:"aspectRatio"`
			ImageSize   string `json:"imageSize"`
		} `json:"imageConfig"`
	} `json:"generationConfig"`
	SafetySettings []struct {
		Category  string `json:"category"`
		Threshold string `json:"threshold"`
	} `json:"safetySettings"`
}

// geminiPart is a text or an image, of a request or of an answer.
type geminiPart struct {
	Text             string      `json:"text,omitempty"`
	InlineData       *geminiBlob `json:"inlineData,omitempty"`
	Thought          bool        `json:"thought,omitempty"`
	ThoughtSignature string      `json:"thoughtSignature,omitempty"`
}

type geminiBlob struct {
	MimeType string `json:"mimeType"`
	Data     string `json:"data"` // base64
}

// What a call may hold.
const (
	geminiMaxBody   = 20 << 20
	geminiMaxImages = 14
)

// readGemini reads the body. A failure says that it is not the JSON expected.
func readGemini(r *http.Request) (geminiRequest, *geminiFailure) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, geminiMaxBody+1))
	if err != nil || len(raw) > geminiMaxBody {
		return geminiRequest{}, wrongGemini("", "Request payload size exceeds the limit: %d bytes.", geminiMaxBody)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	var sent geminiRequest
	if err := decoder.Decode(&sent); err != nil {
		if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
			return geminiRequest{}, wrongGemini(strings.Trim(name, `"`), "Invalid JSON payload received. Unknown name %s: Cannot find field.", name)
		}
		return geminiRequest{}, wrongGemini("", "Invalid JSON payload received.")
	}
	return sent, nil
}

func wrongGemini(field, message string, args ...any) *geminiFailure {
	failure := geminiInvalid(field, fmt.Sprintf(message, args...))
	return &failure
}

func (sent geminiRequest) parts() (all []geminiPart) {
	for _, turn := range sent.Contents {
		all = append(all, turn.Parts...)
	}
	return all
}

// prompt is every text, a line each.
func (sent geminiRequest) prompt() string {
	var texts []string
	for _, p := range sent.parts() {
		if p.Text != "" {
			texts = append(texts, p.Text)
		}
	}
	return strings.Join(texts, "\n")
}

// wants says whether the answer may hold text or images. Without a choice both come.
func (sent geminiRequest) wants(modality string) bool {
	asked := sent.GenerationConfig.ResponseModalities
	return len(asked) == 0 || slices.Contains(asked, modality)
}

var (
	geminiCategories = []string{"HARM_CATEGORY_HARASSMENT", "HARM_CATEGORY_HATE_SPEECH", "HARM_CATEGORY_SEXUALLY_EXPLICIT", "HARM_CATEGORY_DANGEROUS_CONTENT", "HARM_CATEGORY_CIVIC_INTEGRITY"}
	geminiThresholds = []string{"BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_ONLY_HIGH", "BLOCK_NONE", "OFF"}
	geminiInputTypes = []string{"image/png", "image/jpeg", "image/webp"}
)

// picture checks a call against what the model takes and says what to draw, without the words.
func (g *gemini) picture(r *http.Request, m geminiModel, sent geminiRequest) (picture, *geminiFailure) {
	for _, turn := range sent.Contents {
		if !slices.Contains([]string{"", "user", "model"}, turn.Role) {
			return picture{}, wrongGemini("contents.role", "Please use a valid role: user, model.")
		}
	}
	for _, modality := range sent.GenerationConfig.ResponseModalities {
		if modality != "TEXT" && modality != "IMAGE" {
			return picture{}, wrongGemini("generation_config.response_modalities", "Invalid value at 'generation_config.response_modalities': %q.", modality)
		}
	}
	for _, safety := range sent.SafetySettings {
		if !slices.Contains(geminiCategories, safety.Category) || !slices.Contains(geminiThresholds, safety.Threshold) {
			return picture{}, wrongGemini("safety_settings", "Invalid value at 'safety_settings': %q %q.", safety.Category, safety.Threshold)
		}
	}
	switch {
	case len(sent.parts()) == 0:
		return picture{}, wrongGemini("contents", "* GenerateContentRequest.contents: contents is not specified")
	case sent.prompt() == "":
		return picture{}, wrongGemini("contents", "A text is needed.")
	case !sent.wants("IMAGE"):
		return picture{}, wrongGemini("generation_config.response_modalities", "The requested combination of response modalities (TEXT) is not supported by the model.")
	}
	inputs, first, failure := g.inputs(r, sent)
	if failure != nil {
		return picture{}, failure
	}
	config := sent.GenerationConfig.ImageConfig
	width, height, failure := m.size(config.AspectRatio, config.ImageSize, first)
	if failure != nil {
		return picture{}, failure
	}
	return picture{
		Provider: g.name(), Model: m.name, Width: width, Height: height, Format: formatPNG, Seed: randomSeed(), Inputs: inputs,
	}, nil
}

// inputs reads the images sent along, and the size of the first; zero when there is none. The API does not know a source from
// a reference.
func (g *gemini) inputs(r *http.Request, sent geminiRequest) (insets []inset, first image.Config, _ *geminiFailure) {
	for _, p := range sent.parts() {
		if p.InlineData == nil {
			continue
		}
		if len(insets) == geminiMaxImages {
			return nil, first, wrongGemini("contents", "At most %d input images are allowed.", geminiMaxImages)
		}
		in, failure := g.openInline(r, *p.InlineData, fmt.Sprintf("input %d", len(insets)+1))
		if failure != nil {
			return nil, first, failure
		}
		if insets = append(insets, in.inset); len(insets) == 1 {
			first = in.Config
		}
	}
	return insets, first, nil
}

// openInline reads one image out of the call. The API follows no addresses.
func (g *gemini) openInline(r *http.Request, blob geminiBlob, label string) (input, *geminiFailure) {
	if !slices.Contains(geminiInputTypes, blob.MimeType) {
		return input{}, wrongGemini("contents", "Unsupported MIME type: %q.", blob.MimeType)
	}
	in, err := input{}, errNotBase64
	if !strings.Contains(blob.Data, ":") {
		in, err = g.openInput(r.Context(), blob.Data, label)
	}
	if err != nil {
		return input{}, wrongGemini("contents", "Unable to process input image: %v.", err)
	}
	return in, nil
}

var errNotBase64 = errors.New("inline data should be an image in base64")

// geminiSides are the documented widths and heights of size 1K; the other sizes are halves and multiples of them.
var geminiSides = map[string]image.Point{
	"1:1": {X: 1024, Y: 1024}, "2:3": {X: 848, Y: 1264}, "3:2": {X: 1264, Y: 848}, "3:4": {X: 896, Y: 1200}, "4:3": {X: 1200, Y: 896},
	"4:5": {X: 928, Y: 1152}, "5:4": {X: 1152, Y: 928}, "9:16": {X: 768, Y: 1376}, "16:9": {X: 1376, Y: 768}, "21:9": {X: 1584, Y: 672},
	"1:4": {X: 512, Y: 2048}, "4:1": {X: 2048, Y: 512}, "1:8": {X: 384, Y: 3072}, "8:1": {X: 3072, Y: 384},
}

var geminiNarrowLacks = []string{"1:4", "4:1", "1:8", "8:1"}

// size is what an aspect ratio and an image size mean. Without a ratio the image takes after the first input, or is square.
func (m geminiModel) size(ratio, size string, first image.Config) (width, height int, _ *geminiFailure) {
	if ratio == "" {
		ratio = m.like(first)
	}
	if size == "" {
		size = "1K"
	}
	sides, known := geminiSides[ratio]
	if !known || !m.has(ratio) {
		return 0, 0, wrongGemini("generation_config.image_config.aspect_ratio", "aspect_ratio %q is not supported by the model.", ratio)
	}
	if _, offered := m.tokens[size]; !offered {
		return 0, 0, wrongGemini("generation_config.image_config.image_size", "image_size %q is not supported by the model.", size)
	}
	doubled := map[string]int{"512": 1, "1K": 2, "2K": 4, "4K": 8}[size]
	return sides.X * doubled / 2, sides.Y * doubled / 2, nil
}

func (m geminiModel) has(ratio string) bool {
	return !m.narrow || !slices.Contains(geminiNarrowLacks, ratio)
}

// like is the model's ratio nearest to an image's.
func (m geminiModel) like(first image.Config) string {
	if first.Width == 0 {
		return "1:1"
	}
	far := func(ratio string) float64 {
		sides := geminiSides[ratio]
		return math.Abs(math.Log(float64(first.Width) * float64(sides.Y) / float64(first.Height) / float64(sides.X)))
	}
	nearest := "1:1"
	for _, ratio := range slices.Sorted(maps.Keys(geminiSides)) {
		if m.has(ratio) && far(ratio) < far(nearest) {
			nearest = ratio
		}
	}
	return nearest
}
