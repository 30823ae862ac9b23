package httpapi

import (
	"context"

	"darkroom/shared/credit"
	"darkroom/shared/fault"
)

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
