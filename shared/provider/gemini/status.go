package gemini

import (
	"net/http"
	"strings"
	"time"

	"darkroom/shared/provider"
)

// The messages that users see.
const (
	saysRejected  = "The model does not accept this request. Check the prompt and the parameters."
	saysModerated = "The request was refused by the model's content policy."
	saysRecited   = "The model stopped because the picture came too close to existing material. Another prompt may work."
	saysThrottled = "The model is busy."
	saysDown      = "The model is not available at the moment."
	saysNoAnswer  = "The model did not answer in time."
	saysFailed    = "The model could not make this image."
)

// failure is what a refusal means.
type failure struct {
	class   provider.Class
	message string
}

// statuses are the refusals. Any status that is not listed may come from in front of or behind the work: Ambiguous.
var statuses = map[int]failure{
	http.StatusMovedPermanently:      {provider.Down, saysDown}, // not followed, and does not come back by itself
	http.StatusTemporaryRedirect:     {provider.Down, saysDown},
	http.StatusPermanentRedirect:     {provider.Down, saysDown},
	http.StatusBadRequest:            {provider.Rejected, saysRejected},
	http.StatusUnauthorized:          {provider.Down, saysDown},
	http.StatusForbidden:             {provider.Down, saysDown},
	http.StatusNotFound:              {provider.Down, saysDown}, // a retired model
	http.StatusRequestEntityTooLarge: {provider.Rejected, saysRejected},
	http.StatusTooManyRequests:       {provider.Throttled, saysThrottled},
	http.StatusServiceUnavailable:    {provider.Transient, saysThrottled}, // no capacity: not taken up
}

// codes are the status words and reasons that say more than the status does.
var codes = map[string]failure{
	"FAILED_PRECONDITION": {provider.Down, saysDown}, // comes with 400: no billing, or not in this region
	"API_KEY_INVALID":     {provider.Down, saysDown}, // comes with 400 and INVALID_ARGUMENT
}

// refusal is an error body. The message is left unread: it may repeat the prompt.
type refusal struct {
	Error struct {
		Status  string   `json:"status"`
		Details []detail `json:"details"`
	} `json:"error"`
}

// detail is one of several google.rpc messages; the fields of the others are empty.
type detail struct {
	Reason          string      `json:"reason"`          // ErrorInfo
	RetryDelay      string      `json:"retryDelay"`      // RetryInfo: "31s"
	Violations      []violation `json:"violations"`      // QuotaFailure
	FieldViolations []violation `json:"fieldViolations"` // BadRequest
}

type violation struct {
	QuotaID string `json:"quotaId"`
	Field   string `json:"field"`
}

// failed translates a refusal. A quota for the day is used up for hours, longer than any task lives: that is for an operator.
func failed(answer provider.Answer) *provider.Error {
	var why refusal
	if answer.Decode(&why) != nil {
		why = refusal{} // a page from something in front of the API: the status has to do
	}
	means, known := statuses[answer.Status]
	if !known {
		means = failure{provider.Ambiguous, saysNoAnswer}
	}
	words := []string{why.Error.Status}
	for _, d := range why.Error.Details {
		words = append(words, d.Reason)
		for _, v := range append(d.Violations, d.FieldViolations...) {
			words = append(words, v.QuotaID, v.Field)
			if means.class == provider.Throttled && strings.Contains(v.QuotaID, "PerDay") {
				means = failure{provider.Down, saysDown}
			}
		}
		if wait, err := time.ParseDuration(d.RetryDelay); err == nil {
			answer.RetryAfter = provider.CapRetry(wait.Seconds())
		}
	}
	var logged []string
	for _, word := range words {
		if special, is := codes[word]; is {
			means = special
		}
		if word = provider.CodeWord(word); word != "" && len(logged) < 8 {
			logged = append(logged, word)
		}
	}
	return answer.Failure(means.class, means.message, strings.Join(logged, " "))
}
