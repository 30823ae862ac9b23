package workflow

import (
	"context"

	"darkroom/shared/credit"
	"darkroom/shared/transition"
)

// HistoryPage is a part of the billing history, newest first. NextBelow is empty at the end; the next page begins below it with NextBalance.
type HistoryPage struct {
	Lines       []credit.Line
	NextBelow   string
	NextBalance int64
}

// historyTries bounds how often the first page is read again because the balance moved between the two reads.
const historyTries = 4

// History reads an account's billing history below a ULID; empty: from the newest line, whose running balance is what is available now.
func (a *Accounts) History(ctx context.Context, account, below string, after int64, limit int) (HistoryPage, error) {
	for try := range historyTries {
		before := after
		if below == "" {
			balance, err := a.Balance(ctx, account)
			if err != nil {
				return HistoryPage{}, err
			}
			before = balance.Available
		}
		page, err := a.historyPage(ctx, account, below, before, limit)
		if err != nil || below != "" || try == historyTries-1 {
			return page, err
		}
		again, err := a.Balance(ctx, account)
		if err != nil || again.Available == before {
			return page, err
		}
	}
	return HistoryPage{}, nil // not reached: the last try returns
}

func (a *Accounts) historyPage(ctx context.Context, account, below string, after int64, limit int) (HistoryPage, error) {
	q := transition.Query{Table: transition.Ledger, PK: credit.PK(account), Below: credit.EntriesBelow, Limit: 2*limit + 2} // a line has two entries at most
	if below != "" {
		q.Below = below
	}
	rows, err := a.Store.Query(ctx, q)
	if err != nil {
		return HistoryPage{}, err
	}
	var entries []credit.Entry
	for _, row := range rows {
		if entry, ok := credit.EntryFrom(row.Key, row.Item); ok {
			entries = append(entries, entry)
		}
	}
	lines, _ := credit.History(entries, after)
	page := HistoryPage{Lines: lines[:min(limit, len(lines))]}
	if len(page.Lines) == 0 {
		return page, nil
	}
	last := page.Lines[len(page.Lines)-1]
	if len(lines) > limit || len(rows) == q.Limit {
		page.NextBelow, page.NextBalance = last.ID, last.Before()
	}
	return page, nil
}
