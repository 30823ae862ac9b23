package workflow

import (
	"context"
	"errors"
	"fmt"

	"darkroom/shared/catalog"
	"darkroom/shared/credit"
	"darkroom/shared/fault"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// Operators is what operators can do. Trigger: the admin routes.
type Operators struct {
	*Engine
	Accounts *Accounts
}

// Grant puts credits into an account, or takes them out when amount is negative, once per reference; again is true when this reference was used for the same
// amount before. A reference used for another amount is a conflict.
func (o *Operators) Grant(ctx context.Context, account, reference, reason, by string, amount int64) (b credit.Balance, again bool, err error) {
	now := task.Millis(o.Now())
	writes := credit.GrantWrites(account, o.NewID(), reference, reason, by, amount, now)
	if amount < 0 {
		writes = credit.WithdrawWrites(account, o.NewID(), reference, reason, by, -amount, now)
	}
	if _, err := o.Accounts.Balance(ctx, account); err != nil {
		return credit.Balance{}, false, err
	}
	err = o.Store.Transact(ctx, writes...)
	var refused *transition.RefusedError
	switch {
	case err == nil:
	case !errors.As(err, &refused):
		return credit.Balance{}, false, err
	case refused.Of(credit.ReferencePart) != nil:
		old := refused.Of(credit.ReferencePart).Old
		if signed(old) != amount {
			return credit.Balance{}, false, &fault.Error{Code: fault.Conflict, Field: "body.reference", Message: "was used for another amount; use a new reference for a new grant"}
		}
		again = true
	default:
		old := credit.BalanceFrom(account, refused.Of(credit.BalancePart).Old)
		if old.State == credit.Closed {
			return credit.Balance{}, false, fault.New(fault.Conflict, "the account is closed")
		}
		return credit.Balance{}, false, &fault.Error{Code: fault.Conflict, Field: "body.amount", Required: -amount,
			Message: fmt.Sprintf("is %d, and the account has %d available; what is held cannot be taken out", amount, old.Available)}
	}
	b, err = o.Accounts.Balance(ctx, account)
	return b, again, err
}

// signed is the amount of a reference row: below 0 for a withdrawal.
func signed(reference transition.Item) int64 {
	if reference.Text("kind") == string(credit.KindWithdrawal) {
		return -reference.Int("amount")
	}
	return reference.Int("amount")
}

// Account reads an account; not found when it was never opened.
func (o *Operators) Account(ctx context.Context, account string) (credit.Balance, error) {
	item, err := o.Store.Get(ctx, credit.BalanceKey(account))
	if err != nil {
		return credit.Balance{}, err
	}
	if item == nil {
		return credit.Balance{}, fault.New(fault.NotFound, "there is no such account")
	}
	return credit.BalanceFrom(account, item), nil
}

// Task reads any task, deleted or not, with its attempts.
func (o *Operators) Task(ctx context.Context, account string, id task.ID) (*task.Task, error) {
	t, err := o.read(ctx, account, id)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, errNoTask
	}
	return t, nil
}

// Release ends an open task and gives its credits back, whatever it is doing.
func (o *Operators) Release(ctx context.Context, account string, id task.ID, by, why string) (*task.Task, error) {
	return o.ask(ctx, account, id, task.ForcedRelease{By: by, Why: why}, &fault.Error{Code: fault.Conflict, Message: "the task has ended already"})
}

// Providers lists every provider of the catalogue and whether it is on.
func (o *Operators) Providers(ctx context.Context) ([]catalog.Switch, error) {
	var all []catalog.Switch
	for _, name := range o.Catalog.ProviderNames() {
		item, err := o.Store.Get(ctx, catalog.SwitchKey(name))
		if err != nil {
			return nil, err
		}
		all = append(all, catalog.SwitchFrom(name, item))
	}
	return all, nil
}

// Switch turns a provider on or off for new attempts; jobs that run there go on.
func (o *Operators) Switch(ctx context.Context, provider string, on bool, by, reason string) (catalog.Switch, error) {
	if _, known := o.Catalog.Providers[provider]; !known {
		return catalog.Switch{}, fault.New(fault.NotFound, "there is no such provider")
	}
	sw := catalog.Switch{Provider: provider, On: on, Reason: reason, By: by, At: task.Millis(o.Now())}
	return sw, setSwitch(ctx, o.Store, sw)
}

// SetAccount freezes or unfreezes an account (A4) and changes how many of its tasks may be open at once (A3). Nil leaves a thing as it is.
func (o *Operators) SetAccount(ctx context.Context, account string, frozen *bool, limit *int64) (credit.Balance, error) {
	if _, err := o.Account(ctx, account); err != nil {
		return credit.Balance{}, err
	}
	if frozen != nil {
		row := credit.Unfreeze
		if *frozen {
			row = credit.Freeze
		}
		err := o.change(ctx, account, row, transition.Args{})
		if err != nil {
			return credit.Balance{}, err
		}
	}
	if limit != nil {
		now, err := o.Account(ctx, account)
		if err != nil {
			return credit.Balance{}, err
		}
		if err := o.change(ctx, account, credit.SetLimit, transition.Args{"old": now.Limit, "new": *limit, "difference": *limit - now.Limit}); err != nil {
			return credit.Balance{}, err
		}
	}
	return o.Account(ctx, account)
}

// change applies an account move. That the account is in its target state already is fine; that it is closed, or was changed meanwhile, is not.
func (o *Operators) change(ctx context.Context, account string, row *transition.Row, args transition.Args) error {
	_, err := o.Store.Update(ctx, transition.Write{Key: credit.BalanceKey(account), Row: row, Args: args})
	var refused *transition.RefusedError
	if !errors.As(err, &refused) {
		return err
	}
	if row.To != "" && refused.Refusals[0].Old.Text(transition.StateAttr) == row.To {
		return nil
	}
	return fault.New(fault.Conflict, "the account is closed, or somebody else has just changed it; look at it and try again")
}
