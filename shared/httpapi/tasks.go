package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"darkroom/shared/fault"
	"darkroom/shared/task"
	"darkroom/shared/workflow"
)

// TaskPath names one task. It is exported because huma overlooks embedded structs that are not.
type TaskPath struct {
	ID string `path:"id" maxLength:"64" example:"tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC"`
}

// id reads the path's task id. Something else than an id names no task, so it is not found, and the answer says what one looks like.
func (in TaskPath) id() (task.ID, error) {
	id, err := task.ParseID(in.ID)
	if err != nil {
		return "", &fault.Error{Code: fault.NotFound, Field: "path.id", Message: err.Error()}
	}
	return id, nil
}

func (a *API) taskRoutes(api huma.API, r route) {
	add(api, r, operation("list-tasks", http.MethodGet, "/v1/tasks", "Your tasks, newest first, or those named by ids", "tasks"), a.list)
	add(api, r, operation("get-task", http.MethodGet, "/v1/tasks/{id}", "One task in full", "tasks"), a.get)
	add(api, r, operation("cancel-task", http.MethodPost, "/v1/tasks/{id}/cancel", "End a task that no provider works on yet", "tasks"), a.cancel)
	retry := operation("retry-task", http.MethodPost, "/v1/tasks/{id}/retry", "Ask for one more image like this task's, as a new request", "tasks")
	retry.DefaultStatus = http.StatusAccepted
	add(api, r, retry, a.retry)
	add(api, r, operation("delete-task", http.MethodDelete, "/v1/tasks/{id}",
		"Hide a task that has ended; its content is erased after the undo window, seven days unless configured otherwise", "tasks"), a.delete)
	add(api, r, operation("restore-task", http.MethodPost, "/v1/tasks/{id}/restore", "Take a deletion back", "tasks"), a.restore)
	add(api, r, operation("get-receipt", http.MethodGet, "/v1/tasks/{id}/receipt", "What the ledger says about a task", "tasks"), a.receipt)
	redirect := operation("get-asset", http.MethodGet, "/v1/tasks/{id}/asset", "The stable link to an image: redirects to a signed one", "tasks")
	redirect.DefaultStatus = http.StatusFound
	add(api, r, redirect, a.asset)
}

type listIn struct {
	Status      string `query:"status" enum:"created,queued,processing,completed,failed"`
	Mode        string `query:"mode" enum:"text,edit,reference"`
	Model       string `query:"model" maxLength:"64"`
	Limit       int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Cursor      string `query:"cursor" maxLength:"200" doc:"next_cursor of the page before."`
	IDs         string `query:"ids" maxLength:"1600" doc:"Up to 50 task ids, separated by commas; not together with status, mode, model or cursor. Empty is as if it were not there: all your tasks. Tasks that do not exist, are deleted or are not yours are left out; something that is no task id at all is refused."`
	IfNoneMatch string `header:"If-None-Match"`
}

type listOut struct {
	ETag string `header:"ETag"`
	Body TaskPage
}

// TaskPage is a part of the list.
type TaskPage struct {
	Tasks      []TaskView `json:"tasks"`
	NextCursor string     `json:"next_cursor,omitempty" doc:"Absent at the end. With a filter a page may be short, or empty, and still have one."`
}

const taskList = "tasks"

