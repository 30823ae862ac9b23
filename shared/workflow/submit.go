package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"darkroom/shared/asset"
	"darkroom/shared/catalog"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// Staging keeps the bytes of synchronous providers until their success is recorded.
type Staging interface {
	// PutOnce writes an object unless its key is taken, which is fine too.
	PutOnce(ctx context.Context, key string, data []byte, contentType string) error
	// List returns the keys below a prefix. "Not allowed to look" is an error, never an empty list.
	List(ctx context.Context, prefix string) ([]string, error)
}

// Submitter hands tasks to providers. Trigger: a hint on the Submit or the Generate queue.
type Submitter struct {
	*Engine
	Providers provider.Set
	Switches  *Switches
	Staging   Staging
	Inputs    InputSpace
	Screening Screening
	Tokens    Tokens
	PublicURL string        // where providers reach the webhook route, without a slash at the end
	CallLimit time.Duration // caps the catalogue's own call times
}

// recordTime is kept free at the end of a lease to write down what came of the call.
const recordTime = 5 * time.Second

// Submit looks at one task: claims its next attempt and calls the provider, or finds out what became of a submit that was lost. A nil error means that
// whatever is to happen next is durable.
func (s *Submitter) Submit(ctx context.Context, m task.Message) error {
	t, request, err := s.readBoth(ctx, m)
	if err != nil || t == nil {
		return err
	}
	model, known := s.Catalog.Model(t.Model)
	if !known { // taken out of the catalogue since: it waits for its deadline, or for the model to come back
		s.Log.Error("the catalogue has no such model", "task_id", t.ID, "account", t.Account, "model", t.Model)
		return nil
	}
	hint := task.SubmitHint{LeaseID: s.NewID(), CallTime: min(model.CallTime(), s.CallLimit)}
	if s.decide(t, hint).Move != nil { // it wants an attempt, now: only then a provider is asked for, whose breaker may have one try to give
		var route catalog.Route
		if route, hint.RetryAt, _, err = s.Switches.Route(ctx, model, t); err != nil {
			return err
		}
		hint.EstimateMicroUSD = estimate(route, request)
		if hint.Provider = route.Provider; hint.RetryAt.IsZero() {
			hint.RetryAt = s.Now().Add(s.Rules.Sweep)
		}
	}
	d := s.decide(t, hint)
	if d.Then == task.CallProvider && request == nil { // a bug, or a hand in the data: the worker counts the crash (T15) and gives the task up after five
		panic(fmt.Sprintf("submit %s: its request row is missing", t.ID))
	}
	done, err := s.carryOut(ctx, t, d)
	if err != nil || !done.counted {
		return err
	}
	switch d.Then {
	case task.CallProvider:
		return s.call(ctx, done.task, request, hint)
	case task.RepairSubmit:
		return s.repair(ctx, t)
	}
	return nil
}

// readBoth reads the task and its request in one call when the hint names both.
func (s *Submitter) readBoth(ctx context.Context, m task.Message) (*task.Task, *task.Request, error) {
	key := task.Key(m.Account, m.Task)
	keys := []transition.Key{key}
	if m.Request != "" {
		keys = append(keys, task.RequestKey(m.Account, m.Request))
	}
	items, err := s.Store.GetAll(ctx, keys...)
	if err != nil || items[0] == nil {
		return nil, nil, err
	}
	t := task.From(key, items[0])
	if m.Request == t.Request && items[1] != nil {
		return t, task.RequestFrom(m.Account, keys[1], items[1]), nil
	}
	requestKey := task.RequestKey(t.Account, t.Request)
	item, err := s.Store.Get(ctx, requestKey)
	if err != nil || item == nil {
		return t, nil, err
	}
	return t, task.RequestFrom(t.Account, requestKey, item), nil
}

