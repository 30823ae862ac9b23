package simulator

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// replicate plays Replicate: POST /replicate/v1/models/<owner>/<name>/predictions makes a prediction, GET and POST …/cancel under
// /replicate/v1/predictions/<id> ask about it and stop it, GET /replicate/v1/predictions lists them, and a webhook with a
// Standard Webhooks signature tells the end when the call asked for one.
//
// Stricter than the original in one thing: a field that a model does not have is refused instead of ignored, so that a driver
// that sends it is found out. Of the webhook's events only the last, completed, is ever sent.
type replicate struct {
	*Simulator

	mu  sync.Mutex
	all *bounded[*prediction] // by id
}

func newReplicate(s *Simulator) *replicate {
	return &replicate{Simulator: s, all: newBounded[*prediction](s.opts.Keep)}
}

func (p *replicate) name() string  { return "replicate" }
func (p *replicate) hasJobs() bool { return true }
func (p *replicate) models() []string {
	return names(replicateModels, func(m replicateModel) string { return m.name })
}

func (p *replicate) routes(mux *http.ServeMux) {
	for _, model := range replicateModels {
		mux.HandleFunc("POST /replicate/v1/models/"+model.name+"/predictions", func(w http.ResponseWriter, r *http.Request) { p.create(w, r, model) })
	}
	mux.HandleFunc("GET /replicate/v1/predictions", p.listPredictions)
	mux.HandleFunc("GET /replicate/v1/predictions/{id}", p.getPrediction)
	mux.HandleFunc("POST /replicate/v1/predictions/{id}/cancel", p.cancelPrediction)
	mux.HandleFunc("GET /replicate/v1/webhooks/default/secret", p.tellSecret)
	mux.HandleFunc("/replicate/", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusNotFound, replicateNotFound)
	})
}

// replicateError is Replicate's error body.
type replicateError struct {
	Title         string             `json:"title,omitempty"`
	Detail        string             `json:"detail"`
	Status        int                `json:"status"`
	InvalidFields []replicateProblem `json:"invalid_fields,omitempty"`
}

type replicateProblem struct {
	Type        string `json:"type"`
	Field       string `json:"field"`
	Description string `json:"description"`
}

var replicateNotFound = replicateError{Title: "Not found", Detail: "The requested resource could not be found.", Status: http.StatusNotFound}

func (p *replicate) refuse(r refusal) (int, any) {
	var body replicateError
	switch r.why {
	case wrongKey:
		body = replicateError{Title: "Unauthenticated", Detail: "You did not pass a valid authentication token.", Status: http.StatusUnauthorized}
	case noAccess:
		body = replicateError{Title: "Forbidden", Detail: "You do not have permission to perform this action.", Status: http.StatusForbidden}
	case retired:
		body = replicateNotFound
	case noBalance:
		body = replicateError{Title: "Insufficient credit", Detail: "You have insufficient credit to run this model.", Status: http.StatusPaymentRequired}
	case tooMany:
		body = replicateError{Detail: fmt.Sprintf("Request was throttled. Your rate limit resets in ~%ds.", r.wait), Status: http.StatusTooManyRequests}
	case badDirective:
		return http.StatusUnprocessableEntity, replicateInvalid(problem{"prompt", ruleValue, text, r.detail})
	default:
		body = replicateError{Title: "Internal server error", Detail: "An error occurred.", Status: http.StatusInternalServerError}
	}
	return body.Status, body
}

// replicateRules names rules as the validator of Replicate does.
var replicateRules = map[rule]string{
	ruleMissing:  "required",
	ruleUnknown:  "additional_property_not_allowed",
	ruleType:     "invalid_type",
	ruleTooLow:   "number_gte",
	ruleTooHigh:  "number_lte",
	ruleTooShort: "string_gte",
	ruleTooLong:  "string_lte",
	ruleWord:     "enum",
	ruleValue:    "value",
}

// replicateInvalid is the answer to a call whose input is wrong.
func replicateInvalid(problems ...problem) replicateError {
	body := replicateError{Title: "Input validation failed", Status: http.StatusUnprocessableEntity}
	for _, found := range problems {
		field := "input." + found.field
		body.Detail += fmt.Sprintf("- %s: %s\n", field, found.message)
		body.InvalidFields = append(body.InvalidFields, replicateProblem{replicateRules[found.rule], field, found.message})
	}
	return body
}

