package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// falResultKept is how long fal keeps a result of less than 10 KB.
const falResultKept = time.Hour

// falStatus is the answer to a question for the status.
type falStatus struct {
	Status        string             `json:"status"`
	RequestID     string             `json:"request_id"`
	ResponseURL   string             `json:"response_url"`
	StatusURL     string             `json:"status_url"`
	CancelURL     string             `json:"cancel_url"`
	QueuePosition *int               `json:"queue_position,omitempty"`
	Logs          []string           `json:"logs"`
	Metrics       map[string]float64 `json:"metrics"`
	Error         string             `json:"error,omitempty"`
	ErrorType     string             `json:"error_type,omitempty"`
}

// visit finds the request that a call is about, with its key checked. It is false when the call is answered.
func (f *fal) visit(w http.ResponseWriter, r *http.Request, operation Operation) (*falRequest, *visit, bool) {
	id := r.PathValue("id")
	w.Header().Set("X-Fal-Request-Id", id)
	call := Call{Provider: f.name(), Operation: operation, Job: id}
	request, known := f.request(id, r.PathValue("owner")+"/"+r.PathValue("app"))
	if known {
		call.Model, call.Prompt = request.model, request.prompt
	}
	v := f.calls.begin(call)
	if !f.allows(w, r, v) {
		return nil, nil, false
	}
	if !known {
		if operation == Cancel {
			v.json(w, http.StatusNotFound, falCanceled{"NOT_FOUND"})
		} else {
			v.json(w, http.StatusNotFound, falError{Detail: "Request not found"})
		}
		return nil, nil, false
	}
	v.plan = request.plan
	return request, v, true
}

// status answers GET …/requests/{id}/status: 202 until the job has ended.
func (f *fal) status(w http.ResponseWriter, r *http.Request) {
	request, v, found := f.visit(w, r, Poll)
	if !found {
		return
	}
	switch {
	case v.struck("poll_error"):
		v.refuse(w, f, refusal{why: broken})
		return
	case v.struck("not_found"):
		v.json(w, http.StatusNotFound, falError{Detail: "Request not found"})
		return
	}
	at := fmt.Sprintf("%s/fal/queue/%s/requests/%s", request.base, request.endpoint.app(), request.id)
	answer := falStatus{RequestID: request.id, ResponseURL: at, StatusURL: at + "/status", CancelURL: at + "/cancel", Metrics: map[string]float64{}}
	stands := request.report(v)
	request.mu.Lock()
	request.asked++
	if stands != pending {
		request.told = stands
	}
	queued := request.asked == 1
	request.mu.Unlock()

	switch {
	case stands == pending && queued:
		first := 0
		answer.Status, answer.QueuePosition = "IN_QUEUE", &first
	case stands == pending:
		answer.Status = "IN_PROGRESS"
	default:
		answer.Status = "COMPLETED"
		answer.Metrics["inference_time"] = request.info().Finished.Sub(request.created).Seconds()
		if status, body := f.answer(request, stands); status/100 != 2 {
			answer.Error = fmt.Sprintf("Invalid status code: %d", status)
			if failure, is := body.(falError); is {
				answer.ErrorType = failure.Type
			}
		}
		v.json(w, http.StatusOK, answer)
		return
	}
	v.json(w, http.StatusAccepted, answer)
}

// result answers GET …/requests/{id}: the model's own answer, whatever its status is.
func (f *fal) result(w http.ResponseWriter, r *http.Request) {
	request, v, found := f.visit(w, r, Result)
	if !found {
		return
	}
	ended := request.info().Finished
	switch {
	case ended.IsZero():
		v.json(w, http.StatusBadRequest, falError{Detail: "Request is still in progress"})
		return
	case f.opts.Now().Sub(ended) > falResultKept:
		v.json(w, http.StatusNotFound, falError{Detail: "Request not found"})
		return
	}
	request.mu.Lock()
	stands := request.told
	request.mu.Unlock()
	if stands == "" { // nobody asked for the status before
		stands = request.report(v)
	}
	status, body := f.answer(request, stands)
	switch failure, is := body.(falError); {
	case is && failure.Type != "": // of fal
		w.Header().Set("X-Fal-Error-Type", failure.Type)
	case is: // of the model, which says the same of the same input again
		w.Header().Set("X-Fal-Retryable", "false")
	}
	if status/100 == 2 { // failures are not billed
		w.Header().Set("X-Fal-Billable-Units", strconv.FormatFloat(request.units, 'f', -1, 64))
	}
	v.json(w, status, body)
}