// call submits the attempt that this step has claimed, once, and writes down what came of it.
func (s *Submitter) call(ctx context.Context, t *task.Task, request *task.Request, hint task.SubmitHint) error {
	callCtx, cancel := context.WithDeadline(ctx, task.Time(t.LeaseUntil).Add(-min(recordTime, s.Rules.Lease/2)))
	defer cancel()
	callCtx, cancel = context.WithTimeout(callCtx, hint.CallTime)
	defer cancel()

	using := s.Providers[hint.Provider]
	if using == nil {
		panic(fmt.Sprintf("submit %s: the catalogue names provider %q, which has no driver", t.ID, hint.Provider))
	}
	call := s.translate(t, request, hint.Provider)
	var err error
	if call.Inputs, err = s.inputs(callCtx, t, hint.Provider, request); err != nil {
		return s.unusableInput(ctx, t, err)
	}
	if err := s.screen(callCtx, t, s.Screening, screenedInput, shown(call)); err != nil {
		return s.uncalled(ctx, t, err, hint.LeaseID)
	}
	started := s.Now()
	made, err := using.Submit(callCtx, call)
	s.Metrics.Count("SubmitSeconds", s.Now().Sub(started).Seconds(), "Provider", hint.Provider)

	s.tellBreaker(ctx, hint.Provider, err)
	s.callOperators(hint.Provider, err)
	switch {
	case err != nil:
		return s.failed(ctx, t, err, hint.LeaseID)
	case made.Job != nil:
		return s.accepted(ctx, t, *made.Job, usageOf(made.Usage))
	case made.Output.URL != "":
		return s.report(ctx, t, task.Succeeded{Attempt: t.Att, Source: task.Source{URL: made.Output.URL, Type: made.Output.ContentType}, Usage: usageOf(made.Usage)})
	}
	return s.stage(callCtx, ctx, t, made)
}

// translate makes the call that a task is for a provider by this name, but for its inputs.
func (s *Submitter) translate(t *task.Task, request *task.Request, name string) provider.Call {
	model, _ := s.Catalog.ModelOn(t.Model, name) // known: it has just been routed
	marker := s.Tokens.New(name, Token{t.Account, t.ID, t.Att})
	wish := request.Params
	call := provider.Call{
		Model: model, Mode: t.Mode, Prompt: request.Prompt, EndUser: t.Account, Marker: marker,
		Params: provider.Params{
			Width: wish.Width, Height: wish.Height, AspectRatio: wish.AspectRatio, Seed: wish.Seed,
			Quality: wish.Quality, OutputFormat: wish.OutputFormat, Background: wish.Background,
		},
	}
	if s.Providers[name].CanReadWebhook() && s.PublicURL != "" {
		call.Webhook = &provider.Webhook{URL: s.PublicURL + "/webhooks/" + name + "/" + marker, Secret: s.Tokens.Secret(name, marker)}
	}
	return call
}

// tellBreaker lets the provider's breaker know how a call went. That it cannot be written down is no reason to lose the call's result.
func (s *Submitter) tellBreaker(ctx context.Context, providerName string, callErr error) {
	var err error
	switch class := provider.ClassOf(callErr); class {
	case provider.Down, provider.Throttled:
		err = s.Switches.Refused(ctx, providerName, class == provider.Down)
	case "", provider.Rejected, provider.Moderated, provider.JobFailed: // it answered, so it works
		err = s.Switches.Worked(ctx, providerName)
	}
	if err != nil {
		s.Log.Warn("breaker not updated", "provider", providerName, "error", err)
	}
}

// failed writes down an attempt that came to nothing.
func (s *Submitter) failed(ctx context.Context, t *task.Task, err error, leaseID string) error {
	class := provider.ClassOf(err)
	s.Log.Warn("submit failed", "task_id", t.ID, "account", t.Account, "attempt", t.Att, "model", t.Model, "provider", t.Attempts[t.Att].Provider, "class", class, "error", err)
	s.Metrics.Count("SubmitFailed", 1, "Provider", t.Attempts[t.Att].Provider, "Class", string(class))
	return s.report(ctx, t, task.Failing{Attempt: t.Att, Reason: failReasons[class], LeaseID: leaseID, RetryAfter: retryAfter(err), Usage: usageIn(err)})
}

