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
	if err != nil || !event.Signed || event.Report == nil {
		_, err := r.Hints.Send(ctx, task.Message{Account: about.Account, Task: about.Task, Queue: task.PollQueue})
		return err
	}
	return r.settle(ctx, about, event)
}

// settle applies a signed report. A delivery may be the first we hear of the job: its id is adopted then.
func (r *Receiver) settle(ctx context.Context, about Token, event provider.Event) error {
	t, err := r.read(ctx, about.Account, about.Task)
	if err != nil || t == nil {
		return err
	}
	known := t.Attempts[about.Attempt].Job
	if known != "" && event.JobID != "" && known != event.JobID {
		r.Log.Warn("webhook names another job", "task_id", t.ID, "account", t.Account, "attempt", about.Attempt)
		return nil
	}
	if event.Report.State == provider.Running && known == "" && event.JobID != "" {
		return r.report(ctx, t, task.Accepted{Attempt: about.Attempt, Job: event.JobID, Found: true})
	}
	return r.report(ctx, t, eventOf(about.Attempt, *event.Report))
}
