package simulator

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
)

// bfl plays Black Forest Labs: POST /bfl/v1/<endpoint> makes a job, GET /bfl/v1/get_result?id= tells how it stands, and a
// webhook tells its end when the call asked for one.
//
// Stricter than the original in one thing: a field that an endpoint does not have is refused instead of ignored, so that a
// driver that sends it is found out.
type bfl struct{ *Simulator }

func (b *bfl) name() string  { return "bfl" }
func (b *bfl) hasJobs() bool { return true }
func (b *bfl) models() []string {
	return names(bflEndpoints, func(e bflEndpoint) string { return e.name })
}

func (b *bfl) routes(mux *http.ServeMux) {
	for _, endpoint := range bflEndpoints {
		mux.HandleFunc("POST /bfl/v1/"+endpoint.name, func(w http.ResponseWriter, r *http.Request) { b.submit(w, r, endpoint) })
	}
	mux.HandleFunc("GET /bfl/v1/get_result", b.poll)
	mux.HandleFunc("/bfl/", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusNotFound, bflError{Detail: "Not Found"})
	})
}

// bflError is BFL's error body. Detail is a text or a list of bflProblem.
type bflError struct {
	Detail     any `json:"detail"`
	RetryAfter int `json:"retry_after,omitempty"`
}

type bflProblem struct {
	Loc  []string `json:"loc"`
	Msg  string   `json:"msg"`
	Type string   `json:"type"`
}

func (b *bfl) refuse(r refusal) (int, any) {
	switch r.why {
	case wrongKey, noAccess:
		return http.StatusForbidden, bflError{Detail: "Not authenticated"}
	case retired:
		return http.StatusNotFound, bflError{Detail: "Not Found"}
	case noBalance:
		return http.StatusPaymentRequired, bflError{Detail: "Insufficient credits"}
	case tooMany:
		return http.StatusTooManyRequests, bflError{Detail: "Rate limit exceeded", RetryAfter: r.wait}
	case badDirective:
		return http.StatusBadRequest, bflError{Detail: "prompt: " + r.detail}
	default:
		return http.StatusInternalServerError, bflError{Detail: "Internal Server Error"}
	}
}

// bflRules names rules as BFL's validator does; types of fields are named apart.
var bflRules = map[rule]string{
	ruleMissing:  "missing",
	ruleUnknown:  "extra_forbidden",
	ruleTooLow:   "greater_than_equal",
	ruleTooHigh:  "less_than_equal",
	ruleTooShort: "string_too_short",
	ruleTooLong:  "string_too_long",
	ruleWord:     "enum",
	ruleValue:    "value_error",
}

var bflTypes = map[kind]string{text: "string_type", whole: "int_type", decimal: "float_type", yesNo: "bool_type"}

func bflInvalid(where string, problems ...problem) bflError {
	list := []bflProblem{}
	for _, p := range problems {
		named := bflRules[p.rule]
		if p.rule == ruleType {
			named = bflTypes[p.kind]
		}
		list = append(list, bflProblem{Loc: []string{where, p.field}, Msg: p.message, Type: named})
	}
	return bflError{Detail: list}
}

// bflSubmitted is the answer to a create call: with a polling_url, or with the webhook it will call instead.
type bflSubmitted struct {
	ID         string  `json:"id"`
	Status     string  `json:"status,omitempty"`
	PollingURL string  `json:"polling_url,omitempty"`
	WebhookURL string  `json:"webhook_url,omitempty"`
	Cost       float64 `json:"cost"`
	InputMP    float64 `json:"input_mp"`
	OutputMP   float64 `json:"output_mp"`
}

// submit answers POST /bfl/v1/<endpoint>.
func (b *bfl) submit(w http.ResponseWriter, r *http.Request, endpoint bflEndpoint) {
	v := b.calls.begin(Call{Provider: b.name(), Model: endpoint.name, Operation: Submit})
	if !b.accepts(b.name(), r.Header.Get("x-key")) {
		v.refuse(w, b, refusal{why: wrongKey})
		return
	}
	sent, problems, err := readFields(r, endpoint.fields())
	if err != nil {
		v.json(w, http.StatusUnprocessableEntity, bflError{Detail: []bflProblem{{[]string{"body"}, err.Error(), "json_invalid"}}})
		return
	}
	prompt := sent.text("prompt", "")
	v.about(prompt)
	problems = append(problems, bflSizeProblems(sent)...)
	if hookURL := sent.text("webhook_url", ""); hookURL != "" {
		if err := checkWebhookURL(hookURL); err != nil {
			b.opts.Log.Error("webhook_url refused", "provider", b.name(), "reason", err)
			problems = append(problems, problem{"webhook_url", ruleValue, text, err.Error()})
		}
	}
	inputs, inputMP, inputProblems := b.inputs(r, endpoint, sent)
	if problems = append(problems, inputProblems...); len(problems) > 0 {
		v.json(w, http.StatusUnprocessableEntity, bflInvalid("body", problems...))
		return
	}
	words, understood := b.understand(w, b, v, endpoint.name, prompt)
	if !understood {
		return
	}
	width, height := bflSize(sent)
	pic := picture{
		Provider: b.name(), Model: endpoint.name, Prompt: words, Width: width, Height: height,
		Seed:   sent.whole("seed", randomSeed()),
		Format: format(sent.text("output_format", "jpeg")), Quality: 92, Inputs: inputs,
	}
	v.asks(pic)
	if b.beforeAcceptance(w, b, v) {
		return
	}

	outputMP := megapixels(width, height)
	j := &job{
		id: newUUID(), provider: b.name(), model: endpoint.name, prompt: prompt, base: b.baseURL(r),
		cost: endpoint.first + endpoint.each*(math.Ceil(outputMP)-1+math.Ceil(inputMP)), picture: pic,
	}
	answer := bflSubmitted{ID: j.id, Cost: j.cost, InputMP: hundredths(inputMP), OutputMP: hundredths(outputMP)}
	if hookURL := sent.text("webhook_url", ""); hookURL != "" {
		j.webhook = &hook{url: hookURL, secret: sent.text("webhook_secret", ""), body: b.event, sign: bflSignature}
		answer.Status, answer.WebhookURL = "Pending", hookURL
	} else {
		answer.PollingURL = fmt.Sprintf("%s/bfl/v1/get_result?id=%s", j.base, j.id)
	}
	b.accept(v, j)
	b.tellEarly(r, v, j)
	if !b.loseAnswer(w, r, v) {
		v.json(w, http.StatusOK, answer)
	}
}

// newUUID makes a random id in the form BFL's have.
func newUUID() string {
	var id [16]byte
	rand.Read(id[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	text := hex.EncodeToString(id[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