// accepted writes down the job and asks for polls. The polls go out even when the write was refused: somebody else knew the job already.
func (s *Submitter) accepted(ctx context.Context, t *task.Task, job provider.Job, usage task.Usage) error {
	d := s.decide(t, task.Accepted{Attempt: t.Att, Job: job.ID, Handle: job.Handle, Usage: usage})
	if model, known := s.Catalog.Model(t.Model); known {
		d.Hints = task.PollHints(time.Duration(model.UsualSeconds.P50) * time.Second)
	}
	_, err := s.carryOut(ctx, t, d)
	return err
}

// stage keeps the bytes that exist only in this answer, then records the success. If it cannot tell whether they are kept, what lies there decides.
func (s *Submitter) stage(callCtx, ctx context.Context, t *task.Task, made provider.Submission) error {
	output := made.Output
	key := asset.StagedKey(string(t.ID), t.Att)
	if err := s.Staging.PutOnce(callCtx, key, output.Data, output.ContentType); err != nil {
		s.Log.Error("the answer could not be staged", "task_id", t.ID, "account", t.Account, "attempt", t.Att, "error", err)
		staged, listErr := s.Staging.List(ctx, asset.StagedPrefix(string(t.ID)))
		if listErr != nil || !slices.Contains(staged, key) {
			// The lease runs out, and the repair looks again.
			return errors.Join(fmt.Errorf("stage %s: %w", t.ID, err), listErr)
		}
	}
	return s.report(ctx, t, task.Succeeded{Attempt: t.Att, Source: task.Source{Staged: key, Type: output.ContentType}, Usage: usageOf(made.Usage)})
}

// repair finds out what became of a submit step that has not come back: staged bytes first, then the provider's own records, then the next attempt.
func (s *Submitter) repair(ctx context.Context, t *task.Task) error {
	staged, err := s.Staging.List(ctx, asset.StagedPrefix(string(t.ID)))
	if err != nil {
		return fmt.Errorf("repair %s: look for staged bytes: %w", t.ID, err)
	}
	for _, key := range staged {
		if attempt := asset.StagedAttempt(key); attempt > 0 {
			return s.report(ctx, t, task.StagedFound{Attempt: attempt, Source: task.Source{Staged: key}})
		}
	}
	attempt := t.Attempts[t.Att]
	if using := s.Providers[attempt.Provider]; using != nil && using.CanLookup() {
		marker := s.Tokens.New(attempt.Provider, Token{t.Account, t.ID, t.Att})
		job, err := using.Lookup(ctx, marker, task.Time(attempt.Started))
		if err != nil {
			s.Log.Warn("look-up not answered", "task_id", t.ID, "account", t.Account, "attempt", t.Att, "provider", attempt.Provider, "error", err)
			s.Metrics.Count("LookupFailed", 1, "Provider", attempt.Provider, "Class", string(provider.ClassOf(err)))
			s.callOperators(attempt.Provider, err)
			return s.report(ctx, t, task.LookupFailed{Attempt: t.Att})
		}
		if job != nil {
			return s.report(ctx, t, task.Accepted{Attempt: t.Att, Job: job.ID, Handle: job.Handle, Found: true})
		}
	}
	return s.report(ctx, t, task.Unstaged{Attempt: t.Att})
}

// report settles or moves a task by what was said about one of its attempts.
func (e *Engine) report(ctx context.Context, t *task.Task, event task.Event) error {
	_, err := e.carryOut(ctx, t, e.decide(t, event))
	return err
}

// failReasons turn a driver's failure class into what it means for the task. A class that is not here would be ambiguous: it may have been executed.
var failReasons = map[provider.Class]task.FailReason{
	provider.Rejected:      task.RejectedByProvider,
	provider.Moderated:     task.ModeratedAway,
	provider.Throttled:     task.NotExecuted,
	provider.Down:          task.NotExecuted,
	provider.Transient:     task.NotExecuted,
	provider.Ambiguous:     task.AnswerLost,
	provider.TransientRead: task.AnswerLost,
	provider.JobFailed:     task.JobLost,
}

func retryAfter(err error) time.Duration {
	var failure *provider.Error
	if errors.As(err, &failure) {
		return failure.RetryAfter
	}
	return 0
}
