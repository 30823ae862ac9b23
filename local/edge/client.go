package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Client orders faults from, and reads the calls of, an AWS edge in another process.
type Client struct {
	URL string // the AWS edge's address, "edge_control_url" in stack.json
}

// Order puts a fault in force and returns it with its id. It fails when the edge refuses the order.
func (c Client) Order(ctx context.Context, order Order) (Order, error) {
	body, err := json.Marshal(order)
	if err != nil {
		return Order{}, err
	}
	var accepted Order
	err = c.do(ctx, http.MethodPost, "faults", bytes.NewReader(body), &accepted)
	return accepted, err
}

// Orders lists all orders with how often each has struck.
func (c Client) Orders(ctx context.Context) ([]Order, error) {
	var orders []Order
	err := c.do(ctx, http.MethodGet, "faults", nil, &orders)
	return orders, err
}

// Clear takes back the order with this id; an empty id takes back all.
func (c Client) Clear(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "faults?id="+url.QueryEscape(id), nil, nil)
}

// Calls returns the recorded calls that match.
func (c Client) Calls(ctx context.Context, filter Filter) (Log, error) {
	query := url.Values{
		"service": {filter.Service}, "operation": {filter.Operation}, "target": {filter.Target}, "key_prefix": {filter.KeyPrefix},
		"function": {filter.Function}, "contains": {filter.Contains}, "after": {strconv.FormatInt(filter.After, 10)},
	}
	var found Log
	err := c.do(ctx, http.MethodGet, "calls?"+query.Encode(), nil, &found)
	return found, err
}

func (c Client) do(ctx context.Context, method, path string, body io.Reader, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, c.URL+controlPath+path, body)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask the AWS edge: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("read the AWS edge's answer: %w", err)
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("the AWS edge refused %s %s: %s", method, path, strings.TrimSpace(string(answer)))
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}
