package openai

import (
	"net/http"
	"strings"

	"darkroom/shared/provider"
)

// The messages that users see.
const (
	saysRejected  = "The model does not accept this request. Check the prompt and the parameters."
	saysModerated = "The request was refused by the model's content policy."
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

// codes are the error codes and types that say more than the status does.
var codes = map[string]failure{
	"moderation_blocked":         {provider.Moderated, saysModerated},
	"content_policy_violation":   {provider.Moderated, saysModerated},
	"insufficient_quota":         {provider.Down, saysDown}, // comes with 429, and no waiting helps
	"billing_hard_limit_reached": {provider.Down, saysDown}, // comes with 400
	"model_not_found":            {provider.Down, saysDown}, // retired
}

// statuses are the other refusals. Any status that is not listed may come from in front of or behind the work: Ambiguous.
var statuses = map[int]failure{
	http.StatusMovedPermanently:      {provider.Down, saysDown}, // not followed, and does not come back by itself
	http.StatusTemporaryRedirect:     {provider.Down, saysDown},
	http.StatusPermanentRedirect:     {provider.Down, saysDown},
	http.StatusBadRequest:            {provider.Rejected, saysRejected},
	http.StatusUnauthorized:          {provider.Down, saysDown},
	http.StatusForbidden:             {provider.Down, saysDown},
	http.StatusNotFound:              {provider.Down, saysDown},
	http.StatusRequestEntityTooLarge: {provider.Rejected, saysRejected},
	http.StatusUnprocessableEntity:   {provider.Rejected, saysRejected},
	http.StatusTooManyRequests:       {provider.Throttled, saysThrottled},
}

// failed translates a refusal. Where the status leaves a doubt, X-Should-Retry is OpenAI's own word on whether a repeat is
// right: "true" means that nothing was done, "false" that it will not help.
func failed(answer provider.Answer) *provider.Error {
	var why refusal
	if answer.Decode(&why) != nil {
		why = refusal{} // a page from something in front of the API: the status has to do
	}
	means, known := statuses[answer.Status]
	if !known {
		means = failure{provider.Ambiguous, saysNoAnswer}
		switch answer.ShouldRetry {
		case "true":
			means = failure{provider.Transient, saysNoAnswer}
		case "false":
			means = failure{provider.Rejected, saysFailed}
		}
	}
	if means.class == provider.Throttled && answer.ShouldRetry == "false" {
		means = failure{provider.Down, saysDown} // a limit that waiting does not lift
	}
	for _, code := range []string{why.Error.Type, why.Error.Code} {
		if special, is := codes[code]; is {
			means = special
		}
	}
	var detail []string
	for _, word := range []string{why.Error.Type, why.Error.Code, why.Error.Param} {
		if word = provider.CodeWord(word); word != "" {
			detail = append(detail, word)
		}
	}
	return answer.Failure(means.class, means.message, strings.Join(detail, " "))
}
