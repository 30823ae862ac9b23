package simulator

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// gemini plays Google's Gemini API: POST /gemini/v1beta/models/<model>:generateContent answers with the image itself, in base64.
type gemini struct{ *Simulator }

// geminiModel says what a model takes and what it is billed by.
type geminiModel struct {
	name   string
	tokens map[string]int // of one image, by its size; a size that is not here is refused
	narrow bool           // without the ratios 1:4, 4:1, 1:8 and 8:1
	thinks bool           // shows its thoughts, a sketch among them, before the image
}

// geminiModels are the published token counts; of 2.1 and Lite in part the simulator's own, where the vendor publishes none.
var geminiModels = []geminiModel{
	{name: "gemini-3.1-flash-image", tokens: map[string]int{"512": 747, "1K": 1120, "2K": 1680, "4K": 2520}},
	{name: "gemini-nano-banana-2.1", tokens: map[string]int{"1K": 1120, "2K": 1680, "4K": 2520}},
	{name: "gemini-3.1-flash-lite-image", tokens: map[string]int{"1K": 1120}},
	{name: "gemini-3-pro-image", tokens: map[string]int{"1K": 1120, "2K": 1120, "4K": 2000}, narrow: true, thinks: true},
}

func (g *gemini) name() string  { return "gemini" }
func (g *gemini) hasJobs() bool { return false }
func (g *gemini) models() []string {
	return names(geminiModels, func(m geminiModel) string { return m.name })
}

func (g *gemini) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /gemini/v1beta/models/{call}", func(w http.ResponseWriter, r *http.Request) {
		model, is := strings.CutSuffix(r.PathValue("call"), ":generateContent")
		if !is {
			writeJSON(w, http.StatusNotFound, geminiError(http.StatusNotFound, "NOT_FOUND", "The method was not found."))
			return
		}
		g.generate(withoutRetryAfter{w}, r, model)
	})
	mux.HandleFunc("/gemini/", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusNotFound, geminiError(http.StatusNotFound, "NOT_FOUND", "The requested URL was not found on this server."))
	})
}

// withoutRetryAfter keeps that header out of answers: Google says it in the body.
type withoutRetryAfter struct{ http.ResponseWriter }

func (w withoutRetryAfter) WriteHeader(status int) {
	w.Header().Del("Retry-After")
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w withoutRetryAfter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// geminiFailure is Google's error body. The details are google.rpc messages of different kinds.
type geminiFailure struct {
	Error struct {
		Code    int            `json:"code"`
		Message string         `json:"message"`
		Status  string         `json:"status"`
		Details []googleDetail `json:"details,omitempty"`
	} `json:"error"`
}

// googleDetail is a google.rpc message as JSON.
type googleDetail = map[string]any

func geminiError(code int, status, message string, details ...googleDetail) geminiFailure {
	var f geminiFailure
	f.Error.Code, f.Error.Message, f.Error.Status, f.Error.Details = code, message, status, details
	return f
}

// googleRPC makes a detail: a message of the type with one field.
func googleRPC(kind, field string, value any) googleDetail {
	return googleDetail{"@type": "type.googleapis.com/google.rpc." + kind, field: value}
}

func (g *gemini) refuse(r refusal) (int, any) {
	switch r.why {
	case wrongKey: // Google says it with 400
		reason := googleRPC("ErrorInfo", "reason", "API_KEY_INVALID")
		reason["domain"], reason["metadata"] = "googleapis.com", googleDetail{"service": "generativelanguage.googleapis.com"}
		return http.StatusBadRequest, geminiError(http.StatusBadRequest, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", reason)
	case noAccess:
		return http.StatusForbidden, geminiError(http.StatusForbidden, "PERMISSION_DENIED", "Your API key does not have the required permissions.")
	case retired:
		return http.StatusNotFound, geminiError(http.StatusNotFound, "NOT_FOUND", "This model is no longer available.")
	case noBalance: // with 400 too
		return http.StatusBadRequest, geminiError(http.StatusBadRequest, "FAILED_PRECONDITION", "This model is not available without billing. Please enable billing on your project.")
	case tooMany:
		return http.StatusTooManyRequests, geminiError(http.StatusTooManyRequests, "RESOURCE_EXHAUSTED",
			fmt.Sprintf("You exceeded your current quota, please check your plan and billing details. Please retry in %ds.", r.wait),
			googleRPC("QuotaFailure", "violations", []googleDetail{{
				"quotaMetric": "generativelanguage.googleapis.com/generate_requests_per_model",
				"quotaId":     "GenerateRequestsPerMinutePerProjectPerModel",
			}}),
			googleRPC("RetryInfo", "retryDelay", fmt.Sprintf("%ds", r.wait)))
	case badDirective:
		return http.StatusBadRequest, geminiInvalid("contents", r.detail)
	default:
		return http.StatusInternalServerError, geminiError(http.StatusInternalServerError, "INTERNAL", "An internal error has occurred. Please retry.")
	}
}

// geminiInvalid is the refusal of a call that is not as documented. The field may be empty.
func geminiInvalid(field, message string) geminiFailure {
	if field == "" {
		return geminiError(http.StatusBadRequest, "INVALID_ARGUMENT", message)
	}
	violation := googleDetail{"field": field, "description": message}
	return geminiError(http.StatusBadRequest, "INVALID_ARGUMENT", message, googleRPC("BadRequest", "fieldViolations", []googleDetail{violation}))
}

// generate answers POST /gemini/v1beta/models/<model>:generateContent.
func (g *gemini) generate(w http.ResponseWriter, r *http.Request, modelName string) {
	v := g.calls.begin(Call{Provider: g.name(), Model: modelName, Operation: Submit})
	key := r.Header.Get("x-goog-api-key")
	if key == "" {
		v.json(w, http.StatusForbidden, geminiError(http.StatusForbidden, "PERMISSION_DENIED", "Method doesn't allow unregistered callers. Please use an API key to call this API."))
		return
	}
	if !g.accepts(g.name(), key) {
		v.refuse(w, g, refusal{why: wrongKey})
		return
	}
	at := slices.IndexFunc(geminiModels, func(m geminiModel) bool { return m.name == modelName })
	if at < 0 {
		v.json(w, http.StatusNotFound, geminiError(http.StatusNotFound, "NOT_FOUND", fmt.Sprintf("models/%s is not found for API version v1beta, or is not supported for generateContent.", modelName)))
		return
	}
	sent, failure := readGemini(r)
	if failure != nil {
		v.json(w, http.StatusBadRequest, failure)
		return
	}
	prompt := sent.prompt()
	v.about(prompt)
	pic, failure := g.picture(r, geminiModels[at], sent)
	if failure != nil {
		v.json(w, http.StatusBadRequest, failure)
		return
	}
	words, understood := g.understand(w, g, v, modelName, prompt)
	if !understood {
		return
	}
	pic.Prompt = words
	v.asks(pic)
	if g.beforeAcceptance(w, g, v) {
		return
	}
	g.answer(w, r, v, geminiWork{model: geminiModels[at], sent: sent, picture: pic, id: rand.Text()})
}
