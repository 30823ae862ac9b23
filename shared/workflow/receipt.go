package workflow

import (
	"context"

	"darkroom/shared/credit"
	"darkroom/shared/task"
)

// Receipt is what the ledger says about one task. Its words come from the ledger, not from the task.
type Receipt struct {
	Task   *task.Task
	Hold   *credit.Entry
	Settle *credit.Entry // nil while the task is open
}

// Receipt reads a task's entries; also for a deleted task, because what was paid stays true.
func (s *Tasks) Receipt(ctx context.Context, account string, id task.ID) (*Receipt, error) {
	t, err := s.read(ctx, account, id)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, errNoTask
	}
	holdKey, settleKey := credit.HoldKey(account, id.ULID()), credit.SettleKey(account, id.ULID())
	items, err := s.Store.GetAll(ctx, holdKey, settleKey)
	if err != nil {
		return nil, err
	}
	receipt := &Receipt{Task: t}
	if entry, ok := credit.EntryFrom(holdKey, items[0]); ok {
		receipt.Hold = &entry
	}
	if entry, ok := credit.EntryFrom(settleKey, items[1]); ok {
		receipt.Settle = &entry
	}
	return receipt, nil
}
