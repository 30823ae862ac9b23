package fal

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"

	"darkroom/shared/provider"
)

// kinds are fal's own failures by their error_type, with what each means as the answer to a submit. Where no runner had the request, nothing was executed. As
// the end of a request that was taken they all mean the same: it failed, and another attempt may not.
var kinds = map[string]provider.Meaning{
	"runner_scheduling_failure": provider.MeansNotTaken,  // 503: there was no runner
	"startup_timeout":           provider.MeansNotTaken,  // 504: none was ready in time
	"runner_connection_refused": provider.MeansNotTaken,  // 503: it did not take the request
	"runner_connection_timeout": provider.MeansAmbiguous, // 503: where it stopped is not said
	"runner_disconnected":       provider.MeansAmbiguous, // 503: during the work
	"request_timeout":           provider.MeansAmbiguous, // 504: the same, unless the time was ours
}

// createFailure translates a refused submit. A refused input may be refused by a content policy, which only the body tells. X-Fal-Retryable does not
// count here: it says that a repeat may help, and not that nothing was executed.
func createFailure(answer provider.Answer) *provider.Error {
	why, means := provider.Said[refusal](answer), answer.OnCreate()
	kind, isKind := kinds[why.ErrorType]
	switch told := why.meaning(answer.Status, ""); {
	case means.Class == provider.Rejected && told.Class == provider.Moderated:
		means = told
	case ourTimeout(answer):
		means = provider.MeansFailed
	case isKind && means.Class == provider.Ambiguous:
		means = kind
	case isIngress(answer):
		means = provider.MeansNotTaken
	}
	return answer.Failure(means, why.codes())
}

// ourTimeout says that no runner began within the time that our submit allows. fal's clients do not repeat such a call, because whoever set the time has waited
// long enough: the attempt is over.
func ourTimeout(answer provider.Answer) bool {
	return answer.Status == http.StatusGatewayTimeout && answer.Header.Get("X-Fal-Request-Timeout-Type") == "user"
}

// ingressStatuses are those of the proxy in front of fal, which also come from behind it.
var ingressStatuses = map[int]bool{http.StatusBadGateway: true, http.StatusServiceUnavailable: true, http.StatusGatewayTimeout: true}

// isIngress says that the request never got through the proxy: its own page, without the id that fal gives to every request that did. fal's clients repeat even
// submits then. A page of anything else in front proves nothing.
func isIngress(answer provider.Answer) bool {
	return ingressStatuses[answer.Status] && answer.Header.Get("X-Fal-Request-Id") == "" && bytes.Contains(answer.Body, []byte("nginx"))
}

func readFailure(answer provider.Answer) *provider.Error {
	return answer.Failure(answer.OnRead(), provider.Said[refusal](answer).codes())
}

// result reads the answer of a request's address: the model's own status and body when the request is over, or a failure to read
// it. failed is what the status said before.
func result(answer provider.Answer, failed bool) (provider.Report, error) {
	why := provider.Said[refusal](answer)
	explained := answer.OnRead() == provider.MeansUnread && len(why.Detail) > 0 // else it is our key or our rate, or a page of something in front of fal
	switch {
	case answer.OK() && failed:
		return provider.MeansFailed.Report(""), nil
	case answer.OK():
		var made output
		if answer.Decode(&made) != nil {
			return provider.Report{}, answer.Failure(provider.MeansUnread, "without a result")
		}
		return made.report(), nil
	case failed, why.ErrorType != "", provider.Problems(why.Detail) != nil, ourTimeout(answer), explained:
		return why.meaning(answer.Status, answer.Header.Get("X-Fal-Retryable")).Report(""), nil
	}
	return provider.Report{}, readFailure(answer)
}

// billed reads what fal bills a request by, in the unit of its model: images, or megapixels. It stands in the header of a result alone, not in
// a webhook, and is no sum of money: unit prices are the account's.
func billed(answer provider.Answer) provider.Usage {
	units, _ := strconv.ParseFloat(answer.Header.Get("X-Fal-Billable-Units"), 64) //nolint:errcheck // what is no number is 0 or makes no sense
	return provider.Usage{MilliUnits: provider.Scaled(units, 1000)}
}

// report translates a model's answer. An image that was found indecent may be blacked out: it is never a success.
func (o output) report() provider.Report {
	switch {
	case anyTrue(o.Indecent) || anyTrue(o.Flagged):
		return provider.MeansPictureModerated.Report("")
	case len(o.Images) == 0 || o.Images[0].URL == "":
		return provider.MeansFailed.Report("")
	}
	return provider.Report{State: provider.Succeeded, Output: &provider.Output{URL: o.Images[0].URL, ContentType: o.Images[0].ContentType}}
}

func anyTrue(said any) bool {
	list, isList := said.([]any)
	if !isList {
		list = []any{said}
	}
	return slices.Contains(list, any(true))
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

// meansHopeless is a failure that is not the input's fault and would come again all the same.
var meansHopeless = provider.Meaning{Class: provider.Rejected, Message: provider.MeansFailed.Message}

// meaning translates a failure of the model. The type of a problem decides, never its text; whether another attempt may help, the model says best itself:
// "true" or "false" in the header X-Fal-Retryable, empty where there is none.
func (r refusal) meaning(status int, retryable string) provider.Meaning {
	problems := provider.Problems(r.Detail)
	blamed := inputStatuses[status] && r.ErrorType == ""
	for _, p := range problems {
		switch {
		case p.Type == contentPolicy && p.Names("prompt"):
			return provider.MeansPromptModerated
		case p.Type == contentPolicy:
			return provider.MeansPictureModerated
		case passing[p.Type]:
			blamed = false
		}
	}
	switch {
	case blamed && retryable != "true":
		return provider.MeansRejected
	case retryable == "false" && problems != nil:
		return meansHopeless
	}
	return provider.MeansFailed
}
