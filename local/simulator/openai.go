package simulator

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// openai plays OpenAI Images: POST /openai/v1/images/generations, and edits beside it, answer with the image itself, in base64. The vendor's moderation
// endpoint stands beside them.
type openai struct{ *Simulator }

// openaiFields are the fields of the call. size, quality and complexity depend on the model and are checked after it is known.
var openaiFields = []field{
	{name: "prompt", kind: text, required: true, limits: &span{1, 32_000}},
	{name: "model", kind: text, required: true},
	{name: "n", kind: whole, limits: &span{1, 10}},
	{name: "size", kind: text},
	{name: "quality", kind: text},
	{name: "background", kind: text, words: []string{"transparent", "opaque", "auto"}},
	{name: "output_format", kind: text, words: formats},
	{name: "output_compression", kind: whole, limits: &span{0, 100}},
	{name: "moderation", kind: text, words: []string{"auto", "low"}},
	{name: "complexity", kind: text, words: []string{"low", "medium", "high"}},
	{name: "safety_identifier", kind: text, limits: &span{1, 64}},
	{name: "user", kind: text},
}

func (o *openai) name() string  { return "openai" }
func (o *openai) hasJobs() bool { return false }
func (o *openai) models() []string {
	return names(openaiModels, func(m openaiModel) string { return m.name })
}

func (o *openai) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /openai/v1/images/generations", func(w http.ResponseWriter, r *http.Request) { o.create(w, r, false) })
	mux.HandleFunc("POST /openai/v1/images/edits", func(w http.ResponseWriter, r *http.Request) { o.create(w, r, true) })
	mux.HandleFunc("POST /openai/v1/moderations", o.moderate)
	mux.HandleFunc("/openai/", func(w http.ResponseWriter, r *http.Request) {
		message := fmt.Sprintf("Invalid URL (%s %s)", r.Method, strings.TrimPrefix(r.URL.Path, "/openai"))
		writeJSON(w, http.StatusNotFound, openaiError(message, "invalid_request_error", "", ""))
	})
}

// openaiFailure is OpenAI's error body. Param and Code are null when they do not apply.
type openaiFailure struct {
	Error struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	} `json:"error"`
}

func openaiError(message, kind, param, code string) openaiFailure {
	var f openaiFailure
	f.Error.Message, f.Error.Type = message, kind
	if param != "" {
		f.Error.Param = &param
	}
	if code != "" {
		f.Error.Code = &code
	}
	return f
}

func (o *openai) refuse(r refusal) (int, any) {
	switch r.why {
	case wrongKey:
		return http.StatusUnauthorized, openaiError("Incorrect API key provided.", "invalid_request_error", "", "invalid_api_key")
	case noAccess:
		return http.StatusForbidden, openaiError("You do not have access to this model.", "invalid_request_error", "", "model_access_denied")
	case retired:
		return http.StatusNotFound, openaiError("The model does not exist or you do not have access to it.", "invalid_request_error", "model", "model_not_found")
	case noBalance: // OpenAI says it with 429
		return http.StatusTooManyRequests, openaiError("You exceeded your current quota, please check your plan and billing details.", "insufficient_quota", "", "insufficient_quota")
	case tooMany:
		return http.StatusTooManyRequests, openaiError(fmt.Sprintf("Rate limit reached for images. Please try again in %ds.", r.wait), "images", "", "rate_limit_exceeded")
	case badDirective:
		return http.StatusBadRequest, openaiError(r.detail, "invalid_request_error", "prompt", "unknown_directive")
	default:
		return http.StatusInternalServerError, openaiError("The server had an error while processing your request. Sorry about that!", "server_error", "", "")
	}
}

// openaiCodes names rules as OpenAI does.
var openaiCodes = map[rule]string{
	ruleMissing:  "missing_required_parameter",
	ruleUnknown:  "unknown_parameter",
	ruleType:     "invalid_type",
	ruleTooLow:   "integer_below_min_value",
	ruleTooHigh:  "integer_above_max_value",
	ruleTooShort: "empty_string",
	ruleTooLong:  "string_above_max_length",
	ruleWord:     "invalid_value",
	ruleValue:    "invalid_value",
}

func openaiInvalid(p problem) openaiFailure {
	message := fmt.Sprintf("Invalid '%s': %s.", p.field, p.message)
	switch p.rule {
	case ruleUnknown:
		message = p.message
	case ruleMissing:
		message = fmt.Sprintf("Missing required parameter: '%s'.", p.field)
	}
	return openaiError(message, "invalid_request_error", p.field, openaiCodes[p.rule])
}

// create answers POST /openai/v1/images/generations, and /edits, which takes images as well.
func (o *openai) create(w http.ResponseWriter, r *http.Request, edits bool) {
	request := "req_" + strings.ToLower(rand.Text())
	w.Header().Set("x-request-id", request)
	v := o.calls.begin(Call{Provider: o.name(), Operation: Submit})
	if !o.acceptsBearer(o.name(), r) {
		v.refuse(w, o, refusal{why: wrongKey})
		return
	}
	var images openaiSentImages
	body, err := readObject(r)
	if err == nil && edits {
		images, err = takeImages(body)
	}
	if err != nil {
		v.json(w, http.StatusBadRequest, openaiError("We could not parse the JSON body of your request: "+err.Error()+".", "invalid_request_error", "", ""))
		return
	}
	sent, problems := checkFields(body, openaiFields)
	prompt, modelName := sent.text("prompt", ""), sent.text("model", "")
	v.about(prompt)
	v.note(func(c *Call) { c.Model = modelName })
	if len(problems) > 0 {
		v.json(w, http.StatusBadRequest, openaiInvalid(problems[0]))
		return
	}
	at := slices.IndexFunc(openaiModels, func(m openaiModel) bool { return m.name == modelName })
	if at < 0 {
		v.json(w, http.StatusNotFound, openaiError(fmt.Sprintf("The model '%s' does not exist or you do not have access to it.", modelName), "invalid_request_error", "model", "model_not_found"))
		return
	}
	pic, quality, wrong := openaiModels[at].picture(sent)
	if wrong != nil {
		v.json(w, http.StatusBadRequest, openaiInvalid(*wrong))
		return
	}
	var inputs openaiInputs
	if edits {
		var failure *openaiFailure
		if inputs, failure = o.open(r, images); failure != nil {
			v.json(w, http.StatusBadRequest, *failure)
			return
		}
	}
	words, understood := o.understand(w, o, v, modelName, prompt)
	if !understood {
		return
	}
	pic.Prompt, pic.Inputs = words, inputs.insets
	v.asks(pic)
	if o.beforeAcceptance(w, o, v) {
		return
	}
	o.answer(w, r, v, sent, pic, quality, request, inputs.tokens)
}
