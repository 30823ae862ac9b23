package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"darkroom/shared/catalog"
	"darkroom/shared/credit"
	"darkroom/shared/fault"
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
	add(api, r, operation("switch-provider", http.MethodPut, "/admin/v1/providers/{provider}", "Turn a provider on or off for new attempts", "operators"), a.switchProvider)
}

// who is the operator who calls; the ledger and the provider rows remember them.
func (a *Admin) who(ctx context.Context) (string, error) {
	caller, err := a.Access.operator(ctx, a.Now())
	return caller.subject, err
}

type grantIn struct {
	Body struct {
		Account   string `json:"account" minLength:"26" maxLength:"26" pattern:"^[a-z2-7]{26}$" patternDescription:"26 letters a-z and digits 2-7"`
		Amount    int64  `json:"amount" minimum:"-1000000" maximum:"1000000" doc:"Credits; below 0 they are taken out. Not 0."`
		Reference string `json:"reference" minLength:"1" maxLength:"64" pattern:"^[!-~]+$" patternDescription:"printable ASCII without spaces" doc:"Unique for the account: the same again changes nothing."`
		Reason    string `json:"reason" minLength:"1" maxLength:"200" doc:"For the ledger."`
	}
}

type accountOut struct{ Body AccountView }

// AccountView is an account as operators see it.
type AccountView struct {
	Account   string `json:"account"`
	State     string `json:"state" enum:"open,frozen,closed"`
	Available int64  `json:"available"`
	Held      int64  `json:"held"`
	Spent     int64  `json:"spent"`
	Granted   int64  `json:"granted"`
	Withdrawn int64  `json:"withdrawn"`
	OpenTasks int64  `json:"open_tasks"`
	Limit     int64  `json:"limit" doc:"Tasks that may be open at once."`
	Again     bool   `json:"again,omitempty" doc:"The reference was used before; nothing has changed now."`
}

func accountView(b credit.Balance) AccountView {
	return AccountView{Account: b.Account, State: b.State, Available: b.Available, Held: b.Held, Spent: b.Spent, Granted: b.Granted, Withdrawn: b.Withdrawn,
		OpenTasks: b.Limit - b.Slots, Limit: b.Limit}
}

func (a *Admin) grant(ctx context.Context, in *grantIn) (*accountOut, error) {
	by, err := a.who(ctx)
	if err != nil {
		return nil, err
	}
	if in.Body.Amount == 0 {
		return nil, fault.Invalid("body.amount", "is 0; allowed: -1000000 to 1000000, and not 0")
	}
	balance, again, err := a.Operators.Grant(ctx, in.Body.Account, in.Body.Reference, in.Body.Reason, by, in.Body.Amount)
	if err != nil {
		return nil, err
	}
	out := &accountOut{accountView(balance)}
	out.Body.Again = again
	return out, nil
}

// AccountPath names an account.
type AccountPath struct {
	Account string `path:"account" maxLength:"64"`
}

func (in AccountPath) account() (string, error) {
	if !credit.ValidAccountID(in.Account) {
		return "", &fault.Error{Code: fault.NotFound, Field: "path.account", Message: "is not an account id; one has 26 letters a-z and digits 2-7"}
	}
	return in.Account, nil
}

func (a *Admin) account(ctx context.Context, in *AccountPath) (*accountOut, error) {
	if _, err := a.who(ctx); err != nil {
		return nil, err
	}
	account, err := in.account()
	if err != nil {
		return nil, err
	}
	balance, err := a.Operators.Account(ctx, account)
	if err != nil {
		return nil, err
	}
	return &accountOut{accountView(balance)}, nil
}

type setAccountIn struct {
	AccountPath
	Body struct {
		Frozen *bool  `json:"frozen,omitempty" doc:"true: it takes no new work. Accounts whose numbers disagree are frozen by themselves."`
		Limit  *int64 `json:"limit,omitempty" minimum:"0" maximum:"50" doc:"Tasks that may be open at once."`
	}
}

func (a *Admin) setAccount(ctx context.Context, in *setAccountIn) (*accountOut, error) {
	by, err := a.who(ctx)
	if err != nil {
		return nil, err
	}
	account, err := in.account()
	if err != nil {
		return nil, err
	}
	balance, err := a.Operators.SetAccount(ctx, account, in.Body.Frozen, in.Body.Limit)
	if err != nil {
		return nil, err
	}
	a.Log.Info("account set", "account", account, "by", by, "frozen", balance.State == credit.Frozen, "limit", balance.Limit)
	return &accountOut{accountView(balance)}, nil
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
	Account     string        `json:"account"`
	State       task.State    `json:"state" doc:"The internal state."`
	Attempts    []AttemptView `json:"attempts"`
	MaxAttempts int           `json:"max_attempts"`
	Faults      int           `json:"faults" doc:"Handlers that crashed on it; five end it."`
	StoreTries  int           `json:"store_tries"`
	DeadlineAt  time.Time     `json:"deadline_at"`
	DeletedAt   *time.Time    `json:"deleted_at,omitempty"`
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
}

func (a *Admin) adminTask(t *task.Task) (*adminTaskOut, error) {
	shown, err := view(t, nil, noLinks{}, a.Now())
	if err != nil {
		return nil, err
	}
	body := AdminTask{TaskView: shown, Account: t.Account, State: t.State, Attempts: []AttemptView{}, MaxAttempts: t.Max, Faults: t.Faults, StoreTries: t.StoreTries,
		DeadlineAt: task.Time(t.DeadlineAt)}
	for n := 1; n <= t.Att; n++ {
		attempt := t.Attempts[n]
		body.Attempts = append(body.Attempts, AttemptView{Number: n, Provider: attempt.Provider, Job: attempt.Job, Started: task.Time(attempt.Started),
			Lost: attempt.Maybe, Ended: attempt.Ended, Won: n == t.Win})
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

// ProviderView is a provider's switch.
type ProviderView struct {
	Provider string     `json:"provider"`
	On       bool       `json:"on"`
	Reason   string     `json:"reason,omitempty"`
	By       string     `json:"by,omitempty"`
	At       *time.Time `json:"at,omitempty"`
}

func providerView(s catalog.Switch) ProviderView {
	v := ProviderView{Provider: s.Provider, On: s.On, Reason: s.Reason, By: s.By}
	if s.At > 0 {
		at := task.Time(s.At)
		v.At = &at
	}
	return v
}

type providersOut struct {
	Body struct {
		Providers []ProviderView `json:"providers"`
	}
}

func (a *Admin) providers(ctx context.Context, _ *struct{}) (*providersOut, error) {
	if _, err := a.who(ctx); err != nil {
		return nil, err
	}
	all, err := a.Operators.Providers(ctx)
	if err != nil {
		return nil, err
	}
	out := &providersOut{}
	for _, s := range all {
		out.Body.Providers = append(out.Body.Providers, providerView(s))
	}
	return out, nil
}

type switchIn struct {
	Provider string `path:"provider" maxLength:"64"`
	Body     struct {
		On     bool   `json:"on"`
		Reason string `json:"reason" minLength:"1" maxLength:"200"`
	}
}

type switchOut struct{ Body ProviderView }

func (a *Admin) switchProvider(ctx context.Context, in *switchIn) (*switchOut, error) {
	by, err := a.who(ctx)
	if err != nil {
		return nil, err
	}
	s, err := a.Operators.Switch(ctx, in.Provider, in.Body.On, by, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &switchOut{providerView(s)}, nil
}
