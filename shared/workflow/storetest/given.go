package storetest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"darkroom/shared/catalog"
	"darkroom/shared/credit"
	"darkroom/shared/moderation"
	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/workflow"
	"darkroom/shared/workflow/simtest"
)

var (
	epoch = simtest.Epoch
	rules = task.Rules{Lease: time.Minute, Grace: 2 * time.Minute, Sweep: 45 * time.Second, Store: 30 * time.Minute, Undo: 7 * 24 * time.Hour,
		StoreTries: 6, StoreLease: 3 * time.Minute}
	newID = simtest.IDs()
)

const taskCost = 3 // the price of flux-2-klein-9b

// account makes an account id of a letter.
func account(letter string) string { return credit.AccountID("storetest", letter) }

// seed stores count tasks in a state, as the moves before would have left them, with their holds, in an account that has nothing else.
func seed(t *testing.T, s Store, letter string, state task.State, count int) []*task.Task {
	t.Helper()
	ctx := context.Background()
	owner := account(letter)
	granted := int64(taskCost * count)
	must(t, s.Transact(ctx, credit.OpenWrites(owner, int64(count), granted, newID(), task.Millis(epoch))...))
	request := &task.Request{Account: owner, SK: task.RequestSK(letter), ID: task.NewRequestID(newID()), Prompt: "a lighthouse"}
	var tasks []*task.Task
	for range count {
		made := &task.Task{Account: owner, ID: task.NewID(newID()), State: state, Max: 3, Model: "flux-2-klein-9b", Mode: "text", Cost: taskCost, Request: request.SK,
			DeadlineAt: task.Millis(epoch.Add(time.Hour)), Due: task.Millis(epoch.Add(time.Minute)), Timeline: map[task.Status]int64{}, V: task.Version}
		tasks = append(tasks, made)
		request.Tasks = append(request.Tasks, made.ID)
	}
	writes := task.Create(request, tasks, task.Millis(epoch))
	for i, made := range tasks {
		if state != task.Created && state != task.Queued {
			item := writes[2+2*i].Put // the task's; its hold follows
			item["att"] = int64(1)
			item["attempts"] = transition.Item{"1": transition.Item{"provider": "bfl", "started": int64(1), "job": "j"}}
			item["win"], item["source"], item["store_until"] = int64(1), transition.Item{"url": simtest.Link("1")}, task.Millis(epoch.Add(time.Hour))
			tasks[i] = task.From(made.Key(), item)
		}
	}
	must(t, s.Transact(ctx, writes...))
	return tasks
}

// moveOf is the move that an event leads to.
func moveOf(made *task.Task, event task.Event) *task.Move {
	return rules.Decide(made, event, epoch).Move
}

// engine is what the steps of the workflow need, over the store under test.
func engine(s Store) *workflow.Engine {
	return &workflow.Engine{Store: s, Hints: &simtest.Queue{}, Rules: rules, Catalog: catalog.Load(), Now: func() time.Time { return epoch }, NewID: newID,
		Log: slog.New(slog.DiscardHandler), Metrics: &simtest.Counts{}}
}

// creator creates tasks for accounts that begin with some credits and slots.
func creator(s Store, credits, slots int64) *workflow.Creator {
	e := engine(s)
	return &workflow.Creator{Engine: e, Accounts: &workflow.Accounts{Engine: e, SignupGrant: credits, Limit: slots},
		Switches: &workflow.Switches{Store: s, Now: e.Now}, Policy: moderation.Policy{}, DeadlineLimit: time.Hour}
}

// wish asks for images that cost 3 credits each.
func wish(count int) workflow.Wish {
	return workflow.Wish{Model: "flux-2-klein-9b", Mode: "text", Prompt: "a lighthouse", Count: count}
}

// balance reads what an account has.
func balance(t *testing.T, s Store, owner string) credit.Balance {
	t.Helper()
	item, err := s.Get(context.Background(), credit.BalanceKey(owner))
	must(t, err)
	return credit.BalanceFrom(owner, item)
}

// entries reads an account's ledger, newest first.
func entries(t *testing.T, s Store, owner string) (all []credit.Entry) {
	t.Helper()
	rows, err := s.Query(context.Background(), transition.Query{Table: transition.Ledger, PK: credit.PK(owner), Below: credit.EntriesBelow, Limit: 1000})
	must(t, err)
	for _, row := range rows {
		entry, ok := credit.EntryFrom(row.Key, row.Item)
		if !ok {
			t.Errorf("row %s is no entry: %v", row.Key, row.Item)
		}
		all = append(all, entry)
	}
	return all
}

// count counts the entries of a kind.
func count(all []credit.Entry, kind credit.Kind) (n int) {
	for _, entry := range all {
		if entry.Kind == kind {
			n++
		}
	}
	return n
}
