// Package client calls Darkroom's HTTP API as any client would. The demo and the end-to-end tests use it; it knows the API by its document only.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client calls one deployment as one user.
type Client struct {
	URL   string // of the API, without a slash at the end
	Token string // access token; empty: none is sent
}

// Answer is what came back: its body as it is, and decoded by the caller.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Problem is an error answer (RFC 9457).
type Problem struct {
	Status     int    `json:"status"`
	Code       string `json:"code"`
	Title      string `json:"title"`
	Detail     string `json:"detail"`
	Field      string `json:"field"`
	Retryable  bool   `json:"retryable"`
	TraceID    string `json:"trace_id"`
	Required   int64  `json:"required"`
	Available  int64  `json:"available"`
	RetryAfter int    `json:"retry_after"` // seconds
}

func (p *Problem) Error() string {
	return fmt.Sprintf("%d %s: %s (trace %s)", p.Status, p.Code, p.Detail, p.TraceID)
}

// noRedirects shows redirects to the caller, as a test wants to see them.
var noRedirects = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 64},
}

// Send makes one call. body is sent as it is when it is []byte, as JSON otherwise; nil: none. Header pairs follow. It is an error only when there is no answer.
func (c Client) Send(ctx context.Context, method, path string, body any, header ...string) (*Answer, error) {
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		reader = bytes.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			return nil, err
		}
		reader = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.URL+path, reader)
	if err != nil {
		return nil, err
	}
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := noRedirects.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, 64<<20))
	if err != nil {
		return nil, fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	return &Answer{Status: response.StatusCode, Header: response.Header, Body: data}, nil
}

// call makes one call, and decodes its answer into out. An error answer is a *Problem.
func (c Client) call(ctx context.Context, method, path string, body, out any, header ...string) error {
	answer, err := c.Send(ctx, method, path, body, header...)
	if err != nil {
		return err
	}
	if answer.Status >= 400 {
		return answer.Problem()
	}
	if out == nil || len(answer.Body) == 0 {
		return nil
	}
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return fmt.Errorf("%s %s: %d: read the answer: %w", method, path, answer.Status, err)
	}
	return nil
}

// Problem reads an error answer; one that is none of ours (the gateway's) keeps its status.
func (a *Answer) Problem() *Problem {
	p := &Problem{}
	if json.Unmarshal(a.Body, p) != nil || p.Code == "" {
		p.Code, p.Detail = "", strings.TrimSpace(string(a.Body[:min(300, len(a.Body))]))
	}
	p.Status = a.Status
	return p
}

// Create asks for images. key is the idempotency key; empty: none.
func (c Client) Create(ctx context.Context, wish Wish, key string) (Created, error) {
	var header []string
	if key != "" {
		header = []string{"Idempotency-Key", key}
	}
	answer, err := c.Send(ctx, http.MethodPost, "/v1/tasks", wish, header...)
	if err != nil {
		return Created{}, err
	}
	if answer.Status != http.StatusAccepted {
		return Created{}, answer.Problem()
	}
	created := Created{Replayed: answer.Header.Get("Idempotent-Replayed") == "true"}
	return created, json.Unmarshal(answer.Body, &created)
}

// Quote asks for a price.
func (c Client) Quote(ctx context.Context, wish Wish) (q Quote, err error) {
	return q, c.call(ctx, http.MethodPost, "/v1/quotes", wish, &q)
}

// Task reads one task.
func (c Client) Task(ctx context.Context, id string) (t Task, err error) {
	return t, c.call(ctx, http.MethodGet, "/v1/tasks/"+id, nil, &t)
}

// Tasks reads several tasks in one call.
func (c Client) Tasks(ctx context.Context, ids ...string) ([]Task, error) {
	var list TaskList
	err := c.call(ctx, http.MethodGet, "/v1/tasks?ids="+strings.Join(ids, ","), nil, &list)
	return list.Tasks, err
}

// List reads a page of tasks; query holds filters, limit and cursor.
func (c Client) List(ctx context.Context, query url.Values) (list TaskList, err error) {
	return list, c.call(ctx, http.MethodGet, "/v1/tasks?"+query.Encode(), nil, &list)
}

// Cancel ends a waiting task.
func (c Client) Cancel(ctx context.Context, id string) (t Task, err error) {
	return t, c.call(ctx, http.MethodPost, "/v1/tasks/"+id+"/cancel", nil, &t)
}

// Retry asks for one more image like a task's.
func (c Client) Retry(ctx context.Context, id string) (created Created, err error) {
	return created, c.call(ctx, http.MethodPost, "/v1/tasks/"+id+"/retry", nil, &created)
}

// Delete hides a task.
func (c Client) Delete(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, "/v1/tasks/"+id, nil, nil)
}

// Restore takes a deletion back.
func (c Client) Restore(ctx context.Context, id string) (t Task, err error) {
	return t, c.call(ctx, http.MethodPost, "/v1/tasks/"+id+"/restore", nil, &t)
}

// Receipt reads what the ledger says about a task.
func (c Client) Receipt(ctx context.Context, id string) (r Receipt, err error) {
	return r, c.call(ctx, http.MethodGet, "/v1/tasks/"+id+"/receipt", nil, &r)
}

// Credits reads the balance.
func (c Client) Credits(ctx context.Context) (credits Credits, err error) {
	return credits, c.call(ctx, http.MethodGet, "/v1/credits", nil, &credits)
}

// Entries reads the whole billing history, page by page, newest first.
func (c Client) Entries(ctx context.Context) (all []Entry, err error) {
	cursor := ""
	for range 100 {
		var page EntryList
		if err := c.call(ctx, http.MethodGet, "/v1/credits/entries?limit=50&cursor="+url.QueryEscape(cursor), nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Entries...)
		if cursor = page.NextCursor; cursor == "" {
			return all, nil
		}
	}
	return nil, fmt.Errorf("the billing history has more than 100 pages")
}

// Models reads the catalogue.
func (c Client) Models(ctx context.Context) (m ModelList, err error) {
	return m, c.call(ctx, http.MethodGet, "/v1/models", nil, &m)
}

// Wait polls tasks, in one call a time, until all have ended. seen is called with every reading.
func (c Client) Wait(ctx context.Context, seen func([]Task), ids ...string) ([]Task, error) {
	for {
		tasks, err := c.Tasks(ctx, ids...)
		if err != nil {
			return nil, err
		}
		open := len(tasks) < len(ids)
		for _, t := range tasks {
			open = open || !t.Ended()
		}
		if seen != nil {
			seen(tasks)
		}
		if !open {
			return tasks, nil
		}
		select {
		case <-ctx.Done():
			return tasks, fmt.Errorf("tasks %v have not ended: %w", ids, context.Cause(ctx))
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Fetch gets a signed link, without the token.
func Fetch(ctx context.Context, link string) (*Answer, error) {
	return Client{}.Send(ctx, http.MethodGet, link, nil)
}
