package simulator

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// sample plays a provider that does not exist, with as little protocol as a driver with every ability needs. It is the pattern for
// the next provider, and proves docs/adding-a-provider.md; only Options.Sample turns it on.
//
// POST /sample/v1/images makes an image, GET …/<id> asks about it, PUT …/<id>/stop stops it, GET
// /sample/v1/images?reference= finds it again, and a signed webhook tells its end when the call asked for one.
type sample struct{ *Simulator }

// sampleCents is the price of an image in US cents.
const sampleCents = 2

var sampleModels = []string{"sample-1"}

var sampleFields = []field{
	{name: "model", kind: text, required: true, words: sampleModels},
	{name: "prompt", kind: text, required: true},
	{name: "width", kind: whole, limits: &span{64, 2048}},
	{name: "height", kind: whole, limits: &span{64, 2048}},
	{name: "format", kind: text, words: []string{"png", "jpeg"}},
	{name: "reference", kind: text, limits: &span{0, 200}},
	{name: "notify_url", kind: text},
	{name: "notify_secret", kind: text},
}

func (p sample) name() string     { return "sample" }
func (p sample) models() []string { return sampleModels }
func (p sample) hasJobs() bool    { return true }

func (p sample) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /sample/v1/images", p.create)
	mux.HandleFunc("GET /sample/v1/images", p.find)
	mux.HandleFunc("GET /sample/v1/images/{id}", p.about(Poll, p.poll))
	mux.HandleFunc("PUT /sample/v1/images/{id}/stop", p.about(Cancel, p.stop))
}

// sampleError is the body of every refusal.
type sampleError struct {
	Code  string `json:"code"`
	Field string `json:"field,omitempty"`
	Text  string `json:"text,omitempty"`
}

var sampleUnknown = sampleError{Code: "unknown_image"}

var sampleRefusals = map[reason]struct {
	status int
	code   string
}{
	wrongKey:     {http.StatusUnauthorized, "wrong_key"},
	noBalance:    {http.StatusPaymentRequired, "no_balance"},
	noAccess:     {http.StatusForbidden, "no_access"},
	retired:      {http.StatusNotFound, "unknown_model"},
	tooMany:      {http.StatusTooManyRequests, "too_many"},
	broken:       {http.StatusInternalServerError, "broken"},
	badDirective: {http.StatusBadRequest, "bad_prompt"},
}

func (p sample) refuse(r refusal) (int, any) {
	as := sampleRefusals[r.why]
	return as.status, sampleError{Code: as.code, Text: r.detail}
}

// create answers POST /sample/v1/images.
func (p sample) create(w http.ResponseWriter, r *http.Request) {
	v := p.calls.begin(Call{Provider: p.name(), Operation: Submit})
	if !p.acceptsBearer(p.name(), r) {
		v.refuse(w, p, refusal{why: wrongKey})
		return
	}
	sent, problems, err := readFields(r, sampleFields)
	if err != nil {
		v.json(w, http.StatusBadRequest, sampleError{Code: "not_json"})
		return
	}
	prompt, notify := sent.text("prompt", ""), sent.text("notify_url", "")
	v.about(prompt)
	if notify != "" && checkWebhookURL(notify) != nil {
		problems = append(problems, problem{field: "notify_url", rule: ruleValue})
	}
	if len(problems) > 0 {
		v.json(w, http.StatusUnprocessableEntity, sampleError{Code: "bad_field", Field: problems[0].field, Text: problems[0].message})
		return
	}
	words, understood := p.understand(w, p, v, sent.text("model", ""), prompt)
	if !understood {
		return
	}
	if p.beforeAcceptance(w, p, v) {
		return
	}
	// The reference ends the id, so that nothing more has to be kept to find the job by it.
	j := &job{
		id:       strings.ToLower(rand.Text()) + "." + hex.EncodeToString(sampleReference(sent.text("reference", ""))),
		provider: p.name(), model: sent.text("model", ""), prompt: prompt, base: p.baseURL(r), cost: sampleCents,
		picture: picture{
			Provider: p.name(), Model: sent.text("model", ""), Prompt: words, Quality: 90, Format: format(sent.text("format", "png")),
			Width: int(sent.whole("width", 512)), Height: int(sent.whole("height", 512)),
		},
	}
	if notify != "" {
		j.webhook = &hook{url: notify, secret: sent.text("notify_secret", ""), body: p.event, sign: p.sign}
	}
	p.accept(v, j)
	if !p.loseAnswer(w, r, v) {
		v.json(w, http.StatusCreated, p.show(j, pending))
	}
}

