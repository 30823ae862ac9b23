package simtest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/task"
)

// simJob is the provider's unit of work. Where a provider lies, each answer about it is drawn anew.
type simJob struct {
	id      string
	call    provider.Call
	ends    time.Time
	failure provider.Class // empty: it succeeds
}

// simDriver is a provider of jobs that does whatever the seed says. It is the provider, not the process, so its memory survives crashes.
type simDriver struct {
	*JobDriver
	*sim
}

// Name is the provider's name in the catalogue; ReadWebhook, OutputHosts and the rest are the job driver's.
func (d simDriver) Name() string { return d.JobDriver.Name() }

// Submit takes a call: it may refuse it, lose the answer, or lose everything.
func (d simDriver) Submit(ctx context.Context, call provider.Call) (made provider.Submission, err error) {
	failure := of(ctx).call("submit", func() error {
		made, err = d.accept(call)
		return err
	})
	return made, asAmbiguous(failure)
}

// asAmbiguous is how a process sees a call that died under it: it knows nothing.
func asAmbiguous(err error) error {
	if err == nil || provider.ClassOf(err) != provider.Ambiguous {
		return err
	}
	return &provider.Error{Class: provider.Ambiguous, Message: "no answer", Err: err}
}

func (d simDriver) accept(call provider.Call) (provider.Submission, error) {
	d.called(call.Marker, true)
	switch draw := d.random.Float64(); {
	case draw < d.faults.Provider/4:
		d.called(call.Marker, false)
		return provider.Submission{}, &provider.Error{Class: provider.Throttled, Message: "later", RetryAfter: time.Duration(d.random.IntN(60)) * time.Second}
	case draw < d.faults.Provider/2:
		return provider.Submission{}, &provider.Error{Class: []provider.Class{provider.Rejected, provider.Moderated, provider.JobFailed}[d.random.IntN(3)], Message: "no"}
	}
	j := &simJob{id: fmt.Sprintf("job-%d", len(d.jobs)+1), call: call, ends: d.clock.Now().Add(time.Duration(d.random.IntN(60)) * time.Second)}
	if d.random.Float64() < d.faults.Provider/2 {
		j.failure = []provider.Class{provider.Rejected, provider.JobFailed}[d.random.IntN(2)]
	}
	d.jobs = append(d.jobs, j)
	d.announce(j)
	if d.random.Float64() < d.faults.Provider/4 {
		return provider.Submission{}, &provider.Error{Class: provider.Ambiguous, Message: "no answer"}
	}
	return provider.Submission{Job: &provider.Job{ID: j.id}}, nil
}

// called counts a submit call, and holds it against what is allowed. executed is false for one that provably was not: it is taken back from those that may
// have been.
func (s *sim) called(marker string, executed bool) {
	token, err := Tokens().Read("bfl", marker)
	if err != nil {
		token, err = Tokens().Read("openai", marker)
	}
	if err != nil {
		s.told = append(s.told, fmt.Errorf("a provider was called with the marker %q", marker))
		return
	}
	if !executed {
		s.executed[token.Task]--
		return
	}
	s.calls[marker]++
	s.perTask[token.Task]++
	s.executed[token.Task]++
	if s.calls[marker] > 1 || s.perTask[token.Task] > task.RefusedLimit || s.executed[token.Task] > 3 {
		s.told = append(s.told, fmt.Errorf("14 submit cap: task %s was submitted %d times, %d of them may have been executed, attempt %d %d times", token.Task,
			s.perTask[token.Task], s.executed[token.Task], token.Attempt, s.calls[marker]))
	}
}

// announce sends the webhooks of a job's whole life.
func (s *sim) announce(j *simJob) {
	if s.random.IntN(2) == 0 {
		s.deliver(j, 0, "running", j.id)
	}
	s.deliver(j, j.ends.Sub(s.clock.Now()), s.words(j)...)
}

// words tell how a job ended; a lying provider may say anything.
func (s *sim) words(j *simJob) []string {
	failure := j.failure
	if s.random.Float64() < s.faults.Lies {
		failure = []provider.Class{"", provider.Rejected, provider.JobFailed}[s.random.IntN(3)]
	}
	if failure == "" {
		return []string{"succeeded", j.id, Link(fmt.Sprintf("%s-%d", j.id, s.random.IntN(2)))}
	}
	return []string{"failed", j.id, string(failure)}
}

// Poll tells how a job stands.
func (d simDriver) Poll(ctx context.Context, job provider.Job) (told provider.Report, err error) {
	failure := of(ctx).call("poll "+job.ID, func() error {
		at := slices.IndexFunc(d.jobs, func(j *simJob) bool { return j.id == job.ID })
		if at < 0 || d.jobs[at].ends.After(d.clock.Now()) {
			told = provider.Report{State: provider.Running}
			return nil
		}
		words := d.words(d.jobs[at])
		told = provider.Report{State: provider.ReportState(words[0])}
		if told.State == provider.Succeeded {
			told.Output = &provider.Output{URL: words[2]}
		} else {
			told.Err = &provider.Error{Class: provider.Class(words[2]), Message: "failed"}
		}
		return nil
	})
	return told, failure
}

// Lookup finds a job by its marker, or not.
func (d simDriver) Lookup(ctx context.Context, marker string, _ time.Time) (found *provider.Job, err error) {
	err = of(ctx).call("look up", func() error {
		for _, j := range d.jobs {
			if j.call.Marker == marker && d.random.IntN(2) == 0 {
				found = &provider.Job{ID: j.id}
			}
		}
		return nil
	})
	return found, err
}

// Cancel stops a job, or not.
func (d simDriver) Cancel(ctx context.Context, job provider.Job) error {
	return of(ctx).call("cancel "+job.ID, func() error { return nil })
}

// ReadWebhook reads a delivery.
func (d simDriver) ReadWebhook(header http.Header, body []byte, secrets []string, now time.Time) (provider.Event, error) {
	return d.JobDriver.ReadWebhook(header, body, secrets, now)
}

// simAtOnce is a provider that answers with the image.
type simAtOnce struct{ *sim }

// Name is the provider's name in the catalogue.
func (simAtOnce) Name() string { return "openai" }

// Submit answers with an image, refuses, or is not heard of again.
func (d simAtOnce) Submit(ctx context.Context, call provider.Call) (made provider.Submission, err error) {
	failure := of(ctx).call("generate", func() error {
		d.called(call.Marker, true)
		switch draw := d.random.Float64(); {
		case draw < d.faults.Provider/4:
			d.called(call.Marker, false)
			return &provider.Error{Class: provider.Throttled, Message: "later"}
		case draw < d.faults.Provider/2:
			return &provider.Error{Class: []provider.Class{provider.Moderated, provider.Ambiguous, provider.JobFailed}[d.random.IntN(3)], Message: "no"}
		}
		made.Output = &provider.Output{Data: Picture(1), ContentType: "image/png"}
		return nil
	})
	if failure != nil {
		made = provider.Submission{}
	}
	return made, asAmbiguous(failure)
}

// Fetch reads an output: some links are dead, some lead to something else.
func (s *sim) Fetch(ctx context.Context, _, _ string, _ int64) (data []byte, err error) {
	err = of(ctx).call("fetch", func() error {
		switch draw := s.random.Float64(); {
		case draw < s.faults.Provider/6:
			return fmt.Errorf("fetch: %w", provider.ErrGone)
		case draw < s.faults.Provider/3:
			data = []byte("<html>")
			return nil
		}
		data = Picture(1)
		return nil
	})
	return data, err
}
