package bfl

import (
	"net/http"

	"darkroom/shared/provider"
)

// The messages that users see.
const (
	saysRejected  = "The model does not accept this request. Check the prompt and the image size."
	saysPrompt    = "The prompt was refused by the model's content policy."
	saysPicture   = "The image was refused by the model's content policy."
	saysThrottled = "The model is busy."
	saysDown      = "The model is not available at the moment."
	saysNoAnswer  = "The model did not answer in time."
	saysFailed    = "The model could not make this image."
)

// failure is what an HTTP status means.
type failure struct {
	class   provider.Class
	message string
}

// createFailures are the answers to a create call. Any other one may come from in front of or behind the work: Ambiguous.
// A moved address (301 and the like) is not followed, and will not come back by itself.
var createFailures = map[int]failure{
	http.StatusMovedPermanently:      {provider.Down, saysDown},
	http.StatusTemporaryRedirect:     {provider.Down, saysDown},
	http.StatusPermanentRedirect:     {provider.Down, saysDown},
	http.StatusBadRequest:            {provider.Rejected, saysRejected},
	http.StatusUnauthorized:          {provider.Down, saysDown}, // wrong key
	http.StatusPaymentRequired:       {provider.Down, saysDown}, // out of credits
	http.StatusForbidden:             {provider.Down, saysDown}, // wrong key or no access
	http.StatusNotFound:              {provider.Down, saysDown}, // retired model
	http.StatusMethodNotAllowed:      {provider.Down, saysDown},
	http.StatusRequestEntityTooLarge: {provider.Rejected, saysRejected},
	http.StatusUnprocessableEntity:   {provider.Rejected, saysRejected},
	http.StatusTooManyRequests:       {provider.Throttled, saysThrottled},
}

// readFailures are the answers to a question. Any other one may pass: TransientRead.
var readFailures = map[int]failure{
	http.StatusUnauthorized:    {provider.Down, saysDown},
	http.StatusPaymentRequired: {provider.Down, saysDown},
	http.StatusForbidden:       {provider.Down, saysDown},
	http.StatusTooManyRequests: {provider.Throttled, saysThrottled},
}

func createFailure(answer provider.Answer) *provider.Error {
	return failed(answer, createFailures, failure{provider.Ambiguous, saysNoAnswer})
}

func readFailure(answer provider.Answer) *provider.Error {
	return failed(answer, readFailures, failure{provider.TransientRead, saysNoAnswer})
}

func failed(answer provider.Answer, known map[int]failure, otherwise failure) *provider.Error {
	means, found := known[answer.Status]
	if !found {
		means = otherwise
	}
	var why refusal
	if answer.Decode(&why) == nil && answer.RetryAfter == 0 {
		answer.RetryAfter = provider.CapRetry(why.RetryAfter)
	}
	return answer.Failure(means.class, means.message, why.inFields())
}

// taskNotFound also comes from a cluster that does not own the job, and for a job that is very young.
const taskNotFound = "Task not found"

// statuses are BFL's words for how a job stands. One that is not listed counts as running: the task's deadline bounds that.
var statuses = map[string]struct {
	state   provider.ReportState
	class   provider.Class // of a failure
	message string
}{
	"Pending":           {state: provider.Running},
	"Queued":            {state: provider.Running},
	"Processing":        {state: provider.Running},
	taskNotFound:        {state: provider.Running},
	"Ready":             {state: provider.Succeeded},
	"Request Moderated": {provider.Failed, provider.Moderated, saysPrompt},
	"Content Moderated": {provider.Failed, provider.Moderated, saysPicture},
	"Error":             {provider.Failed, provider.JobFailed, saysFailed},
	"Failed":            {provider.Failed, provider.JobFailed, saysFailed},
}

// word is the status in whichever field it came; empty when there is none.
func (r result) word() string {
	if r.Status != "" {
		return r.Status
	}
	return r.State
}

// report translates. Ready without a sample is a failed job, never a success.
func (r result) report() provider.Report {
	means, known := statuses[r.word()]
	switch {
	case !known:
		return provider.Report{State: provider.Running}
	case means.state == provider.Succeeded && (r.Result == nil || r.Result.Sample == ""):
		return provider.Report{State: provider.Failed, Err: &provider.Error{Class: provider.JobFailed, Message: saysFailed}}
	case means.state == provider.Succeeded:
		return provider.Report{State: provider.Succeeded, Output: &provider.Output{URL: r.Result.Sample}}
	case means.state == provider.Failed:
		return provider.Report{State: provider.Failed, Err: &provider.Error{Class: means.class, Message: means.message}}
	}
	return provider.Report{State: provider.Running}
}
