package gemini

import (
	"net/http"
	"strings"
	"time"

	"darkroom/shared/provider"
)

// codes are the status words and reasons that say more than the status does.
var codes = map[string]provider.Meaning{
	"FAILED_PRECONDITION": provider.MeansDown, // comes with 400: no billing, or not in this region
	"API_KEY_INVALID":     provider.MeansDown, // comes with 400 and INVALID_ARGUMENT
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

// createFailure translates a refusal. A quota for the day is used up for hours, longer than any task lives: that is for an operator.
func createFailure(answer provider.Answer) *provider.Error {
	why := provider.Said[refusal](answer)
	means := answer.OnCreate()
	if answer.Status == http.StatusServiceUnavailable {
		means = provider.MeansNotTaken // no capacity
	}
	words := []string{why.Error.Status}
	for _, d := range why.Error.Details {
		words = append(words, d.Reason)
		for _, v := range append(d.Violations, d.FieldViolations...) {
			words = append(words, v.QuotaID, v.Field)
			if means.Class == provider.Throttled && strings.Contains(v.QuotaID, "PerDay") {
				means = provider.MeansDown
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
	return answer.Failure(means, strings.Join(logged, " "))
}
