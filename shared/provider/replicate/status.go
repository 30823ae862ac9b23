package replicate

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"darkroom/shared/provider"
)

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

func createFailure(answer provider.Answer) *provider.Error { return failure(answer, answer.OnCreate()) }

func readFailure(answer provider.Answer) *provider.Error { return failure(answer, answer.OnRead()) }

func failure(answer provider.Answer, means provider.Meaning) *provider.Error {
	why := provider.Said[refusal](answer)
	if answer.RetryAfter == 0 {
		answer.RetryAfter = provider.CapRetry(why.seconds())
	}
	return answer.Failure(means, why.inFields())
}

// isUnknownJob says whether Replicate itself, and not something in front of it, does not know the job. That says little about
// one that was made just now.
func isUnknownJob(answer provider.Answer) bool {
	return answer.Status == http.StatusNotFound && provider.Said[refusal](answer).Detail != ""
}

// statuses are Replicate's words for a job that has ended. Any other word, one that is not known included, counts as running: the task's deadline
// bounds that.
var statuses = map[string]provider.ReportState{
	"succeeded": provider.Succeeded,
	"failed":    provider.Failed,
	"canceled":  provider.Failed, // by us, or by Cancel-After while it ran
	"aborted":   provider.Failed, // by Cancel-After before it ran
}

// failures are what the text of a failed job means, by a part of it in lower case. There is no other mark of the reason.
var failures = []struct {
	part  string
	means provider.Meaning
}{
	{"(e005)", provider.MeansModerated},
	{"e005:", provider.MeansModerated},
	{"flagged as sensitive", provider.MeansModerated},
	{"nsfw", provider.MeansModerated},
	{"content policy", provider.MeansModerated},
	{"input validation error", provider.MeansRejected}, // an image that could not be read, for example
}

// errorCode is the documented start, or end, of a text: "E1001: …", "… (E005)".
var errorCode = regexp.MustCompile(`^E\d{3,4}\b|\(E\d{3,4}\)`)

// report translates, with the time that the work took.
func (p prediction) report() provider.Report {
	told := p.ended()
	told.Usage.ComputeMS = provider.Scaled(p.seconds, 1000)
	return told
}

// ended says how it stands. A success without a link is a failed job, never a success.
func (p prediction) ended() provider.Report {
	switch statuses[p.status] {
	case provider.Succeeded:
		switch {
		case p.output != "":
			return provider.Report{State: provider.Succeeded, Output: &provider.Output{URL: p.output}}
		case p.removed:
			return provider.MeansFailed.Report("the output was removed before it was copied")
		}
		return provider.MeansFailed.Report("succeeded without an output")
	case provider.Failed:
		text := strings.ToLower(p.failure)
		for _, known := range failures {
			if strings.Contains(text, known.part) {
				return known.means.Report(p.reason())
			}
		}
		return provider.MeansFailed.Report(p.reason())
	}
	return provider.Report{State: provider.Running}
}

// reason is the status and the error code, for the log.
func (p prediction) reason() string {
	return strings.TrimSpace(p.status + " " + strings.Trim(errorCode.FindString(p.failure), "()"))
}
