package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ReplicateWebhookSecret is what the simulator signs Replicate's webhooks with. Replicate has one such secret for each account,
// and its API tells it to whoever has the account's token.
const ReplicateWebhookSecret = "whsec_c2ltdWxhdG9yIG9ubHk6IG5vIHNlY3JldCBhdCBhbGw="

// replicateLifetime is how long after its end a prediction keeps what it took and made.
const replicateLifetime = time.Hour

// replicatePrediction is the answer about a prediction, and the body of a webhook.
type replicatePrediction struct {
	ID          string            `json:"id"`
	Model       string            `json:"model"`
	Version     string            `json:"version"`
	Input       json.RawMessage   `json:"input"`
	Logs        string            `json:"logs"`
	Output      any               `json:"output"` // a link, a list of links, or null
	DataRemoved bool              `json:"data_removed"`
	Error       *string           `json:"error"`
	Source      string            `json:"source"`
	Status      string            `json:"status"`
	CreatedAt   time.Time         `json:"created_at"`
	StartedAt   *time.Time        `json:"started_at,omitempty"`
	CompletedAt *time.Time        `json:"completed_at,omitempty"`
	Deadline    *time.Time        `json:"deadline,omitempty"`
	Webhook     string            `json:"webhook,omitempty"`
	Events      []string          `json:"webhook_events_filter,omitempty"`
	Metrics     *replicateMetrics `json:"metrics,omitempty"`
	URLs        map[string]string `json:"urls"`
}

type replicateMetrics struct {
	PredictTime float64 `json:"predict_time"` // seconds
	TotalTime   float64 `json:"total_time"`
}

// The texts that tell why a prediction failed; there is no other mark.
var replicateErrors = map[outcome]string{
	inputRefused:  "The input or output was flagged as sensitive. Please try again with different inputs. (E005)",
	outputRefused: "NSFW content detected. Try running it again, or try a different prompt.",
	failed:        "E1000: Unknown error",
}

// show puts a report into Replicate's form.
func (p *replicate) show(made *prediction, stands outcome) replicatePrediction {
	url := fmt.Sprintf("%s/replicate/v1/predictions/%s", made.base, made.id)
	shown := replicatePrediction{
		ID: made.id, Model: made.model, Version: "hidden", Input: made.input, Source: "api", CreatedAt: made.created,
		Webhook: made.webhook, Events: made.events, URLs: map[string]string{"get": url, "cancel": url + "/cancel"},
	}
	if !made.deadline.IsZero() {
		shown.Deadline = &made.deadline
	}
	p.showOutput(&shown, made, stands)
	if shown.Status != "starting" && stands != aborted {
		shown.StartedAt = &made.created
	}
	if stands == pending {
		return shown
	}
	info := made.info()
	took := max(info.Finished.Sub(info.Created), time.Millisecond).Seconds() // no work takes no time
	shown.CompletedAt, shown.Metrics = &info.Finished, &replicateMetrics{PredictTime: took, TotalTime: took}
	if p.opts.Now().Sub(info.Finished) >= replicateLifetime {
		shown.Input, shown.Output, shown.DataRemoved = json.RawMessage("{}"), nil, true
	}
	return shown
}

// showOutput fills in the status and what belongs to it.
func (p *replicate) showOutput(shown *replicatePrediction, made *prediction, stands outcome) {
	switch stands {
	case pending:
		shown.Status = "starting"
		if made.runs() {
			shown.Status = "processing"
		}
	case ready:
		link := p.resultLink(made.job)
		shown.Status, shown.Output = "succeeded", link
		if made.list {
			shown.Output = []string{link}
		}
	case readyEmpty:
		shown.Status = "succeeded"
		if made.list {
			shown.Output = []string{}
		}
	case canceled, aborted:
		shown.Status = string(stands)
	default:
		text := replicateErrors[stands]
		shown.Status, shown.Error = "failed", &text
	}
}

// getPrediction answers GET /replicate/v1/predictions/{id}.
func (p *replicate) getPrediction(w http.ResponseWriter, r *http.Request) {
	made, v, refused := p.find(w, r, Poll)
	if refused {
		return
	}
	switch {
	case v.struck("poll_error"):
		v.refuse(w, p, refusal{why: broken})
	case v.struck("not_found"):
		v.json(w, http.StatusNotFound, replicateNotFound)
	default:
		v.json(w, http.StatusOK, p.show(made, made.report(v)))
	}
}

// find begins a call about one prediction. It has answered when it says refused.
func (p *replicate) find(w http.ResponseWriter, r *http.Request, operation Operation) (made *prediction, v *visit, refused bool) {
	id := r.PathValue("id")
	made, known := p.known(id)
	call := Call{Provider: p.name(), Operation: operation, Job: id}
	if known {
		call.Model, call.Prompt = made.model, made.prompt
	}
	v = p.calls.begin(call)
	switch {
	case !p.acceptsBearer(p.name(), r):
		v.refuse(w, p, refusal{why: wrongKey})
		return nil, nil, true
	case !known:
		v.json(w, http.StatusNotFound, replicateNotFound)
		return nil, nil, true
	}
	v.plan = made.plan
	return made, v, false
}

// event makes the body of the webhook: the same as the answer about the prediction.
func (p *replicate) event(made *prediction) func(*job, outcome) []byte {
	return func(_ *job, end outcome) []byte {
		body, err := json.Marshal(p.show(made, end))
		if err != nil { // texts, times and what was read from JSON
			panic(fmt.Sprintf("simulator: a webhook cannot be written as JSON: %v", err))
		}
		return body
	}
}

// signature signs deliveries of one event by the Standard Webhooks scheme: the id stays the same in every try, the time does not.
func (p *replicate) signature(id string) func(secret string, body []byte) http.Header {
	return func(secret string, body []byte) http.Header {
		return standardWebhook(secret, id, p.opts.Now(), body)
	}
}

func standardWebhook(secret, id string, at time.Time, body []byte) http.Header {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil { // ordered to be wrong
		key = []byte(secret)
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	header := http.Header{}
	header.Set("webhook-id", id)
	header.Set("webhook-timestamp", stamp)
	header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return header
}
