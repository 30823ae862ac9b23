package fal

import (
	"net/http"

	"darkroom/shared/provider"
)

// The messages that users see.
const (
	saysRejected  = "The model does not accept this request. Check the prompt, the images and the image size."
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

// createFailures are the answers to a submit. Any other one may come from in front of or behind the queue: Ambiguous. A moved
// address (301 and the like) is not followed, and will not come back by itself.
var createFailures = map[int]failure{
	http.StatusMovedPermanently:      {provider.Down, saysDown},
	http.StatusTemporaryRedirect:     {provider.Down, saysDown},
	http.StatusPermanentRedirect:     {provider.Down, saysDown},
	http.StatusBadRequest:            {provider.Rejected, saysRejected},
	http.StatusUnauthorized:          {provider.Down, saysDown}, // wrong key
	http.StatusPaymentRequired:       {provider.Down, saysDown}, // no balance
	http.StatusForbidden:             {provider.Down, saysDown}, // no access, or a locked account
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
	why := refusalIn(answer)
	means, known := createFailures[answer.Status]
	switch {
	case !known:
		means = failure{provider.Ambiguous, saysNoAnswer}
	case means.class == provider.Rejected:
		if report := why.report(answer.Status); report.Err.Class == provider.Moderated {
			means = failure{provider.Moderated, report.Err.Message}
		}
	}
	return answer.Failure(means.class, means.message, why.codes())
}

func readFailure(answer provider.Answer) *provider.Error {
	means, known := readFailures[answer.Status]
	if !known {
		means = failure{provider.TransientRead, saysNoAnswer}
	}
	return answer.Failure(means.class, means.message, refusalIn(answer).codes())
}

func refusalIn(answer provider.Answer) refusal {
	var why refusal
	if answer.Decode(&why) != nil {
		return refusal{}
	}
	return why
}

// The statuses that mean something. All others count as running.
const (
	completed        = "COMPLETED"
	alreadyCompleted = "ALREADY_COMPLETED" // to a cancel
)

// result reads the answer of a result address: the model's own status and body when the request is over, or a failure to read
// it. failed is what the status said before.
func result(answer provider.Answer, failed bool) (provider.Report, error) {
	why := refusalIn(answer)
	_, ours := readFailures[answer.Status] // our key or our rate, unless a model says it
	switch {
	case answer.OK() && failed:
		return jobFailed(), nil
	case answer.OK():
		var made output
		if answer.Decode(&made) != nil {
			return provider.Report{}, answer.Failure(provider.TransientRead, saysNoAnswer, "without a result")
		}
		return made.report(), nil
	case failed, why.problems() != nil, why.ErrorType != "":
		return why.report(answer.Status), nil
	case ours, len(why.Detail) == 0: // a page of something in front of fal explains nothing
		return provider.Report{}, readFailure(answer)
	}
	return why.report(answer.Status), nil
}

// report translates a model's answer. An image that was found indecent may be blacked out: it is never a success.
func (o output) report() provider.Report {
	found := o.Images
	if o.Image != nil {
		found = append(found, *o.Image)
	}
	switch {
	case anyTrue(o.Indecent) || anyTrue(o.Flagged):
		return failedReport(provider.Moderated, saysPicture)
	case len(found) == 0 || found[0].URL == "":
		return jobFailed()
	}
	return provider.Report{State: provider.Succeeded, Output: &provider.Output{URL: found[0].URL, ContentType: found[0].ContentType}}
}

func anyTrue(said any) bool {
	switch v := said.(type) {
	case bool:
		return v
	case []any:
		for _, one := range v {
			if anyTrue(one) {
				return true
			}
		}
	}
	return false
}

const contentPolicy = "content_policy_violation"

// passing are the problems that are not the input's fault, though some come with the status of one.
var passing = map[string]bool{
	"internal_server_error":          true,
	"generation_timeout":             true,
	"downstream_service_error":       true,
	"downstream_service_unavailable": true,
	"no_media_generated":             true,
	"file_download_error":            true, // of an input: the next attempt brings a fresh link
}

// inputStatuses are the statuses of a model that blames its input.
var inputStatuses = map[int]bool{
	http.StatusBadRequest: true, http.StatusRequestEntityTooLarge: true, http.StatusUnsupportedMediaType: true, http.StatusUnprocessableEntity: true,
}

// report translates a failure of the model. The type of a problem decides, never its text.
func (r refusal) report(status int) provider.Report {
	blamed := inputStatuses[status] && r.ErrorType == ""
	for _, p := range r.problems() {
		switch {
		case p.Type == contentPolicy && p.names("prompt"):
			return failedReport(provider.Moderated, saysPrompt)
		case p.Type == contentPolicy:
			return failedReport(provider.Moderated, saysPicture)
		case passing[p.Type]:
			blamed = false
		}
	}
	if blamed {
		return failedReport(provider.Rejected, saysRejected)
	}
	return jobFailed()
}

func (p problem) names(field string) bool {
	for _, part := range p.Loc {
		if part == field {
			return true
		}
	}
	return false
}

func jobFailed() provider.Report { return failedReport(provider.JobFailed, saysFailed) }

func failedReport(class provider.Class, message string) provider.Report {
	return provider.Report{State: provider.Failed, Err: &provider.Error{Class: class, Message: message}}
}
