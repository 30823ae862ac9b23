package bench

import (
	"context"
	"fmt"
	"time"

	"darkroom/local/client"
	"darkroom/local/edge"
	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/workflow/budget"
)

// The model of all measurements, and what its provider is told: the quick job is found by the first poll, because no webhook comes. Only the memory of the
// function that waits for whole images is measured with a model whose provider answers with one.
const (
	model       = "flux-2-klein-9b"
	atOnceModel = "gpt-image-2"
	foundByPoll = " [[sim: webhook=drop delay=200]]"
	oneSecond   = " [[sim: delay=1000]]"
)

func wish(faults string, count int) client.Wish {
	return client.Wish{Model: model, Mode: "text", Prompt: "A lamp on a desk" + faults, Count: count}
}

func wishOf(model, faults string) client.Wish {
	w := wish(faults, 1)
	if w.Model = model; model == atOnceModel {
		w.Params = map[string]any{"quality": "low"} // the cheapest
	}
	return w
}

// tries bounds how often a task is measured again because the sweep, which ticks by the minute, has looked at it.
const tries = 4

// calls counts what one task costs on the stack, from create to settle, and what the two calls of the API cost that a page makes most.
func (b *Bench) calls(ctx context.Context) error {
	first, err := b.newUser(ctx)
	if err != nil {
		return err
	}
	if _, _, err := first.life(ctx); err != nil { // starts the functions
		return err
	}
	for range tries {
		u, err := b.newUser(ctx) // a fresh account: all calls about it are the measured ones
		if err != nil {
			return err
		}
		if _, err := u.open(ctx); err != nil {
			return err
		}
		counted, item, err := u.life(ctx)
		if err != nil {
			return err
		}
		if counted.Swept {
			continue
		}
		b.table.count("a task: calls to DynamoDB", counted.Database(), budget.DynamoDBCalls, false)
		b.table.count("a task: calls to SQS", counted.Sends, budget.QueueSends, false)
		b.table.count("a task: objects put", counted.Puts, budget.ObjectPuts, false)
		b.table.count("a task: bytes of its item, completed", item, budget.HotItem, false)
		return b.apiCalls(ctx)
	}
	return fmt.Errorf("the sweep has disturbed %d tasks in a row", tries)
}

// apiCalls counts a create call for eight images, and the call that reads their states.
func (b *Bench) apiCalls(ctx context.Context) error {
	u, err := b.newUser(ctx)
	if err != nil {
		return err
	}
	after, err := u.open(ctx)
	if err != nil {
		return err
	}
	created, err := u.api.Create(ctx, wish(oneSecond, 8), "")
	if err != nil {
		return err
	}
	ofAPI := edge.Filter{Contains: u.account, Function: b.Info.Outputs["ApiFunctionName"], After: after}
	counted, err := u.counter.Count(ctx, ofAPI)
	if err != nil {
		return err
	}
	b.table.count("create of 8: transactions", counted.Transactions, budget.CreateTransactions, true)
	b.table.count("create of 8: calls to SQS", counted.Sends, budget.CreateSends, true)
	b.table.count("create of 8: updates", counted.Updates, 8, false)
	b.table.count("create of 8: reads", counted.Reads, 0, true)
	if ofAPI.After, err = u.counter.Now(ctx); err != nil {
		return err
	}
	if _, err := u.api.Tasks(ctx, created.IDs()...); err != nil {
		return err
	}
	if counted, err = u.counter.Count(ctx, ofAPI); err != nil {
		return err
	}
	b.table.count("states of 8: calls to DynamoDB", counted.Database(), budget.StateReads, true)
	_, err = u.api.Wait(ctx, nil, created.IDs()...)
	return err
}

// life makes one image and returns the calls of all its steps, and the size of its item when it has completed. Nothing asks the API meanwhile.
func (u *user) life(ctx context.Context) (counted Calls, itemSize int, err error) {
	after, err := u.counter.Now(ctx)
	if err != nil {
		return counted, 0, err
	}
	created, err := u.api.Create(ctx, wish(foundByPoll, 1), "")
	if err != nil {
		return counted, 0, err
	}
	key := task.Key(u.account, task.ID(created.Tasks[0].ID))
	item, err := u.settled(ctx, key)
	if err != nil {
		return counted, 0, err
	}
	counted, err = u.counter.Count(ctx, edge.Filter{Contains: u.account, After: after})
	return counted, budget.Size(key, item), err
}

// settled waits until a task has completed, by reading its row.
func (u *user) settled(ctx context.Context, key transition.Key) (transition.Item, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, fmt.Errorf("%s is not done after a minute", key.SK))
	defer cancel()
	for {
		item, err := u.store.Get(ctx, key)
		if err != nil {
			return nil, err
		}
		switch task.State(item.Text("state")) {
		case task.Completed:
			return item, nil
		case task.Failed:
			return nil, fmt.Errorf("%s failed: %s", key.SK, item.Text("error.message"))
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
