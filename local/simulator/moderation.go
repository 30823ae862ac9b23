package simulator

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// moderationKeys names, in Options.Keys, the keys that may call the moderation endpoint and nothing else.
const moderationKeys = "openai/moderations"

const moderationModel = "omni-moderation-latest"

var moderationModels = []string{moderationModel, "omni-moderation-2024-09-26"}

// moderationCategories are those of the vendor, and whether images are looked at for them as well as texts.
var moderationCategories = map[string]bool{
	"harassment": false, "harassment/threatening": false, "hate": false, "hate/threatening": false, "illicit": false, "illicit/violent": false,
	"self-harm": true, "self-harm/instructions": true, "self-harm/intent": true, "sexual": true, "sexual/minors": false, "violence": true, "violence/graphic": true,
}

// moderationCall is the body of POST /openai/v1/moderations.
type moderationCall struct {
	Model string          `json:"model"`
	Input json.RawMessage `json:"input"`
}

// moderationPart is one of several inputs: of type text or image_url.
type moderationPart struct {
	Type     string      `json:"type"`
	Text     string      `json:"text"`
	ImageURL openaiLinks `json:"image_url"`
}

type openaiLinks struct {
	URL string `json:"url"`
}

// moderationAnswer is the body of a success.
type moderationAnswer struct {
	ID      string             `json:"id"`
	Model   string             `json:"model"`
	Results []moderationResult `json:"results"`
}

type moderationResult struct {
	Flagged    bool                `json:"flagged"`
	Categories map[string]bool     `json:"categories"`
	Scores     map[string]float64  `json:"category_scores"`
	Applied    map[string][]string `json:"category_applied_input_types"`
}

// moderate answers POST /openai/v1/moderations. It flags a text whose directive says so, and an image in a frame.
func (o *openai) moderate(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("x-request-id", "req_"+strings.ToLower(rand.Text()))
	v := o.calls.begin(Call{Provider: o.name(), Operation: Moderate})
	if !o.acceptsBearer(o.name(), r) && !o.acceptsBearer(moderationKeys, r) {
		v.refuse(w, o, refusal{why: wrongKey})
		return
	}
	call, texts, images, failure := readModeration(r)
	v.about(strings.Join(texts, "\n"))
	v.note(func(c *Call) {
		c.Model = call.Model
		for range images {
			c.Inputs = append(c.Inputs, "image")
		}
	})
	if failure != nil {
		v.json(w, http.StatusBadRequest, *failure)
		return
	}
	v.plan = o.orders.screening(strings.Join(texts, "\n"))
	if o.screenDown(w, r, v) {
		return
	}
	text, picture := looked{present: len(texts) > 0, harmful: v.plan.has("screen_input")}, looked{present: len(images) > 0}
	if text.harmful {
		v.suffered("screen_input")
	}
	for _, link := range images {
		in, err := o.openReference(r, openaiImage{ImageURL: &link}, "image")
		if err != nil {
			v.json(w, http.StatusBadRequest, openaiError("Invalid 'input': "+err.Error()+".", "invalid_request_error", "input", "invalid_image"))
			return
		}
		v.brought(in.inset)
		if framed(in.small) {
			picture.harmful = true
			v.suffered("screen_output")
		}
	}
	result := judge(text, picture)
	v.note(func(c *Call) { c.Flagged = &result.Flagged })
	v.json(w, http.StatusOK, moderationAnswer{
		ID: "modr-" + strings.ToLower(rand.Text()), Model: call.Model, Results: []moderationResult{result},
	})
}

// readModeration reads a body: a text, or texts and at most one image. (Lists of plain texts, which the API judges one by one, are not played.)
func readModeration(r *http.Request) (call moderationCall, texts, images []string, failure *openaiFailure) {
	wrong := func(message, param, code string) (moderationCall, []string, []string, *openaiFailure) {
		failure := openaiError(message, "invalid_request_error", param, code)
		return call, texts, images, &failure
	}
	raw, err := readBody(r)
	if err != nil || json.Unmarshal(raw, &call) != nil {
		return wrong("We could not parse the JSON body of your request.", "", "")
	}
	if call.Model == "" {
		call.Model = moderationModel
	}
	if !slices.Contains(moderationModels, call.Model) {
		return wrong(fmt.Sprintf("The model '%s' does not exist or you do not have access to it.", call.Model), "model", "model_not_found")
	}
	var one string
	var parts []moderationPart
	if json.Unmarshal(call.Input, &one) == nil {
		parts = []moderationPart{{Type: "text", Text: one}}
	} else if json.Unmarshal(call.Input, &parts) != nil || len(parts) == 0 {
		return wrong("Invalid 'input': it should be a text or a list of text and image_url objects.", "input", "invalid_type")
	}
	for i, part := range parts {
		switch {
		case part.Type == "text" && part.Text != "":
			texts = append(texts, part.Text)
		case part.Type == "image_url" && part.ImageURL.URL != "":
			images = append(images, part.ImageURL.URL)
		default:
			return wrong(fmt.Sprintf("Invalid 'input[%d]': it should be of type text or image_url, and hold that.", i), "input", "invalid_value")
		}
	}
	if len(images) > 1 {
		return wrong(fmt.Sprintf("Number of images (%d) exceeds maximum of 1", len(images)), "input", "too_many_images")
	}
	return call, texts, images, nil
}

// screenDown applies the fault that keeps the endpoint from answering. It is true when it did.
func (o *openai) screenDown(w http.ResponseWriter, r *http.Request, v *visit) bool {
	if !v.struck("screen_down") {
		return false
	}
	outage, _ := v.plan.get("screen_down")
	switch outage.word {
	case "401":
		v.refuse(w, o, refusal{why: wrongKey})
	case "429":
		w.Header().Set("Retry-After", "1")
		v.refuse(w, o, refusal{why: tooMany, wait: 1})
	case "500":
		v.refuse(w, o, refusal{why: broken})
	case "hang":
		o.sleep(r.Context(), o.opts.HangLimit)
		cut(w)
	default:
		cut(w)
	}
	return true
}

// looked is what was found of one kind of content.
type looked struct {
	present bool
	harmful bool
}

// judge makes the result for one content.
func judge(text, picture looked) moderationResult {
	made := moderationResult{Flagged: text.harmful || picture.harmful, Categories: map[string]bool{}, Scores: map[string]float64{}, Applied: map[string][]string{}}
	for name, ofImages := range moderationCategories {
		harmful := name == "violence" && made.Flagged || name == "illicit/violent" && text.harmful || name == "violence/graphic" && picture.harmful
		made.Categories[name], made.Scores[name], made.Applied[name] = harmful, 0.0001, []string{}
		if harmful {
			made.Scores[name] = 0.97
		}
		if text.present {
			made.Applied[name] = append(made.Applied[name], "text")
		}
		if picture.present && ofImages {
			made.Applied[name] = append(made.Applied[name], "image")
		}
	}
	return made
}
