package httpapi

import (
	"context"
	"time"

	"darkroom/shared/credit"
	"darkroom/shared/task"
)

type receiptOut struct{ Body ReceiptBody }

// ReceiptBody is what the ledger says about a task.
type ReceiptBody struct {
	TaskID  task.ID       `json:"task_id"`
	Status  task.Status   `json:"status"`
	Hold    *ReceiptEntry `json:"hold"`
	Capture *ReceiptEntry `json:"capture"`
	Release *ReceiptEntry `json:"release"`
}

// ReceiptEntry is one entry of the ledger.
type ReceiptEntry struct {
	ID     string    `json:"id" doc:"Of the ledger entry."`
	Amount int64     `json:"amount"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty" doc:"Why the credits came back."`
}

func (a *API) receipt(ctx context.Context, in *TaskPath) (*receiptOut, error) {
	account, id, err := a.task(ctx, *in)
	if err != nil {
		return nil, err
	}
	found, err := a.Tasks.Receipt(ctx, account, id)
	if err != nil {
		return nil, err
	}
	body := ReceiptBody{TaskID: id, Status: found.Task.State.Status(), Hold: receiptEntry(account, found.Hold)}
	if found.Settle != nil && found.Settle.Kind == credit.KindCapture {
		body.Capture = receiptEntry(account, found.Settle)
	} else {
		body.Release = receiptEntry(account, found.Settle)
	}
	return &receiptOut{body}, nil
}

func receiptEntry(account string, e *credit.Entry) *ReceiptEntry {
	if e == nil {
		return nil
	}
	return &ReceiptEntry{ID: e.Key(account).SK, Amount: e.Amount, At: task.Time(e.At), Reason: e.Reason}
}
