package workflow

import (
	"context"

	"darkroom/shared/provider"
	"darkroom/shared/task"
)

// Poller asks providers about their jobs. Trigger: a hint on the Poll queue.
type Poller struct {
	*Engine
	Providers provider.Set
}

// Poll asks about the current job of a running task, fetches a fresh link for one that is being stored, or cancels the job of one that has ended.
func (p *Poller) Poll(ctx context.Context, m task.Message) error {
	t, err := p.read(ctx, m.Account, m.Task)
	if err != nil || t == nil {
		return err
	}
	d := p.decide(t, task.PollHint{})
	switch d.Then {
	case task.AskProvider:
		return p.ask(ctx, t, t.Att)
	case task.RefreshSource:
		return p.ask(ctx, t, t.Win)
	case task.CancelJob:
		p.cancel(ctx, t)
	}
	return nil
}

// ask polls the job of one attempt. An unanswered question costs nothing: the next hint or the sweep asks again.
func (p *Poller) ask(ctx context.Context, t *task.Task, n int) error {
	attempt := t.Attempts[n]
	using := p.Providers[attempt.Provider]
	if using == nil || attempt.Job == "" {
		return nil
	}
	report, err := using.Poll(ctx, provider.Job{ID: attempt.Job, Handle: attempt.Handle})
	if err != nil {
		p.Log.Warn("poll not answered", "task_id", t.ID, "account", t.Account, "attempt", n, "provider", attempt.Provider, "error", err)
		p.Metrics.Count("PollFailed", 1, "Provider", attempt.Provider, "Class", string(provider.ClassOf(err)))
		p.callOperators(attempt.Provider, err)
		return nil
	}
	return p.report(ctx, t, eventOf(n, report))
}

// eventOf is a provider's report in the words of package task.
func eventOf(attempt int, report provider.Report) task.Event {
	switch usage := usageOf(report.Usage); report.State {
	case provider.Succeeded:
		return task.Succeeded{Attempt: attempt, Source: task.Source{URL: report.Output.URL, Type: report.Output.ContentType}, Usage: usage}
	case provider.Failed:
		return task.Failing{Attempt: attempt, Reason: failReasons[report.Err.Class], RetryAfter: report.Err.RetryAfter, Usage: usage}
	}
	return task.Pending{Attempt: attempt}
}

// cancel stops a job that nobody waits for any more. Best effort, after the credits: it decides nothing.
func (p *Poller) cancel(ctx context.Context, t *task.Task) {
	n, attempt, open := t.OpenJob()
	using := p.Providers[attempt.Provider]
	if !open || using == nil || !using.CanCancel() {
		return
	}
	err := using.Cancel(ctx, provider.Job{ID: attempt.Job, Handle: attempt.Handle})
	p.Log.Info("asked the provider to cancel", "task_id", t.ID, "account", t.Account, "attempt", n, "provider", attempt.Provider, "error", err)
	p.callOperators(attempt.Provider, err)
}
