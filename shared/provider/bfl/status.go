package bfl

import "darkroom/shared/provider"

func createFailure(answer provider.Answer) *provider.Error { return failure(answer, answer.OnCreate()) }

func readFailure(answer provider.Answer) *provider.Error { return failure(answer, answer.OnRead()) }

func failure(answer provider.Answer, means provider.Meaning) *provider.Error {
	why := provider.Said[refusal](answer)
	if answer.RetryAfter == 0 {
		answer.RetryAfter = provider.CapRetry(why.RetryAfter)
	}
	return answer.Failure(means, provider.ProblemCodes(provider.Problems(why.Detail)))
}

// taskNotFound also comes from a cluster that does not own the job, and for a job that is very young.
const taskNotFound = "Task not found"

// ready says that the job is over; with it comes the sample.
const ready = "Ready"

// failures are BFL's words for a job that failed. Any other word, one that is not known included, counts as running: the task's
// deadline bounds that.
var failures = map[string]provider.Meaning{
	"Request Moderated": provider.MeansPromptModerated,
	"Content Moderated": provider.MeansPictureModerated,
	"Error":             provider.MeansFailed,
	"Failed":            provider.MeansFailed,
}

// word is the status in whichever field it came; empty when there is none.
func (r result) word() string {
	if r.Status != "" {
		return r.Status
	}
	return r.State
}

// report translates. Ready without a sample is a failed job, never a success.
func (r result) report() provider.Report {
	means, failed := failures[r.word()]
	switch {
	case failed:
		return means.Report("")
	case r.word() != ready:
		return provider.Report{State: provider.Running}
	case r.Result == nil || r.Result.Sample == "":
		return provider.MeansFailed.Report("ready without a sample")
	}
	return provider.Report{State: provider.Succeeded, Output: &provider.Output{URL: r.Result.Sample}}
}
