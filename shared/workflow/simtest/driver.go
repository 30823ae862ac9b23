package simtest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"darkroom/shared/provider"
)

// OutputHost is where the job driver's links lead.
const OutputHost = "img.example.com"

// JobDriver is a provider of jobs. What its functions leave out it does in the usual way: it accepts, works on the job for ever, and finds no job by marker.
type JobDriver struct {
	OnSubmit func(call provider.Call, n int) (provider.Submission, error) // n counts the calls from 1
	OnPoll   func(job provider.Job) (provider.Report, error)
	OnLookup func(marker string) (*provider.Job, error)
	OnCancel func(job provider.Job) error

	mu        sync.Mutex
	calls     []provider.Call
	cancelled []string
}

// Name is the provider's name in the catalogue.
func (*JobDriver) Name() string { return "bfl" }

// Submit takes a call and gives it a job.
func (d *JobDriver) Submit(_ context.Context, call provider.Call) (provider.Submission, error) {
	d.mu.Lock()
	d.calls = append(d.calls, call)
	n := len(d.calls)
	d.mu.Unlock()
	if d.OnSubmit != nil {
		return d.OnSubmit(call, n)
	}
	return provider.Submission{Job: &provider.Job{ID: fmt.Sprintf("job-%d", n), Handle: "handle"}}, nil
}

// Calls are the submits so far.
func (d *JobDriver) Calls() []provider.Call {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.calls)
}

// Poll tells how a job stands.
func (d *JobDriver) Poll(_ context.Context, job provider.Job) (provider.Report, error) {
	if d.OnPoll != nil {
		return d.OnPoll(job)
	}
	return provider.Report{State: provider.Running}, nil
}

// Cancel notes that a job was cancelled.
func (d *JobDriver) Cancel(_ context.Context, job provider.Job) error {
	d.mu.Lock()
	d.cancelled = append(d.cancelled, job.ID)
	d.mu.Unlock()
	if d.OnCancel != nil {
		return d.OnCancel(job)
	}
	return nil
}

// Cancelled are the jobs that were cancelled.
func (d *JobDriver) Cancelled() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.cancelled)
}

// Lookup finds a job by its marker.
func (d *JobDriver) Lookup(_ context.Context, marker string, _ time.Time) (*provider.Job, error) {
	if d.OnLookup != nil {
		return d.OnLookup(marker)
	}
	return nil, nil
}

// OutputHosts is OutputHost.
func (*JobDriver) OutputHosts() []string { return []string{OutputHost} }

// ReadWebhook reads a delivery that Deliver made.
func (*JobDriver) ReadWebhook(header http.Header, body []byte, secrets []string, _ time.Time) (provider.Event, error) {
	signature := header.Get("Signature")
	if signature != "none" && !slices.Contains(secrets, signature) {
		return provider.Event{}, provider.ErrBadSignature
	}
	words := strings.Fields(string(body))
	if len(words) < 2 {
		return provider.Event{}, fmt.Errorf("not understood: %d words", len(words))
	}
	event := provider.Event{JobID: words[1], Signed: signature != "none", Report: &provider.Report{State: provider.ReportState(words[0])}}
	switch event.Report.State {
	case Untold:
		event.Report = nil
		return event, nil
	case provider.Succeeded:
		event.Report.Output = &provider.Output{URL: words[2]}
	case provider.Failed:
		event.Report.Err = &provider.Error{Class: provider.Class(words[2]), Message: "failed"}
	}
	if len(words) > 3 {
		event.Report.Usage.CostMicroUSD, _ = strconv.ParseInt(words[3], 10, 64) //nolint:errcheck // of a test
	}
	return event, nil
}

// Untold is the state of a delivery that names its job and says nothing of it.
const Untold provider.ReportState = "untold"

// Delivery is a webhook's header and body: the state, the job, the link of a success or the class of a failure, and if one likes the cost. An empty secret
// leaves it unsigned.
func Delivery(secret string, words ...string) (http.Header, []byte) {
	if secret == "" {
		secret = "none"
	}
	return http.Header{"Signature": {secret}}, []byte(strings.Join(words, " "))
}

// Link is the address of an output.
func Link(name string) string { return "https://" + OutputHost + "/" + name + ".png" }

// Done is the report of a job with an output.
func Done(link string) provider.Report {
	return provider.Report{State: provider.Succeeded, Output: &provider.Output{URL: link}}
}

// AtOnceDriver is a provider that answers with the image. It has no jobs, links or webhooks.
type AtOnceDriver struct {
	OnSubmit func(call provider.Call, n int) (provider.Submission, error)

	mu    sync.Mutex
	calls int
}

// Name is the provider's name in the catalogue.
func (*AtOnceDriver) Name() string { return "openai" }

// Submit answers with a picture.
func (d *AtOnceDriver) Submit(_ context.Context, call provider.Call) (provider.Submission, error) {
	d.mu.Lock()
	d.calls++
	n := d.calls
	d.mu.Unlock()
	if d.OnSubmit != nil {
		return d.OnSubmit(call, n)
	}
	return provider.Submission{Output: &provider.Output{Data: Picture(n), ContentType: "image/png"}}, nil
}

// Calls counts the submits so far.
func (d *AtOnceDriver) Calls() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}
