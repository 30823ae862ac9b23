package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Client orders faults from a running simulator and reads what it saw. For tests and the demo.
type Client struct {
	URL  string       // of the simulator, as in Server.URL
	HTTP *http.Client // nil: http.DefaultClient
}

// Order places a fault order and returns it with its id. Remove it when done: it strikes others too.
func (c Client) Order(ctx context.Context, o Order) (Order, error) {
	var placed Order
	return placed, c.call(ctx, http.MethodPost, "/_control/faults", o, &placed)
}

// Remove takes one order away.
func (c Client) Remove(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, "/_control/faults?id="+url.QueryEscape(id), nil, nil)
}

// RemoveAll takes every order away, those of other tests included.
func (c Client) RemoveAll(ctx context.Context) error {
	return c.call(ctx, http.MethodDelete, "/_control/faults", nil, nil)
}

// Calls returns the records that match, newest first, with their numbers by operation.
func (c Client) Calls(ctx context.Context, f Filter) (Calls, error) {
	var found Calls
	return found, c.call(ctx, http.MethodGet, "/_control/calls?"+f.query(), nil, &found)
}

// Jobs returns the jobs that match, newest first. Filter.Operation is ignored.
func (c Client) Jobs(ctx context.Context, f Filter) ([]Job, error) {
	var found []Job
	return found, c.call(ctx, http.MethodGet, "/_control/jobs?"+f.query(), nil, &found)
}

func (f Filter) query() string {
	return url.Values{
		"prompt": {f.Prompt}, "provider": {f.Provider}, "operation": {string(f.Operation)}, "job": {f.Job},
	}.Encode()
}

// call sends a request with a JSON body and reads its answer, as send does.
func (c Client) call(ctx context.Context, method, path string, body, into any) error {
	var sent io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("simulator: %s %s: %w", method, path, err)
		}
		sent = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.URL+path, sent)
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	return c.send(request, into)
}

// send sends a request and reads its JSON answer into into, unless that is nil.
func (c Client) send(request *http.Request, into any) error {
	method, path := request.Method, request.URL.Path
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		var refused controlError
		json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&refused) //nolint:errcheck // the status alone is an error already
		return fmt.Errorf("simulator: %s %s: %s: %s", method, path, response.Status, refused.Error)
	}
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return fmt.Errorf("simulator: %s %s: the answer cannot be read: %w", method, path, err)
	}
	return nil
}

// Body is what PutBody puts to be delivered as an image by the fault deliver.
type Body struct {
	ContentType string
	Encoding    string // a Content-Encoding; empty: none
	Bytes       []byte
}

// PutBody puts a body under a name. Remove it when done: the simulator keeps a few only.
func (c Client) PutBody(ctx context.Context, name string, body Body) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, c.URL+"/_control/bodies/"+url.PathEscape(name), bytes.NewReader(body.Bytes))
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	request.Header.Set("Content-Type", body.ContentType)
	if body.Encoding != "" {
		request.Header.Set("Content-Encoding", body.Encoding)
	}
	return c.send(request, nil)
}

// RemoveBody takes a body away.
func (c Client) RemoveBody(ctx context.Context, name string) error {
	return c.call(ctx, http.MethodDelete, "/_control/bodies/"+url.PathEscape(name), nil, nil)
}
