package replicate

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"darkroom/shared/provider"
)

// The messages that users see.
const (
	saysRejected  = "The model does not accept this request. Check the prompt, the images and the image size."
	saysModerated = "The request was refused by the model's content policy."
	saysThrottled = "The model is busy."
	saysDown      = "The model is not available at the moment."
	saysNoAnswer  = "The model did not answer in time."
	saysFailed    = "The model could not make this image."
)

// failure is what an HTTP status, or the text of a failed job, means.
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
	http.StatusUnauthorized:          {provider.Down, saysDown}, // wrong token
	http.StatusPaymentRequired:       {provider.Down, saysDown}, // out of credit, or over the spend limit
	http.StatusForbidden:             {provider.Down, saysDown},
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

// refusal is an error body. Of the free text only a number is read: it may repeat the prompt.
type refusal struct {
	Detail        string `json:"detail"`
	InvalidFields []struct {
		Type  string `json:"type"`
		Field string `json:"field"`
	} `json:"invalid_fields"`
}

// resetsIn is how a 429 says when to come back, where it has no Retry-After.
var resetsIn = regexp.MustCompile(`resets in ~?(\d{1,6})s`)

func (r refusal) seconds() float64 {
	found := resetsIn.FindStringSubmatch(r.Detail)
	if found == nil {
		return 0
	}
	seconds, _ := strconv.ParseFloat(found[1], 64) //nolint:errcheck // digits only
	return seconds
}

// inFields names what a 422 complains about, for the log: "input.width:number_lte".
func (r refusal) inFields() string {
	var named []string
	for _, f := range r.InvalidFields[:min(len(r.InvalidFields), 5)] {
		named = append(named, provider.CodeWord(f.Field)+":"+provider.CodeWord(f.Type))
	}
	return strings.Join(named, " ")
}

func createFailure(answer provider.Answer) *provider.Error {
	return refused(answer, createFailures, failure{provider.Ambiguous, saysNoAnswer})
}

func readFailure(answer provider.Answer) *provider.Error {
	return refused(answer, readFailures, failure{provider.TransientRead, saysNoAnswer})
}

func refused(answer provider.Answer, known map[int]failure, otherwise failure) *provider.Error {
	means, found := known[answer.Status]
	if !found {
		means = otherwise
	}
	var why refusal
	if answer.Decode(&why) == nil && answer.RetryAfter == 0 {
		answer.RetryAfter = provider.CapRetry(why.seconds())
	}
	return answer.Failure(means.class, means.message, why.inFields())
}

// isUnknownJob says whether Replicate itself, and not something in front of it, does not know the job. That says little about
// one that was made just now.
func isUnknownJob(answer provider.Answer) bool {
	var why refusal
	return answer.Status == http.StatusNotFound && answer.Decode(&why) == nil && why.Detail != ""
}

// statuses are Replicate's words for how a job stands. One that is not listed counts as running: the task's deadline bounds that.
var statuses = map[string]provider.ReportState{
	"starting":   provider.Running,
	"processing": provider.Running,
	"succeeded":  provider.Succeeded,
	"failed":     provider.Failed,
	"canceled":   provider.Failed, // by us, or by Cancel-After while it ran
	"aborted":    provider.Failed, // by Cancel-After before it ran
}

// failures are what the text of a failed job means, by a part of it in lower case. There is no other mark of the reason.
var failures = []struct {
	part string
	failure
}{
	{"(e005)", failure{provider.Moderated, saysModerated}},
	{"e005:", failure{provider.Moderated, saysModerated}},
	{"flagged as sensitive", failure{provider.Moderated, saysModerated}},
	{"nsfw", failure{provider.Moderated, saysModerated}},
	{"content policy", failure{provider.Moderated, saysModerated}},
	{"input validation error", failure{provider.Rejected, saysRejected}}, // an image that could not be read, for example
}

// errorCode is the documented start, or end, of a text: "E1001: …", "… (E005)".
var errorCode = regexp.MustCompile(`^E\d{3,4}\b|\(E\d{3,4}\)`)

// report translates. A success without a link is a failed job, never a success.
func (p prediction) report() provider.Report {
	switch statuses[p.status] {
	case provider.Succeeded:
		switch {
		case p.output != "":
			return provider.Report{State: provider.Succeeded, Output: &provider.Output{URL: p.output}}
		case p.removed:
			return failedAs(failure{provider.JobFailed, saysFailed}, "the output was removed before it was copied")
		}
		return failedAs(failure{provider.JobFailed, saysFailed}, "succeeded without an output")
	case provider.Failed:
		text := strings.ToLower(p.failure)
		for _, known := range failures {
			if strings.Contains(text, known.part) {
				return failedAs(known.failure, p.reason())
			}
		}
		return failedAs(failure{provider.JobFailed, saysFailed}, p.reason())
	}
	return provider.Report{State: provider.Running}
}

// reason is the status and the error code, for the log.
func (p prediction) reason() string {
	return strings.TrimSpace(p.status + " " + strings.Trim(errorCode.FindString(p.failure), "()"))
}

func failedAs(means failure, reason string) provider.Report {
	return provider.Report{State: provider.Failed, Err: &provider.Error{Class: means.class, Message: means.message, Err: errors.New(reason)}}
}