func sampleReference(marker string) []byte {
	sum := sha256.Sum256([]byte(marker))
	return sum[:8]
}

// sampleImage is how an image stands: the answer to every call that succeeds, and the body of the webhook.
type sampleImage struct {
	ID     string `json:"id"`
	State  string `json:"state"`            // working, done, refused, failed, stopped
	Reason string `json:"reason,omitempty"` // of refused: prompt, image
	URL    string `json:"url,omitempty"`
	Cents  int    `json:"cents"`
}

var sampleStates = map[outcome]sampleImage{
	pending:       {State: "working"},
	ready:         {State: "done"},
	readyEmpty:    {State: "done"},
	inputRefused:  {State: "refused", Reason: "prompt"},
	outputRefused: {State: "refused", Reason: "image"},
	failed:        {State: "failed"},
	canceled:      {State: "stopped"},
}

func (p sample) show(j *job, stands outcome) sampleImage {
	shown := sampleStates[stands]
	shown.ID, shown.Cents = j.id, sampleCents
	if stands == ready {
		shown.URL = p.resultLink(j)
	}
	return shown
}

// about finds the image that a call is about, and answers without it.
func (p sample) about(operation Operation, answer func(http.ResponseWriter, *job, *visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		j, known := p.jobs.get(r.PathValue("id"))
		known = known && j.provider == p.name()
		call := Call{Provider: p.name(), Operation: operation, Job: r.PathValue("id")}
		if known {
			call.Model, call.Prompt = j.model, j.prompt
		}
		v := p.calls.begin(call)
		switch {
		case !p.acceptsBearer(p.name(), r):
			v.refuse(w, p, refusal{why: wrongKey})
		case !known:
			v.json(w, http.StatusNotFound, sampleUnknown)
		default:
			v.plan = j.plan
			answer(w, j, v)
		}
	}
}

func (p sample) poll(w http.ResponseWriter, j *job, v *visit) {
	switch {
	case v.struck("poll_error"):
		v.refuse(w, p, refusal{why: broken})
	case v.struck("not_found"):
		v.json(w, http.StatusNotFound, sampleUnknown)
	default:
		v.json(w, http.StatusOK, p.show(j, j.report(v)))
	}
}

// stop ends an image that is still worked on; one that has ended stays as it is.
func (p sample) stop(w http.ResponseWriter, j *job, v *visit) {
	j.cancel(p.opts.Now().UTC(), canceled)
	v.json(w, http.StatusOK, sampleImage{ID: j.id, State: "stopped", Cents: sampleCents})
}

// find answers GET /sample/v1/images?reference=&since=, newest first.
func (p sample) find(w http.ResponseWriter, r *http.Request) {
	v := p.calls.begin(Call{Provider: p.name(), Operation: Lookup})
	if !p.acceptsBearer(p.name(), r) {
		v.refuse(w, p, refusal{why: wrongKey})
		return
	}
	query := r.URL.Query()
	since, err := time.Parse(time.RFC3339, query.Get("since"))
	if err != nil || query.Get("reference") == "" {
		v.json(w, http.StatusBadRequest, sampleError{Code: "bad_field", Field: "since"})
		return
	}
	ending, found := "."+hex.EncodeToString(sampleReference(query.Get("reference"))), []sampleImage{}
	for _, j := range p.jobs.list(Filter{Provider: p.name()}) {
		if strings.HasSuffix(j.ID, ending) && !j.Created.Before(since) {
			found = append(found, sampleImage{ID: j.ID, Cents: sampleCents, State: "working"})
		}
	}
	if len(found) > 0 {
		if newest, kept := p.jobs.get(found[0].ID); kept {
			v.plan = newest.plan
		}
	}
	v.json(w, http.StatusOK, map[string][]sampleImage{"images": found})
}

func (p sample) event(j *job, end outcome) []byte {
	body, err := json.Marshal(p.show(j, end))
	if err != nil { // texts and numbers
		panic(fmt.Sprintf("simulator: a webhook cannot be written as JSON: %v", err))
	}
	return body
}

// sign signs "<seconds>.<body>" with the secret of the call.
func (p sample) sign(secret string, body []byte) http.Header {
	stamp := strconv.FormatInt(p.opts.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	header := http.Header{}
	header.Set("Sample-Webhook-Time", stamp)
	header.Set("Sample-Webhook-Signature", hex.EncodeToString(mac.Sum(nil)))
	return header
}
