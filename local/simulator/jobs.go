package simulator

import (
	"slices"
	"sync"
	"time"
)

// outcome is how a job stands, in the simulator's own words; each provider has its own for them.
type outcome string

const (
	pending       outcome = "pending"
	ready         outcome = "ready"
	readyEmpty    outcome = "ready without an image"
	inputRefused  outcome = "input refused"
	outputRefused outcome = "output refused"
	failed        outcome = "failed"
	canceled      outcome = "canceled" // a client asked for its end, or its deadline came, before the work was done
	aborted       outcome = "aborted"  // its deadline came before the work began
)

// job is one piece of work that goes on after its create call was answered.
type job struct {
	id       string
	provider string
	model    string
	prompt   string // as sent
	picture  picture
	cost     float64 // the provider's own unit; BFL: credits of one US cent
	base     string  // address in front of its links
	webhook  *hook   // nil: the client polls
	created  time.Time
	plan     plan
	ends     outcome       // how it will end, decided when it is accepted
	told     chan struct{} // closed when the first try of its webhook is over, or there is none
	tell     func()        // closes told, once

	mu       sync.Mutex
	finished time.Time // zero while it runs
	reports  int       // final ones given, by poll or webhook
	link     *link     // the present one; nil before the first report of success
}

// Job is what the control endpoint tells about a job.
type Job struct {
	ID       string    `json:"id"`
	Provider string    `json:"provider"`
	Model    string    `json:"model"`
	Prompt   string    `json:"prompt"` // as sent, its first 2,000 bytes
	Status   string    `json:"status"` // pending, ready, ready without an image, input refused, output refused, failed, canceled, aborted
	Created  time.Time `json:"created"`
	Finished time.Time `json:"finished,omitzero"`
	Webhook  bool      `json:"webhook"`
	Reports  int       `json:"reports"` // final ones given so far, by poll or webhook
	Cost     float64   `json:"cost"`
	Picture  picture   `json:"picture"`
}

// accept starts a job: from here on it runs whatever becomes of the answer.
func (s *Simulator) accept(v *visit, j *job) {
	j.created = s.opts.Now().UTC()
	j.plan = v.plan
	j.told = make(chan struct{})
	j.tell = sync.OnceFunc(func() { close(j.told) })
	j.ends = ending(v)
	v.note(func(c *Call) { c.Accepted, c.Job = true, j.id })
	s.jobs.put(j)
	s.opts.Log.Info("job accepted", "provider", j.provider, "model", j.model, "job", j.id)

	delay := s.workTime(v)
	if hookOrder, _ := j.plan.get("webhook"); hookOrder.word == "early" {
		delay = 0
	}
	s.work.Go(func() {
		if !s.sleep(s.ctx, delay) {
			return
		}
		j.finish(s.opts.Now().UTC())
		s.announce(j)
	})
}

// workTime is how long the work of a call takes.
func (s *Simulator) workTime(v *visit) time.Duration {
	ordered, is := v.plan.milliseconds("delay")
	if !is {
		return s.opts.Delay
	}
	v.suffered("delay")
	return ordered
}

// ending decides how the work of a call ends.
func ending(v *visit) outcome {
	for _, end := range []struct {
		fault string
		as    outcome
	}{
		{"moderate_input", inputRefused},
		{"moderate_output", outputRefused},
		{"empty", readyEmpty},
	} {
		if v.plan.has(end.fault) {
			v.suffered(end.fault)
			return end.as
		}
	}
	if v.struck("job_error") {
		return failed
	}
	return ready
}

func (j *job) finish(at time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.finished = at
}

// cancel ends a job that still runs. It is false when the job had ended before, which stands then.
func (j *job) cancel(at time.Time, end outcome) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.finished.IsZero() {
		return false
	}
	j.ends, j.finished = end, at
	return true
}

// report says how the job stands to one poll or webhook. Contradictions ordered for it come from here.
func (j *job) report(v *visit) outcome {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.finished.IsZero() {
		return pending
	}
	j.reports++
	first, later := j.ends, j.ends
	switch {
	case j.plan.has("success_then_failure"):
		v.suffered("success_then_failure")
		first, later = ready, failed
	case j.plan.has("failure_then_success"):
		v.suffered("failure_then_success")
		first, later = failed, ready
	}
	if j.reports == 1 {
		return first
	}
	return later
}

func (j *job) info() Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	status := pending
	if !j.finished.IsZero() {
		status = j.ends
	}
	return Job{
		ID: j.id, Provider: j.provider, Model: j.model, Prompt: keptPrompt(j.prompt), Status: string(status),
		Created: j.created, Finished: j.finished, Webhook: j.webhook != nil, Reports: j.reports, Cost: j.cost, Picture: j.picture,
	}
}

// jobStore remembers the last jobs.
type jobStore struct {
	mu  sync.Mutex
	all *bounded[*job]
}

func newJobStore(keep int) *jobStore { return &jobStore{all: newBounded[*job](keep)} }

func (s *jobStore) put(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.put(j.id, j)
}

func (s *jobStore) get(id string) (*job, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.get(id)
}

// list returns the jobs that match, newest first.
func (s *jobStore) list(f Filter) []Job {
	s.mu.Lock()
	all := s.all.newestFirst()
	s.mu.Unlock()
	infos := make([]Job, 0, len(all))
	for _, j := range all {
		infos = append(infos, j.info())
	}
	return slices.DeleteFunc(infos, func(j Job) bool {
		return !f.matches(Call{Prompt: j.Prompt, Provider: j.Provider, Operation: f.Operation, Job: j.ID})
	})
}
