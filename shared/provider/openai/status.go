package openai

import (
	"strings"

	"darkroom/shared/provider"
)

// codes are the error codes and types that say more than the status does.
var codes = map[string]provider.Meaning{
	"moderation_blocked":         provider.MeansModerated,
	"content_policy_violation":   provider.MeansModerated,
	"insufficient_quota":         provider.MeansDown, // comes with 429, and no waiting helps
	"billing_hard_limit_reached": provider.MeansDown, // comes with 400
	"model_not_found":            provider.MeansDown, // retired
}

// createFailure translates a refusal. Where the status leaves a doubt, X-Should-Retry is OpenAI's own word on whether a repeat is
// right: "true" means that nothing was done, "false" that it will not help.
func createFailure(answer provider.Answer) *provider.Error {
	why := provider.Said[refusal](answer)
	means := answer.OnCreate()
	switch {
	case means.Class == provider.Ambiguous && answer.ShouldRetry == "true":
		means = provider.MeansNotTaken
	case means.Class == provider.Ambiguous && answer.ShouldRetry == "false":
		means = provider.Meaning{Class: provider.Rejected, Message: provider.MeansFailed.Message}
	case means.Class == provider.Throttled && answer.ShouldRetry == "false":
		means = provider.MeansDown // a limit that waiting does not lift
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
	return answer.Failure(means, strings.Join(detail, " "))
}
