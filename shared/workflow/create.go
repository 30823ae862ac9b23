package workflow

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"darkroom/shared/credit"
	"darkroom/shared/fault"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// Creator accepts work: it writes the tasks and holds their credits in one transaction, then sends their hints. It never waits for a provider.
type Creator struct {
	*Engine
	Accounts      *Accounts
	Switches      *Switches
	Uploads       *Uploads
	Policy        PromptPolicy
	DeadlineLimit time.Duration // caps the catalogue's own deadlines
}

const (
	unavailableRetry = time.Minute
	tooManyRetry     = 10 * time.Second
	createTries      = 5 // an account that is being opened, or whose balance moves, needs more than one
)

var errKeepsChanging = &fault.Error{Code: fault.Conflict, Message: "the account keeps changing; repeat the call"}

// Created is the answer to a create call.
type Created struct {
	Request  *task.Request
	Tasks    []*task.Task
	Replayed bool // the same key and body came before; nothing new was made
}

// Create makes the tasks of a wish, once per idempotency key; an empty key is a key of its own. Refusals are *fault.Error and leave nothing behind.
func (c *Creator) Create(ctx context.Context, account, idempotencyKey string, w Wish) (*Created, error) {
	key := idempotencyKey
	if key == "" {
		key = "\x00" + c.NewID() // no client can send it: a key is printable
	}
	p, refusal := c.prepare(ctx, account, w)
	if refusal != nil {
		if idempotencyKey == "" {
			return nil, refusal
		}
		return c.replayOr(ctx, account, key, w, refusal)
	}
	for range createTries {
		request, tasks := c.rows(account, key, w, p) // afresh at every try: what was opened for it meanwhile comes before it in the history
		err := c.Store.Transact(ctx, task.Create(request, tasks, request.CreatedAt)...)
		if err == nil {
			c.announce(ctx, request, tasks)
			return &Created{Request: request, Tasks: tasks}, nil
		}
		var refused *transition.RefusedError
		if !errors.As(err, &refused) {
			return nil, err
		}
		if refused.Of(task.CreateRequestPart) != nil {
			return c.replayOr(ctx, account, key, w, &fault.Error{Code: fault.Conflict, Message: "a request with this Idempotency-Key is being made; repeat the call"})
		}
		if err := c.balanceRefusal(ctx, account, refused.Of(task.CreateBalancePart), p.cost, w.Count); err != nil {
			return nil, err
		}
	}
	return nil, errKeepsChanging
}

// balanceRefusal says why the account could not pay. Nil: it may be able to now, for it has just been opened or has changed since.
func (c *Creator) balanceRefusal(ctx context.Context, account string, part *transition.Refusal, cost int64, count int) error {
	if part == nil {
		return errors.New("create: a fresh task id was taken") // cannot happen, and must not loop
	}
	if part.Old == nil {
		return c.Accounts.open(ctx, account)
	}
	b := credit.BalanceFrom(account, part.Old)
	switch {
	case b.State != credit.Open:
		return notOpen(b)
	case b.Available < cost:
		return &fault.Error{Code: fault.InsufficientCredits, Required: cost, Available: b.Available, Message: tooDear(cost, b.Available)}
	case b.Slots < int64(count):
		return &fault.Error{Code: fault.TooManyActive, RetryAfter: tooManyRetry,
			Message: "too many tasks of this account are open; wait for some to end, or cancel them"}
	}
	return nil
}

func tooDear(cost, available int64) string {
	credits, are := "credits", "are"
	if cost == 1 {
		credits = "credit"
	}
	if available == 1 {
		are = "is"
	}
	return fmt.Sprintf("this request costs %d %s; %d %s available: get more credits, or choose fewer images or a cheaper size, quality or model", cost, credits, available, are)
}

// rows makes the request and its tasks.
func (c *Creator) rows(account, key string, w Wish, p prepared) (*task.Request, []*task.Task) {
	now := c.Now()
	o := p.order
	request := &task.Request{
		Account: account, SK: task.RequestSK(key), ID: task.NewRequestID(c.NewID()), Fingerprint: w.fingerprint(), Prompt: w.Prompt, Metadata: w.Metadata, Inputs: p.inputs,
		Params: task.Params{Size: o.Size, AspectRatio: o.AspectRatio, Width: o.Width, Height: o.Height, Quality: o.Quality, OutputFormat: o.OutputFormat,
			Background: o.Background, Seed: o.Seed},
		Live: w.Count, Parent: w.Parent, CreatedAt: task.Millis(now), Warnings: o.Warnings,
	}
	tasks := make([]*task.Task, w.Count)
	for i := range tasks {
		tasks[i] = &task.Task{
			Account: account, ID: task.NewID(c.NewID()), State: task.Created, Max: p.model.MaxAttempts, Model: w.Model, Mode: w.Mode, Label: label(w.Prompt),
			Cost: p.each, PriceVersion: o.PriceVersion, Request: request.SK, RequestID: request.ID, Parent: w.Parent,
			DeadlineAt: task.Millis(now.Add(min(p.model.Deadline(), c.DeadlineLimit))), Due: task.Millis(now.Add(c.Rules.Sweep)),
			Timeline: map[task.Status]int64{task.StatusCreated: task.Millis(now)}, V: task.Version,
		}
		request.Tasks = append(request.Tasks, tasks[i].ID)
	}
	return request, tasks
}