func (a *API) list(ctx context.Context, in *listIn) (*listOut, error) {
	account, err := a.who(ctx)
	if err != nil {
		return nil, err
	}
	if in.IDs != "" {
		return a.byIDs(ctx, account, in)
	}
	below, err := a.Cursors.Open(account, taskList, in.Cursor)
	if err != nil {
		return nil, err
	}
	filter := workflow.ListFilter{Status: task.Status(in.Status), Mode: in.Mode, Model: in.Model}
	page, err := a.Tasks.List(ctx, account, filter, below, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &listOut{}
	if out.Body.Tasks, err = views(page.Tasks, a.Signer, a.Now()); err != nil {
		return nil, err
	}
	if page.Next != "" {
		out.Body.NextCursor = a.Cursors.Seal(account, taskList, page.Next)
	}
	return out, nil
}

const maxIDs = 50

func (a *API) byIDs(ctx context.Context, account string, in *listIn) (*listOut, error) {
	if in.Status != "" || in.Mode != "" || in.Model != "" || in.Cursor != "" {
		return nil, fault.Invalid("query.ids", "cannot be combined with status, mode, model or cursor")
	}
	names := strings.Split(in.IDs, ",")
	if len(names) > maxIDs {
		return nil, fault.Invalid("query.ids", "names %d tasks; allowed: 1 to %d", len(names), maxIDs)
	}
	seen := map[task.ID]bool{}
	var ids []task.ID
	for _, name := range names {
		id, err := task.ParseID(name)
		if err != nil {
			return nil, fault.Invalid("query.ids", "%q %v", clip(name), err)
		}
		if !seen[id] { // one read may not name an item twice
			seen[id] = true
			ids = append(ids, id)
		}
	}
	tasks, err := a.Tasks.ByIDs(ctx, account, ids)
	if err != nil {
		return nil, err
	}
	out := &listOut{ETag: etag(a.Now(), tasks...)}
	if in.IfNoneMatch == out.ETag {
		return nil, notModified{out.ETag}
	}
	out.Body.Tasks, err = views(tasks, a.Signer, a.Now())
	return out, err
}

type getIn struct {
	TaskPath
	IfNoneMatch string `header:"If-None-Match"`
}

type getOut struct {
	ETag       string `header:"ETag"`
	RetryAfter string `header:"Retry-After" doc:"While the task is open: seconds until it is worth looking again."`
	Body       TaskView
}

func (a *API) get(ctx context.Context, in *getIn) (*getOut, error) {
	account, id, err := a.task(ctx, in.TaskPath)
	if err != nil {
		return nil, err
	}
	t, request, err := a.Tasks.Get(ctx, account, id)
	if err != nil {
		return nil, err
	}
	out := &getOut{ETag: etag(a.Now(), t)}
	if in.IfNoneMatch == out.ETag {
		return nil, notModified{out.ETag}
	}
	if out.Body, err = view(t, request, a.Signer, a.Now()); err != nil {
		return nil, err
	}
	if wait := out.Body.NextCheckInMS; wait > 0 {
		out.RetryAfter = strconv.Itoa((wait + 999) / 1000)
	}
	return out, nil
}

// task is who asks for which task.
func (a *API) task(ctx context.Context, in TaskPath) (account string, id task.ID, err error) {
	if account, err = a.who(ctx); err != nil {
		return "", "", err
	}
	id, err = in.id()
	return account, id, err
}

type taskOut struct{ Body TaskView }

func (a *API) shown(t *task.Task, err error) (*taskOut, error) {
	if err != nil {
		return nil, err
	}
	out := &taskOut{}
	out.Body, err = view(t, nil, a.Signer, a.Now())
	return out, err
}

func (a *API) cancel(ctx context.Context, in *TaskPath) (*taskOut, error) {
	account, id, err := a.task(ctx, *in)
	if err != nil {
		return nil, err
	}
	return a.shown(a.Tasks.Cancel(ctx, account, id))
}

type retryIn struct {
	TaskPath
	IdempotencyKey string `header:"Idempotency-Key"`
}

func (a *API) retry(ctx context.Context, in *retryIn) (*createOut, error) {
	account, id, err := a.task(ctx, in.TaskPath)
	if err != nil {
		return nil, err
	}
	if err := checkKey(in.IdempotencyKey); err != nil {
		return nil, err
	}
	made, err := a.Tasks.Retry(ctx, account, in.IdempotencyKey, id)
	if err != nil {
		return nil, err
	}
	return a.created(ctx, account, made, false)
}

func (a *API) delete(ctx context.Context, in *TaskPath) (*struct{}, error) {
	account, id, err := a.task(ctx, *in)
	if err != nil {
		return nil, err
	}
	return &struct{}{}, a.Tasks.Delete(ctx, account, id)
}

func (a *API) restore(ctx context.Context, in *TaskPath) (*taskOut, error) {
	account, id, err := a.task(ctx, *in)
	if err != nil {
		return nil, err
	}
	return a.shown(a.Tasks.Restore(ctx, account, id))
}
