package sample

import (
	"net/http"

	"darkroom/shared/provider"
)

// codes are the error codes that say more than the status does.
var codes = map[string]provider.Meaning{
	"prompt_refused": provider.MeansPromptModerated, // comes with 400
	"busy":           provider.MeansNotTaken,        // comes with 503, and nothing was done
}

func createFailure(answer provider.Answer) *provider.Error { return failure(answer, answer.OnCreate()) }

func readFailure(answer provider.Answer) *provider.Error { return failure(answer, answer.OnRead()) }

// failure translates a refusal, whose status alone has the given meaning.
func failure(answer provider.Answer, means provider.Meaning) *provider.Error {
	why := provider.Said[refusal](answer)
	if special, is := codes[why.Code]; is {
		means = special
	}
	return answer.Failure(means, provider.CodeWord(why.Code)+" "+provider.CodeWord(why.Field))
}

// isUnknown says whether the provider itself, and not something in front of it, does not know the job.
func isUnknown(answer provider.Answer) bool {
	return answer.Status == http.StatusNotFound && provider.Said[refusal](answer).Code == "unknown_image"
}

// failures are the states of a job that failed, with the reason if there is one. Any other state but done counts as running: the
// task's deadline bounds that.
var failures = map[string]provider.Meaning{
	"refused prompt": provider.MeansPromptModerated,
	"refused image":  provider.MeansPictureModerated,
	"refused":        provider.MeansModerated,
	"failed":         provider.MeansFailed,
	"stopped":        provider.MeansFailed, // by us
}

// report translates. A success without a link is a failed job, never a success.
func (i image) report() provider.Report {
	means, failed := failures[i.State+" "+i.Reason]
	if !failed {
		means, failed = failures[i.State] // a reason that is not known
	}
	switch {
	case failed:
		return means.Report(provider.CodeWord(i.State))
	case i.State != "done":
		return provider.Report{State: provider.Running}
	case i.URL == "":
		return provider.MeansFailed.Report("done without an image")
	}
	return provider.Report{State: provider.Succeeded, Output: &provider.Output{URL: i.URL}}
}