// announce sends one hint per task, in one call, and notes that they are queued (T2). Both are best effort: the due index has the tasks already.
func (c *Creator) announce(ctx context.Context, request *task.Request, tasks []*task.Task) {
	messages := make([]task.Message, len(tasks))
	for i, t := range tasks {
		messages[i] = task.Message{Account: t.Account, Task: t.ID, Request: request.SK, Queue: c.submitQueue(t.Model)}
	}
	c.Metrics.Count("TasksCreated", float64(len(tasks)), "Model", tasks[0].Model)
	ids, err := c.Hints.Send(ctx, messages...)
	if err != nil {
		c.Log.Warn("hint not sent; the sweep will send it", "request_id", request.ID, "account", request.Account, "error", err)
		return
	}
	var updates sync.WaitGroup
	for i, t := range tasks {
		updates.Go(func() { tasks[i] = c.queued(ctx, t, ids[i]) })
	}
	updates.Wait()
}

func (c *Creator) queued(ctx context.Context, t *task.Task, messageID string) *task.Task {
	move := &task.Move{Transition: task.T2, Account: t.Account, Task: t.ID, Args: transition.Args{"message": messageID, "now": task.Millis(c.Now())}}
	done, err := c.make(ctx, t, move)
	if err != nil {
		c.Log.Warn("queued not noted", "task_id", t.ID, "account", t.Account, "error", err)
		return t
	}
	return done.task
}

// replayOr answers with the request that has this key already, and with the refusal when there is none. It comes before every other check, so a repeat is
// answered even if the wish could not be fulfilled any more.
func (c *Creator) replayOr(ctx context.Context, account, key string, w Wish, refusal error) (*Created, error) {
	requestKey := task.RequestKey(account, task.RequestSK(key))
	item, err := c.Store.Get(ctx, requestKey)
	if err != nil {
		return nil, err
	}
	if item == nil {
		return nil, refusal
	}
	return c.replay(ctx, task.RequestFrom(account, requestKey, item), w)
}

// replayRetry answers a repeated retry call; nil when this key has not been used for this task.
func (c *Creator) replayRetry(ctx context.Context, account, key string, parent task.ID) (*Created, error) {
	requestKey := task.RequestKey(account, task.RequestSK(key))
	item, err := c.Store.Get(ctx, requestKey)
	if err != nil || item == nil {
		return nil, err
	}
	request := task.RequestFrom(account, requestKey, item)
	if request.Parent != parent {
		return nil, nil
	}
	return c.repeated(ctx, request)
}

func (c *Creator) replay(ctx context.Context, request *task.Request, w Wish) (*Created, error) {
	if request.Fingerprint != w.fingerprint() {
		return nil, &fault.Error{Code: fault.IdempotencyMismatch, Field: "header.Idempotency-Key",
			Message: "was used for another request; use a new key for each request, and the same one only to repeat it"}
	}
	return c.repeated(ctx, request)
}

// repeated shows a request's tasks as they are now.
func (c *Creator) repeated(ctx context.Context, request *task.Request) (*Created, error) {
	tasks, err := c.tasksOf(ctx, request)
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		switch {
		case t.DeletedAt > 0: // its owner has hidden it: what it cost stays true, what it shows does not come back this way
			t.Asset, t.Label = nil, ""
		case t.State == task.Created:
			c.hint(ctx, t, []task.Hint{{To: task.ToSubmit}})
		}
	}
	return &Created{Request: request, Tasks: tasks, Replayed: true}, nil
}

func (e *Engine) tasksOf(ctx context.Context, request *task.Request) ([]*task.Task, error) {
	keys := make([]transition.Key, len(request.Tasks))
	for i, id := range request.Tasks {
		keys[i] = task.Key(request.Account, id)
	}
	items, err := e.Store.GetAll(ctx, keys...)
	if err != nil {
		return nil, err
	}
	tasks := make([]*task.Task, 0, len(items))
	for i, item := range items {
		if item != nil {
			tasks = append(tasks, task.From(keys[i], item))
		}
	}
	return tasks, nil
}
