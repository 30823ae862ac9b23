package fal

import (
	"net/http"
	"strconv"

	"darkroom/shared/provider"
)

// createFailure translates a refused submit. A refused input may be refused by a content policy, which only the body tells.
func createFailure(answer provider.Answer) *provider.Error {
	why, means := refusalIn(answer), answer.OnCreate()
	if told := why.meaning(answer.Status); means.Class == provider.Rejected && told.Class == provider.Moderated {
		means = told
	}
	return answer.Failure(means, why.codes())
}

func readFailure(answer provider.Answer) *provider.Error {
	return answer.Failure(answer.OnRead(), refusalIn(answer).codes())
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
	ours := answer.OnRead() != provider.MeansUnread // our key or our rate, unless a model says it
	switch {
	case answer.OK() && failed:
		return provider.MeansFailed.Report(""), nil
	case answer.OK():
		var made output
		if answer.Decode(&made) != nil {
			return provider.Report{}, answer.Failure(provider.MeansUnread, "without a result")
		}
		return made.report(), nil
	case failed, why.problems() != nil, why.ErrorType != "":
		return why.meaning(answer.Status).Report(""), nil
	case ours, len(why.Detail) == 0: // a page of something in front of fal explains nothing
		return provider.Report{}, readFailure(answer)
	}
	return why.meaning(answer.Status).Report(""), nil
}

// billed reads what fal bills a request by, in the unit of its model: images, or megapixels. It stands in the header of a result alone, not in
// a webhook, and is no sum of money: unit prices are the account's.
func billed(answer provider.Answer) provider.Usage {
	units, err := strconv.ParseFloat(answer.Header.Get("X-Fal-Billable-Units"), 64)
	if err != nil {
		return provider.Usage{}
	}
	return provider.Usage{MilliUnits: provider.Scaled(units, 1000)}
}

// report translates a model's answer. An image that was found indecent may be blacked out: it is never a success.
func (o output) report() provider.Report {
	found := o.Images
	if o.Image != nil {
		found = append(found, *o.Image)
	}
	switch {
	case anyTrue(o.Indecent) || anyTrue(o.Flagged):
		return provider.MeansPictureModerated.Report("")
	case len(found) == 0 || found[0].URL == "":
		return provider.MeansFailed.Report("")
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

// meaning translates a failure of the model. The type of a problem decides, never its text.
func (r refusal) meaning(status int) provider.Meaning {
	blamed := inputStatuses[status] && r.ErrorType == ""
	for _, p := range r.problems() {
		switch {
		case p.Type == contentPolicy && p.names("prompt"):
			return provider.MeansPromptModerated
		case p.Type == contentPolicy:
			return provider.MeansPictureModerated
		case passing[p.Type]:
			blamed = false
		}
	}
	if blamed {
		return provider.MeansRejected
	}
	return provider.MeansFailed
}

func (p problem) names(field string) bool {
	for _, part := range p.Loc {
		if part == field {
			return true
		}
	}
	return false
}
