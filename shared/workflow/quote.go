package workflow

import (
	"context"

	"darkroom/shared/credit"
)

// Quote is what a wish would cost.
type Quote struct {
	Cost         int64
	PriceVersion string
	BalanceAfter int64 // available credits after it; negative: they do not suffice
	Warnings     []string
}

// Quote checks a wish as Create does and names its price. It writes nothing, so a new account is shown as it would be opened.
func (c *Creator) Quote(ctx context.Context, account string, w Wish) (Quote, error) {
	p, err := c.prepare(ctx, account, w)
	if err != nil {
		return Quote{}, err
	}
	available := c.Accounts.SignupGrant
	item, err := c.Store.Get(ctx, credit.BalanceKey(account))
	if err != nil {
		return Quote{}, err
	}
	if item != nil {
		available = credit.BalanceFrom(account, item).Available
	}
	return Quote{Cost: p.cost, PriceVersion: p.order.PriceVersion, BalanceAfter: available - p.cost, Warnings: p.order.Warnings}, nil
}
