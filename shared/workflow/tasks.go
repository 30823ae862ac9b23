package workflow

import (
	"context"

	"darkroom/shared/credit"
	"darkroom/shared/fault"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// Tasks is what an owner can do with tasks that exist. Another account's task is not found: the account is part of the key.
type Tasks struct {
	*Engine
	Creator *Creator
}

var errNoTask = &fault.Error{Code: fault.NotFound, Message: "there is no such task"}

// find returns a task that its owner can see.
func (s *Tasks) find(ctx context.Context, account string, id task.ID) (*task.Task, error) {
	t, err := s.read(ctx, account, id)
	if err != nil {
		return nil, err
	}
	if t == nil || t.DeletedAt > 0 {
		return nil, errNoTask
	}
	return t, nil
}

// Get reads a task with its request: two reads.
func (s *Tasks) Get(ctx context.Context, account string, id task.ID) (*task.Task, *task.Request, error) {
	t, err := s.find(ctx, account, id)
	if err != nil {
		return nil, nil, err
	}
	request, err := s.request(ctx, t)
	return t, request, err
}

func (e *Engine) request(ctx context.Context, t *task.Task) (*task.Request, error) {
	key := task.RequestKey(t.Account, t.Request)
	item, err := e.Store.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	if item == nil {
		item = transition.Item{}
	}
	return task.RequestFrom(t.Account, key, item), nil
}

// ByIDs reads up to 50 tasks in one call. Those that are not there, or not the account's, are left out.
func (s *Tasks) ByIDs(ctx context.Context, account string, ids []task.ID) ([]*task.Task, error) {
	all, err := s.tasksOf(ctx, &task.Request{Account: account, Tasks: ids})
	if err != nil {
		return nil, err
	}
	visible := all[:0]
	for _, t := range all {
		if t.DeletedAt == 0 {
			visible = append(visible, t)
		}
	}
	return visible, nil
}

// ListFilter narrows a list. Empty fields select all.
type ListFilter struct {
	Status task.Status
	Mode   string
	Model  string
}

// Page is a part of a list. Next is empty at the end.
type Page struct {
	Tasks []*task.Task
	Next  string // ULID that the next page begins below
}

// listRead is how many rows one page may look at: a rare filter gives short pages, never a slow call.
const listRead = 100

// List reads an account's tasks, newest first, below a ULID (empty: from the newest). With a filter a page may be short, or empty, and still have a Next.
func (s *Tasks) List(ctx context.Context, account string, filter ListFilter, below string, limit int) (Page, error) {
	q := transition.Query{Table: transition.Tasks, PK: credit.PK(account), Prefix: task.SKPrefix, Limit: listRead}
	if below != "" {
		q.Below = task.SKPrefix + below
	}
	rows, err := s.Store.Query(ctx, q)
	if err != nil {
		return Page{}, err
	}
	var page Page
	for i, row := range rows {
		t := task.From(row.Key, row.Item)
		if t.DeletedAt == 0 && filter.matches(t) {
			page.Tasks = append(page.Tasks, t)
		}
		if len(page.Tasks) == limit {
			if i+1 < len(rows) || len(rows) == listRead {
				page.Next = t.ID.ULID()
			}
			return page, nil
		}
	}
	if len(rows) == listRead {
		page.Next = task.From(rows[listRead-1].Key, rows[listRead-1].Item).ID.ULID()
	}
	return page, nil
}

func (f ListFilter) matches(t *task.Task) bool {
	return (f.Status == "" || f.Status == t.State.Status()) && (f.Mode == "" || f.Mode == t.Mode) && (f.Model == "" || f.Model == t.Model)
}

// Cancel ends a task that no provider works on, and gives its credits back.
func (s *Tasks) Cancel(ctx context.Context, account string, id task.ID) (*task.Task, error) {
	return s.ask(ctx, account, id, task.Cancel{}, &fault.Error{Code: fault.NotCancelable, Message: "the task is at the provider already, or has ended; only waiting tasks can be cancelled"})
}

// Delete hides a task that has ended; its content goes after the undo window.
func (s *Tasks) Delete(ctx context.Context, account string, id task.ID) error {
	if _, err := s.find(ctx, account, id); err != nil {
		return err
	}
	_, err := s.ask(ctx, account, id, task.Delete{}, &fault.Error{Code: fault.Conflict, Message: "the task has not ended yet, or its files are just being removed; cancel it, or try again in a minute"})
	return err
}

// Restore takes a deletion back, within the undo window.
func (s *Tasks) Restore(ctx context.Context, account string, id task.ID) (*task.Task, error) {
	t, err := s.read(ctx, account, id)
	if err != nil {
		return nil, err
	}
	if t == nil || t.Erased {
		return nil, errNoTask
	}
	return s.ask(ctx, account, id, task.Restore{}, &fault.Error{Code: fault.Conflict, Message: "the task's content is being erased; it cannot be restored any more"})
}

// askTries bounds how often a move is decided again because the task changed meanwhile.
const askTries = 5

// ask carries out what an owner or an operator asks of a task, or refuses it.
func (e *Engine) ask(ctx context.Context, account string, id task.ID, event task.Event, refusal error) (*task.Task, error) {
	for range askTries {
		t, err := e.read(ctx, account, id)
		if err != nil {
			return nil, err
		}
		if t == nil {
			return nil, errNoTask
		}
		if _, hidden := event.(task.Cancel); hidden && t.DeletedAt > 0 {
			return nil, errNoTask
		}
		d := e.decide(t, event)
		if d.Move == nil && d.Note == task.NoteImpossible {
			return nil, refusal
		}
		done, err := e.carryOut(ctx, t, d)
		if err != nil {
			return nil, err
		}
		if done.counted {
			return e.read(ctx, account, id)
		}
	}
	return nil, &fault.Error{Code: fault.Conflict, Message: "the task keeps changing; try again"}
}

// Retry asks for one more image like this task's, as a new request.
func (s *Tasks) Retry(ctx context.Context, account, idempotencyKey string, id task.ID) (*Created, error) {
	if idempotencyKey != "" { // a repeat is answered whatever has become of the task it repeats
		if again, err := s.Creator.replayRetry(ctx, account, idempotencyKey, id); again != nil || err != nil {
			return again, err
		}
	}
	t, request, err := s.Get(ctx, account, id)
	if err != nil {
		return nil, err
	}
	if request.Prompt == "" {
		return nil, &fault.Error{Code: fault.Conflict, Message: "what the task was made from has been erased; make a new request"}
	}
	wish := Wish{Model: t.Model, Mode: t.Mode, Prompt: request.Prompt, Count: 1, Inputs: request.Asked(), Metadata: request.Metadata, Parent: t.ID}
	wish.Params.Size, wish.Params.Quality, wish.Params.OutputFormat = request.Params.Size, request.Params.Quality, request.Params.OutputFormat
	wish.Params.Background, wish.Params.Seed = request.Params.Background, request.Params.Seed
	made, err := s.Creator.Create(ctx, account, idempotencyKey, wish)
	if fault.CodeOf(err) == fault.NotFound {
		return nil, &fault.Error{Code: fault.Conflict, Message: "the task's input images are no longer kept; upload them again and make a new request", Err: err}
	}
	return made, err
}
