package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// bflStatuses are BFL's words for how a job stands.
var bflStatuses = map[outcome]string{
	pending:       "Pending",
	ready:         "Ready",
	readyEmpty:    "Ready",
	inputRefused:  "Request Moderated",
	outputRefused: "Content Moderated",
	failed:        "Error",
}

// bflResult is the answer to a poll.
type bflResult struct {
	ID       string         `json:"id"`
	Status   string         `json:"status"`
	Result   *bflSample     `json:"result"`
	Progress *float64       `json:"progress"`
	Details  map[string]any `json:"details"`
	Preview  map[string]any `json:"preview"`
}

type bflSample struct {
	Sample    string  `json:"sample,omitempty"`
	Seed      int64   `json:"seed"`
	Prompt    string  `json:"prompt"`
	StartTime float64 `json:"start_time"` // seconds since 1970
	EndTime   float64 `json:"end_time"`
	Duration  float64 `json:"duration"`
}

// poll answers GET /bfl/v1/get_result?id=.
func (b *bfl) poll(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	j, known := b.jobs.get(id)
	call := Call{Provider: b.name(), Operation: Poll, Job: id}
	if known && j.provider == b.name() {
		call.Model, call.Prompt = j.model, j.prompt
	}
	v := b.calls.begin(call)
	if !b.accepts(b.name(), r.Header.Get("x-key")) {
		v.refuse(w, b, refusal{why: wrongKey})
		return
	}
	if id == "" {
		v.json(w, http.StatusUnprocessableEntity, bflInvalid("query", problem{"id", ruleMissing, text, "Field required"}))
		return
	}
	if !known || j.provider != b.name() {
		v.json(w, http.StatusOK, bflResult{ID: id, Status: "Task not found"})
		return
	}
	v.plan = j.plan
	switch {
	case v.struck("poll_error"):
		v.refuse(w, b, refusal{why: broken})
	case v.struck("not_found"):
		v.json(w, http.StatusOK, bflResult{ID: id, Status: "Task not found"})
	default:
		v.json(w, http.StatusOK, b.result(j, j.report(v)))
	}
}

// result puts a report into BFL's form.
func (b *bfl) result(j *job, stands outcome) bflResult {
	result := bflResult{ID: j.id, Status: bflStatuses[stands]}
	switch stands {
	case pending:
		progress := 0.0
		result.Progress = &progress
	case ready, readyEmpty:
		result.Result = b.sample(j, stands)
	case inputRefused:
		result.Details = map[string]any{"Moderation Reasons": []string{"Prompt"}}
	case outputRefused:
		result.Details = map[string]any{"Moderation Reasons": []string{"Safety Filter"}}
	case failed:
		result.Details = map[string]any{"error": "The job could not be completed."}
	}
	return result
}

func (b *bfl) sample(j *job, stands outcome) *bflSample {
	start, end := seconds(j.created), seconds(j.info().Finished)
	sample := &bflSample{Seed: j.picture.Seed, Prompt: j.prompt, StartTime: start, EndTime: end, Duration: end - start}
	if stands == ready {
		sample.Sample = b.resultLink(j)
	}
	return sample
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// bflEvent is the body of a webhook.
type bflEvent struct {
	ID        string     `json:"id"`
	Status    string     `json:"status"`
	Result    *bflSample `json:"result,omitempty"`
	Error     string     `json:"error,omitempty"`
	Message   string     `json:"message,omitempty"`
	Timestamp string     `json:"timestamp"`
}

func (b *bfl) event(j *job, end outcome) []byte {
	event := bflEvent{ID: j.id, Status: bflStatuses[end], Timestamp: b.opts.Now().UTC().Format(time.RFC3339)}
	if end == ready || end == readyEmpty {
		event.Result = b.sample(j, end)
	} else {
		event.Error, event.Message = bflStatuses[end], "The job ended without an image."
	}
	body, err := json.Marshal(event)
	if err != nil { // texts and finite numbers only
		panic(fmt.Sprintf("simulator: a webhook cannot be written as JSON: %v", err))
	}
	return body
}

// bflSignature gives both headers that documents and client libraries of BFL describe for a webhook_secret.
func bflSignature(secret string, body []byte) http.Header {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	header := http.Header{}
	header.Set("X-BFL-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	header.Set("X-Webhook-Secret", secret)
	return header
}
