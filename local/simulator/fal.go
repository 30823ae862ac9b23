package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// fal plays fal: its queue under /fal/queue, the platform's list of requests under /fal/api and the public half of the key
// that signs webhooks under /fal/rest.
//
// Stricter than the original in one thing: a field that an endpoint does not have is refused instead of ignored, so that a
// driver that sends it is found out.
type fal struct {
	*Simulator
	signer falSigner

	mu       sync.Mutex
	requests *bounded[*falRequest]
}

func newFal(s *Simulator) *fal {
	return &fal{Simulator: s, signer: newFalSigner(), requests: newBounded[*falRequest](s.opts.Keep)}
}

// falRequest is a job with what only fal keeps of it.
type falRequest struct {
	*job
	endpoint falEndpoint
	input    map[string]any // as the list of requests shows it
	problems []problem      // found by the model when it looked at the input
	units    float64        // what a result is billed by

	mu    sync.Mutex
	asked int     // how often its status was asked; the first finds it in the queue, so that a client sees that as well
	told  outcome // what the last final status said, so that the result says the same; empty: none yet
}

func (f *fal) name() string  { return "fal" }
func (f *fal) hasJobs() bool { return true }
func (f *fal) models() []string {
	return names(falEndpoints, func(e falEndpoint) string { return e.path })
}

func (f *fal) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /fal/queue/{endpoint...}", f.submit)
	mux.HandleFunc("GET /fal/queue/{owner}/{app}/requests/{id}/status", f.status)
	mux.HandleFunc("GET /fal/queue/{owner}/{app}/requests/{id}", f.result)
	mux.HandleFunc("PUT /fal/queue/{owner}/{app}/requests/{id}/cancel", f.stop)
	mux.HandleFunc("GET /fal/api/v1/models/requests/by-endpoint", f.listRequests)
	mux.HandleFunc("GET /fal/rest/.well-known/jwks.json", f.signer.serveKeys)
	mux.HandleFunc("/fal/", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusNotFound, falError{Detail: fmt.Sprintf("Path %s not found", strings.TrimPrefix(r.URL.Path, "/fal"))})
	})
}

// falError is the queue's error body. Detail is a text or a list of falProblem.
type falError struct {
	Detail any    `json:"detail"`
	Type   string `json:"error_type,omitempty"`
}

func (f *fal) refuse(r refusal) (int, any) {
	switch r.why {
	case wrongKey:
		return http.StatusUnauthorized, falError{Detail: "Cannot access application. Authentication is required to access this application."}
	case noAccess:
		return http.StatusForbidden, falError{Detail: "You do not have access to this application."}
	case retired:
		return http.StatusNotFound, falError{Detail: "Application not found"}
	case noBalance:
		return http.StatusPaymentRequired, falError{Detail: "User is locked. Reason: Exhausted balance."}
	case tooMany:
		return http.StatusTooManyRequests, falError{Detail: fmt.Sprintf("Too many concurrent requests, try again in %d s", r.wait)}
	case badDirective:
		return http.StatusUnprocessableEntity, falInvalid(problem{"prompt", ruleValue, text, r.detail})
	default:
		return http.StatusInternalServerError, falError{Detail: "Internal Server Error"}
	}
}

// allows checks the key of a call and refuses a wrong one.
func (f *fal) allows(w http.ResponseWriter, r *http.Request, v *visit) bool {
	key, named := strings.CutPrefix(r.Header.Get("Authorization"), "Key ")
	if named && f.accepts(f.name(), key) {
		return true
	}
	v.refuse(w, f, refusal{why: wrongKey})
	return false
}

// falSubmitted is the answer to a submit.
type falSubmitted struct {
	Status         string `json:"status"`
	RequestID      string `json:"request_id"`
	GatewayRequest string `json:"gateway_request_id"`
	ResponseURL    string `json:"response_url"`
	StatusURL      string `json:"status_url"`
	CancelURL      string `json:"cancel_url"`
	QueuePosition  int    `json:"queue_position"`
}

// submit answers POST /fal/queue/<endpoint>?fal_webhook=. The queue does not look at the input: what the model does not take
// becomes a job that fails.
func (f *fal) submit(w http.ResponseWriter, r *http.Request) {
	path, id := r.PathValue("endpoint"), newUUID()
	w.Header().Set("X-Fal-Request-Id", id)
	v := f.calls.begin(Call{Provider: f.name(), Model: path, Operation: Submit})
	if !f.allows(w, r, v) {
		return
	}
	endpoint, known := falEndpointAt(path)
	if !known {
		v.json(w, http.StatusNotFound, falError{Detail: fmt.Sprintf("Application %q not found", path)})
		return
	}
	sent, err := f.readInput(r, endpoint)
	if err != nil {
		v.json(w, http.StatusUnprocessableEntity, falError{Detail: err.Error()})
		return
	}
	v.about(sent.prompt)
	hookURL := r.URL.Query().Get("fal_webhook")
	if hookURL != "" {
		if err := checkWebhookURL(hookURL); err != nil {
			f.opts.Log.Error("fal_webhook refused", "provider", f.name(), "reason", err)
			v.json(w, http.StatusBadRequest, falError{Detail: "fal_webhook " + err.Error()})
			return
		}
	}
	words, understood := f.understand(w, f, v, endpoint.path, sent.prompt)
	if !understood {
		return
	}
	sent.picture.Provider, sent.picture.Model, sent.picture.Prompt = f.name(), endpoint.path, words
	v.asks(sent.picture)
	if f.beforeAcceptance(w, f, v) {
		return
	}

	j := &job{
		id: id, provider: f.name(), model: endpoint.path, prompt: sent.prompt, base: f.baseURL(r),
		cost: endpoint.cost(sent), picture: sent.picture,
	}
	request := &falRequest{job: j, endpoint: endpoint, input: sent.kept, problems: sent.problems, units: endpoint.units(sent)}
	if hookURL != "" {
		j.webhook = &hook{url: hookURL, secret: falKeyName, body: f.event, sign: func(key string, body []byte) http.Header {
			return f.signer.sign(key, id, f.opts.Now(), body)
		}}
	}
	f.keep(request) // before it runs: its webhook may be due at once
	f.accept(v, j)
	f.tellEarly(r, v, j)
	if f.loseAnswer(w, r, v) {
		return
	}
	at := fmt.Sprintf("%s/fal/queue/%s/requests/%s", j.base, endpoint.app(), id)
	v.json(w, http.StatusOK, falSubmitted{
		Status: "IN_QUEUE", RequestID: id, GatewayRequest: id, ResponseURL: at, StatusURL: at + "/status", CancelURL: at + "/cancel",
	})
}

func (f *fal) keep(request *falRequest) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests.put(request.id, request)
}

// request finds a request by its id, and by the app that its address names when that is not empty.
func (f *fal) request(id, app string) (*falRequest, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	found, known := f.requests.get(id)
	return found, known && (app == "" || found.endpoint.app() == app)
}
