package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"darkroom/shared/task"
	"darkroom/shared/workflow"
)

// Admin is the operators' routes.
type Admin struct {
	Operators *workflow.Operators
	Access    Access
	Now       func() time.Time
	Log       *slog.Logger
}

// Handler answers the operators' routes.
func (a *Admin) Handler() http.Handler {
	api, handler := newServer("Darkroom, operators", a.Log)
	a.register(api)
	return handler
}

func (a *Admin) register(api huma.API) {
	r := route{log: a.Log, now: a.Now}
	add(api, r, operation("grant", http.MethodPost, "/admin/v1/grants", "Put credits into an account, or take them out, once per reference", "operators"), a.grant)
	add(api, r, operation("get-account", http.MethodGet, "/admin/v1/accounts/{account}", "An account's balance and limits", "operators"), a.account)
	add(api, r, operation("set-account", http.MethodPut, "/admin/v1/accounts/{account}", "Freeze or unfreeze an account, or change its limit", "operators"), a.setAccount)
	add(api, r, operation("get-task-admin", http.MethodGet, "/admin/v1/accounts/{account}/tasks/{id}", "Any task, with its attempts", "operators"), a.task)
	add(api, r, operation("release-task", http.MethodPost, "/admin/v1/accounts/{account}/tasks/{id}/release", "End an open task and give its credits back", "operators"), a.release)
	add(api, r, operation("list-providers", http.MethodGet, "/admin/v1/providers", "Providers, and whether they are on", "operators"), a.providers)
	turn := operation("switch-provider", http.MethodPut, "/admin/v1/providers/{provider}", "Turn a provider on or off for new attempts", "operators")
	turn.Description = "It acts within 5 seconds, for until then functions believe what they read last. Attempts that have begun go on."
	add(api, r, turn, a.switchProvider)
}

// who is the operator who calls; the ledger and the provider rows remember them.
func (a *Admin) who(ctx context.Context) (string, error) {
	caller, err := a.Access.operator(ctx, a.Now())
	return caller.subject, err
}

// AccountTaskPath names a task of an account.
type AccountTaskPath struct {
	AccountPath
	TaskPath
}

func (in AccountTaskPath) both() (account string, id task.ID, err error) {
	if account, err = in.account(); err != nil {
		return "", "", err
	}
	id, err = in.id()
	return account, id, err
}

type adminTaskOut struct{ Body AdminTask }

// AdminTask is a task with what its owner is not shown.
type AdminTask struct {
	TaskView
	Account      string        `json:"account"`
	State        task.State    `json:"state" doc:"The internal state."`
	Attempts     []AttemptView `json:"attempts"`
	MaxAttempts  int           `json:"max_attempts"`
	CostMicroUSD int64         `json:"cost_micro_usd" doc:"What all attempts have cost us, or may have, in millionths of a US dollar."`
	Faults       int           `json:"faults" doc:"Handlers that crashed on it; five end it."`
	StoreTries   int           `json:"store_tries"`
	DeadlineAt   time.Time     `json:"deadline_at"`
	DeletedAt    *time.Time    `json:"deleted_at,omitempty"`
}

// AttemptView is one try at a provider.
type AttemptView struct {
	Number   int       `json:"number"`
	Provider string    `json:"provider"`
	Job      string    `json:"job,omitempty" doc:"The provider's id of it."`
	Started  time.Time `json:"started"`
	Lost     bool      `json:"lost,omitempty" doc:"The answer to its call was lost; it may have been executed."`
	Ended    bool      `json:"ended,omitempty" doc:"The provider said how it ended."`
	Won      bool      `json:"won,omitempty" doc:"Its success is the task's."`
	Usage    UsageView `json:"usage"`
}

func (a *Admin) adminTask(t *task.Task) (*adminTaskOut, error) {
	shown, err := view(t, nil, noLinks{}, a.Now())
	if err != nil {
		return nil, err
	}
	body := AdminTask{TaskView: shown, Account: t.Account, State: t.State, Attempts: []AttemptView{}, MaxAttempts: t.Max, Faults: t.Faults, StoreTries: t.StoreTries,
		DeadlineAt: task.Time(t.DeadlineAt), CostMicroUSD: t.ProviderCostMicroUSD()}
	for n := 1; n <= t.Att; n++ {
		attempt := t.Attempts[n]
		body.Attempts = append(body.Attempts, AttemptView{Number: n, Provider: attempt.Provider, Job: attempt.Job, Started: task.Time(attempt.Started),
			Lost: attempt.Maybe, Ended: attempt.Ended, Won: n == t.Win, Usage: usageView(attempt.Usage)})
	}
	if t.DeletedAt > 0 {
		at := task.Time(t.DeletedAt)
		body.DeletedAt = &at
	}
	return &adminTaskOut{body}, nil
}

// noLinks leaves links out: operators see what happened to a task, not its owner's image.
type noLinks struct{}

// Sign implements Signer.
func (noLinks) Sign(string, time.Time) (string, error) { return "", nil }

func (a *Admin) task(ctx context.Context, in *AccountTaskPath) (*adminTaskOut, error) {
	if _, err := a.who(ctx); err != nil {
		return nil, err
	}
	account, id, err := in.both()
	if err != nil {
		return nil, err
	}
	t, err := a.Operators.Task(ctx, account, id)
	if err != nil {
		return nil, err
	}
	return a.adminTask(t)
}

type releaseIn struct {
	AccountTaskPath
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"200" doc:"For the ledger; the task's owner sees it on the receipt."`
	}
}

func (a *Admin) release(ctx context.Context, in *releaseIn) (*adminTaskOut, error) {
	by, err := a.who(ctx)
	if err != nil {
		return nil, err
	}
	account, id, err := in.both()
	if err != nil {
		return nil, err
	}
	t, err := a.Operators.Release(ctx, account, id, by, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return a.adminTask(t)
}