// falCanceled is the answer to a cancel.
type falCanceled struct {
	Status string `json:"status"`
}

// stop answers PUT …/requests/{id}/cancel.
func (f *fal) stop(w http.ResponseWriter, r *http.Request) {
	request, v, found := f.visit(w, r, Cancel)
	switch {
	case !found:
	case request.cancel(f.opts.Now().UTC(), canceled):
		v.json(w, http.StatusAccepted, falCanceled{"CANCELLATION_REQUESTED"})
	default:
		v.json(w, http.StatusBadRequest, falCanceled{"ALREADY_COMPLETED"})
	}
}

// falImage is one picture of a result.
type falImage struct {
	URL         string `json:"url"`
	ContentType string `json:"content_type"`
	FileName    string `json:"file_name"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
}

// falOutput is what a model answers when all went well.
type falOutput struct {
	Images  []falImage         `json:"images"`
	Seed    int64              `json:"seed"`
	Prompt  string             `json:"prompt"`
	NSFW    []bool             `json:"has_nsfw_concepts"`
	Timings map[string]float64 `json:"timings"`
}

// answer is the model's answer to a finished request.
func (f *fal) answer(request *falRequest, stands outcome) (status int, body any) {
	if len(request.problems) > 0 && stands != canceled {
		return http.StatusUnprocessableEntity, falInvalid(request.problems...)
	}
	switch stands {
	case ready, readyEmpty, outputRefused:
		out := falOutput{Images: []falImage{}, Seed: request.picture.Seed, Prompt: request.prompt, NSFW: []bool{}, Timings: map[string]float64{}}
		if stands != readyEmpty {
			out.Images = append(out.Images, falImage{
				URL: f.resultLink(request.job), ContentType: request.picture.Format.contentType(),
				FileName: "sample." + string(request.picture.Format), Width: request.picture.Width, Height: request.picture.Height,
			})
			out.NSFW = append(out.NSFW, stands == outputRefused)
		}
		return http.StatusOK, out
	case inputRefused:
		return http.StatusUnprocessableEntity, falError{Detail: []falProblem{{
			Loc: []string{"body", "prompt"}, Msg: "The content was flagged by a content checker.", Type: "content_policy_violation",
		}}}
	case canceled:
		return 499, falError{Detail: "The request was cancelled", Type: "client_cancelled"}
	}
	return http.StatusServiceUnavailable, falError{Detail: "The runner was lost", Type: "runner_disconnected"}
}

// falProblem is one thing that a model finds wrong with its input.
type falProblem struct {
	Loc  []string `json:"loc"`
	Msg  string   `json:"msg"`
	Type string   `json:"type"`
}

// falRules names rules as fal's models do; types of fields are named apart.
var falRules = map[rule]string{
	ruleMissing:  "missing",
	ruleUnknown:  "extra_forbidden",
	ruleTooLow:   "greater_than_equal",
	ruleTooHigh:  "less_than_equal",
	ruleTooShort: "sequence_too_short",
	ruleTooLong:  "sequence_too_long",
	ruleWord:     "one_of",
	ruleValue:    "value_error",
}

func falInvalid(problems ...problem) falError {
	list := []falProblem{}
	for _, p := range problems {
		named := falRules[p.rule]
		if p.rule == ruleType {
			named = bflTypes[p.kind]
		}
		list = append(list, falProblem{Loc: []string{"body", p.field}, Msg: p.message, Type: named})
	}
	return falError{Detail: list}
}

// falEvent is the body of a webhook.
type falEvent struct {
	RequestID      string `json:"request_id"`
	GatewayRequest string `json:"gateway_request_id"`
	Status         string `json:"status"`
	Error          string `json:"error,omitempty"`
	Payload        any    `json:"payload"`
}

func (f *fal) event(j *job, end outcome) []byte {
	event := falEvent{RequestID: j.id, GatewayRequest: j.id, Status: "OK"}
	if request, known := f.request(j.id, ""); known {
		status, body := f.answer(request, end)
		if event.Payload = body; status/100 != 2 {
			event.Status, event.Error = "ERROR", fmt.Sprintf("Invalid status code: %d", status)
		}
	}
	body, err := json.Marshal(event)
	if err != nil { // texts and finite numbers only
		panic(fmt.Sprintf("simulator: a webhook cannot be written as JSON: %v", err))
	}
	return body
}
