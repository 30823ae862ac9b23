package workflow

import (
	"context"
	"errors"
	"net/http"

	"darkroom/shared/provider"
	"darkroom/shared/task"
)

// Receiver takes deliveries of webhooks. Trigger: POST /webhooks/{provider}/{token}.
type Receiver struct {
	*Engine
	Providers provider.Set
	Tokens    Tokens
	// SigningSecrets are those that a provider signs all its deliveries to us with; nil or none for one that signs otherwise.
	SigningSecrets func(ctx context.Context, provider string) []string
}

// ErrNotProven reports a delivery whose token or signature is not right. It had no effect and caused no call of anything.
var ErrNotProven = errors.New("delivery not proven")

// Receive believes a delivery as far as it is proven. Signed, it settles like a poll does; unsigned, it is only a hint to ask the provider. A nil error
// means that its effect, or that there is none, is durable.
func (r *Receiver) Receive(ctx context.Context, providerName, token string, header http.Header, body []byte) error {
	using := r.Providers[providerName]
	if using == nil {
		return ErrNotProven
	}
	about, err := r.Tokens.Read(providerName, token)
	if err != nil {
		return ErrNotProven
	}
	secrets := []string{r.Tokens.Secret(providerName, token)}
	if r.SigningSecrets != nil {
		secrets = append(secrets, r.SigningSecrets(ctx, providerName)...)
	}
	event, err := using.ReadWebhook(header, body, secrets, r.Now())
	if errors.Is(err, provider.ErrBadSignature) {
		return ErrNotProven
	}
	if err != nil { // authentic, but not understood: asking will tell
		r.Log.Warn("webhook not understood", "provider", providerName, "task_id", about.Task, "account", about.Account, "error", err)
	}
	r.Metrics.Count("Webhooks", 1, "Provider", providerName)
	if err != nil || !event.Signed {
		return r.ring(ctx, about)
	}
	return r.settle(ctx, about, event)
}

// ring asks the poll step to ask the provider.
func (r *Receiver) ring(ctx context.Context, about Token) error {
	_, err := r.Hints.Send(ctx, task.Message{Account: about.Account, Task: about.Task, Queue: task.PollQueue})
	return err
}

// settle applies a signed delivery.
func (r *Receiver) settle(ctx context.Context, about Token, event provider.Event) error {
	t, err := r.read(ctx, about.Account, about.Task)
	if err != nil || t == nil {
		return err
	}
	if event.JobID != "" {
		if t, err = r.adopt(ctx, t, about.Attempt, event.JobID); err != nil || t == nil {
			return err
		}
	}
	if event.Report == nil {
		return r.ring(ctx, about)
	}
	return r.report(ctx, t, eventOf(about.Attempt, *event.Report))
}

// adopt writes down a job that we hear of for the first time because the answer to its call was lost: whatever the delivery says of it, somebody may have to ask
// about it again. The task is nil when the delivery is about another job.
func (r *Receiver) adopt(ctx context.Context, t *task.Task, attempt int, job string) (*task.Task, error) {
	free := true
	if t.Attempts[attempt].Job == "" && attempt == t.Att {
		done, err := r.carryOut(ctx, t, r.decide(t, task.Accepted{Attempt: attempt, Job: job, Found: true}))
		if err != nil {
			return nil, err
		}
		free = done.counted || done.task != t // refused, and the task is as it was: the job is another task's
		t = done.task
	}
	if known := t.Attempts[attempt].Job; !free || (known != "" && known != job) {
		r.Log.Warn("webhook names another job", "task_id", t.ID, "account", t.Account, "attempt", attempt)
		return nil, nil
	}
	return t, nil
}
