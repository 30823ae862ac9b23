// Package workflow does what package task decides: one file and one struct for each step of a task's way from the create call to its stored image.
//
// Steps read, ask task.Decide, carry out the decision by conditional writes, and only then do what it allows. They can be run any number of times,
// in any order and side by side.
package workflow

import (
	"context"
	"log/slog"
	"time"

	"darkroom/shared/catalog"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// Reader reads single items, as they are now; nil for one that is not there.
type Reader interface {
	Get(ctx context.Context, key transition.Key) (transition.Item, error)
	GetAll(ctx context.Context, keys ...transition.Key) ([]transition.Item, error) // at most 100, in the order of the keys
}

// Writer changes items. A condition that does not hold is a *transition.RefusedError; every other error leaves open whether it happened.
type Writer interface {
	Update(ctx context.Context, write transition.Write) (transition.Item, error) // returns the new item
	Transact(ctx context.Context, writes ...transition.Write) error              // all or none
}

// Lister reads parts of a partition, newest first.
type Lister interface {
	Query(ctx context.Context, q transition.Query) ([]transition.Stored, error)
}

// Store is the pair of tables.
type Store interface {
	Reader
	Writer
	Lister
}

// Hints sends messages to the queues, as few calls as possible. The ids are the messages', in order. An error means that some may not have been sent.
type Hints interface {
	Send(ctx context.Context, messages ...task.Message) (ids []string, err error)
}

// Metrics counts what operators watch. Dimensions are pairs of name and value.
type Metrics interface {
	Count(name string, value float64, dimensions ...string)
}

// Engine is what every step needs.
type Engine struct {
	Store   Store
	Hints   Hints
	Rules   task.Rules
	Catalog *catalog.Catalog
	Now     func() time.Time
	NewID   func() string // a fresh ULID
	Log     *slog.Logger
	Metrics Metrics
}

// read returns a task, nil when there is none: another account's task is not there by construction.
func (e *Engine) read(ctx context.Context, account string, id task.ID) (*task.Task, error) {
	key := task.Key(account, id)
	item, err := e.Store.Get(ctx, key)
	if err != nil || item == nil {
		return nil, err
	}
	return task.From(key, item), nil
}

// decide asks for the decision at this moment.
func (e *Engine) decide(t *task.Task, event task.Event) task.Decision {
	return e.Rules.Decide(t, event, e.Now())
}

// message makes a hint about a task into a message for the right queue.
func (e *Engine) message(t *task.Task, h task.Hint) task.Message {
	m := task.Message{Account: t.Account, Task: t.ID, Delay: h.Delay}
	switch h.To {
	case task.ToPoll:
		m.Queue = task.PollQueue
	case task.ToStore:
		m.Queue = task.StoreQueue
	default:
		m.Queue, m.Request = e.submitQueue(t.Model), t.Request
	}
	return m
}

func (e *Engine) submitQueue(model string) task.Queue {
	if e.Catalog.Synchronous(model) {
		return task.GenerateQueue
	}
	return task.SubmitQueue
}

// callOperators raises the alarm when a call to a provider says that none can succeed until an operator acts. Every call does: submits, polls, look-ups and cancels.
// Only a submit tells the breaker as well. A question that is turned away may be about one job (of an account that we have left, say) and says little about new
// attempts; the next of these finds out by itself, at no cost. So the poll role needs no right to make a provider's row.
func (e *Engine) callOperators(providerName string, callErr error) {
	if provider.ClassOf(callErr) == provider.Down {
		e.Log.Error("provider is down for us: look at its key, balance and models", "provider", providerName)
		e.Metrics.Count("ProviderDown", 1, "Provider", providerName)
	}
}

// hint sends hints, best effort: what they are about is in the due index already, and the sweep sends them again.
func (e *Engine) hint(ctx context.Context, t *task.Task, hints []task.Hint) {
	if len(hints) == 0 {
		return
	}
	messages := make([]task.Message, len(hints))
	for i, h := range hints {
		messages[i] = e.message(t, h)
	}
	if _, err := e.Hints.Send(ctx, messages...); err != nil {
		e.Log.Warn("hint not sent; the sweep will send it", "task_id", t.ID, "account", t.Account, "error", err)
	}
}
