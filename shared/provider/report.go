package provider

// Submission is what became of a submit: a Job that goes on, or an Output at once. Exactly one is set.
type Submission struct {
	Job    *Job
	Output *Output
	Usage  Usage
}

// What a job may take up in a row of ours, in bytes.
const (
	MaxJobID  = 256
	MaxHandle = 1024
)

// Job is the provider's unit of work for a task.
type Job struct {
	ID     string // the provider's; at most MaxJobID bytes
	Handle string // whatever else the driver needs to find the job again; at most MaxHandle bytes, may be empty
}

// Output is the provider's temporary image: a link that soon dies, or the bytes. Exactly one of URL and Data is set.
type Output struct {
	URL         string
	Data        []byte
	ContentType string // as far as known; of no weight: the picture is inspected before it is stored
}

// ReportState is how a job stands.
type ReportState string

// The states. Words of a provider that no driver knows count as Running: the task's deadline bounds that.
const (
	Running   ReportState = "running"
	Succeeded ReportState = "succeeded"
	Failed    ReportState = "failed"
)

// Report is what a poll or a webhook said about a job.
type Report struct {
	State  ReportState
	Output *Output // set when Succeeded, and only then
	Err    *Error  // set when Failed, and only then: Rejected, Moderated or JobFailed
	Usage  Usage   // zero when the submit told it
}

// Event is a webhook delivery, read.
type Event struct {
	JobID  string  // as the body says; empty when it does not
	Signed bool    // the body itself is proven; false: the delivery is only a hint to ask the provider
	Report *Report // nil unless Signed, and when the body does not tell enough to settle
}