// create answers POST /replicate/v1/models/<owner>/<name>/predictions.
func (p *replicate) create(w http.ResponseWriter, r *http.Request, model replicateModel) {
	v := p.calls.begin(Call{Provider: p.name(), Model: model.name, Operation: Submit})
	if !p.acceptsBearer(p.name(), r) {
		v.refuse(w, p, refusal{why: wrongKey})
		return
	}
	sent, wrong := p.read(r, model)
	v.about(sent.values.text("prompt", ""))
	if wrong != nil {
		v.json(w, wrong.Status, wrong)
		return
	}
	words, understood := p.understand(w, p, v, model.name, sent.values.text("prompt", ""))
	if !understood {
		return
	}
	made := p.prediction(r, model, sent, words)
	v.asks(made.picture)
	if p.beforeAcceptance(w, p, v) {
		return
	}
	made.starts = time.Now().Add(p.delayOf(v.plan) / 2)
	p.mu.Lock()
	p.all.put(made.id, made)
	p.mu.Unlock()
	p.accept(v, made.job)
	p.stopAt(made, sent.cancelAfter)
	p.tellEarly(r, v, made.job)
	status, stands := http.StatusCreated, pending
	if sent.wait > 0 {
		if p.await(r, made, sent.wait) {
			stands = made.report(v)
		} else {
			status = http.StatusAccepted
		}
	}
	if !p.loseAnswer(w, r, v) {
		v.json(w, status, p.show(made, stands))
	}
}

// prediction makes the job of a call.
func (p *replicate) prediction(r *http.Request, model replicateModel, sent replicateCall, words string) *prediction {
	width, height := model.size(sent)
	made := &prediction{
		input: sent.input, webhook: sent.webhook, events: sent.events, list: model.list,
		job: &job{
			id: strings.ToLower(rand.Text()), provider: p.name(), model: model.name, prompt: sent.values.text("prompt", ""), base: p.baseURL(r),
			cost: model.run + model.megapixel*(megapixelsBegun(width, height)+float64(len(sent.images))),
			picture: picture{
				Provider: p.name(), Model: model.name, Prompt: words, Width: width, Height: height,
				Seed:   sent.values.whole("seed", randomSeed()),
				Format: replicateFormat(sent.values.text("output_format", model.format)), Quality: 92,
			},
		},
	}
	if sent.cancelAfter > 0 {
		made.deadline = p.opts.Now().UTC().Add(sent.cancelAfter)
	}
	for _, in := range sent.images {
		made.picture.Inputs = append(made.picture.Inputs, in.inset)
	}
	if made.webhook != "" && (made.events == nil || slices.Contains(made.events, "completed")) {
		made.job.webhook = &hook{url: made.webhook, secret: ReplicateWebhookSecret, body: p.event(made), sign: p.signature("msg_" + rand.Text())}
	}
	return made
}

// delayOf is how long a job with these faults takes.
func (p *replicate) delayOf(faults plan) time.Duration {
	if delay, ordered := faults.milliseconds("delay"); ordered {
		return delay
	}
	return p.opts.Delay
}

// replicateFormat is our word for one of Replicate's.
func replicateFormat(word string) format {
	if word == "jpg" {
		return formatJPEG
	}
	return format(word)
}

// await waits until a prediction has ended and its webhook was tried once; false when that takes too long.
func (p *replicate) await(r *http.Request, made *prediction, longest time.Duration) bool {
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case <-made.told:
		return true
	case <-timer.C:
	case <-r.Context().Done():
	case <-p.ctx.Done():
	}
	return false
}

// tellSecret answers GET /replicate/v1/webhooks/default/secret.
func (p *replicate) tellSecret(w http.ResponseWriter, r *http.Request) {
	if !p.acceptsBearer(p.name(), r) {
		status, body := p.refuse(refusal{why: wrongKey})
		writeJSON(w, status, body)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"key": ReplicateWebhookSecret})
}

// prediction is a job with what only Replicate keeps of it.
type prediction struct {
	*job
	input    json.RawMessage // as sent
	webhook  string
	events   []string
	list     bool      // the output is a list of links
	starts   time.Time // until then it waits for a machine
	deadline time.Time // zero: none
}

func (made *prediction) runs() bool { return !time.Now().Before(made.starts) }

// known finds a prediction that was accepted.
func (p *replicate) known(id string) (*prediction, bool) {
	if _, accepted := p.jobs.get(id); !accepted {
		return nil, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all.get(id)
}
