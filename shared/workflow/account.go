package workflow

import (
	"context"
	"errors"

	"darkroom/shared/credit"
	"darkroom/shared/fault"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// Accounts reads what accounts have and what became of it, and opens each at the first look.
type Accounts struct {
	*Engine
	SignupGrant int64 // credits of a new account
	Limit       int64 // open tasks of a new account
}

// Balance reads an account's credits, and opens the account at the first time.
func (a *Accounts) Balance(ctx context.Context, account string) (credit.Balance, error) {
	for range 2 {
		item, err := a.Store.Get(ctx, credit.BalanceKey(account))
		if err != nil {
			return credit.Balance{}, err
		}
		if item != nil {
			return credit.BalanceFrom(account, item), nil
		}
		if err := a.open(ctx, account); err != nil {
			return credit.Balance{}, err
		}
	}
	return credit.Balance{Account: account, State: credit.Open}, nil
}

// open makes the balance row of a new account (T0). That it is there already is fine.
func (a *Accounts) open(ctx context.Context, account string) error {
	err := a.Store.Transact(ctx, credit.OpenWrites(account, a.Limit, a.SignupGrant, a.NewID(), task.Millis(a.Now()))...)
	var taken *transition.RefusedError
	if err != nil && !errors.As(err, &taken) {
		return err
	}
	return nil
}

// notOpen is what an account hears that takes no new work.
func notOpen(b credit.Balance) error {
	return fault.New(fault.Forbidden, "the account is %s and takes no new work; ask the operators", b.State)
}
