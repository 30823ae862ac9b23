package edge

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Action is what an order does to a request it strikes.
type Action string

// The actions. "Before" means the local AWS never sees the request; "after" means its effect is there but the caller does not learn it.
const (
	FailBefore Action = "fail_before" // answer Status (500 unless given) as the service would
	CutBefore  Action = "cut_before"  // cut the connection
	FailAfter  Action = "fail_after"  // forward, then cut the connection: the answer is lost
	KillBefore Action = "kill_before" // kill the calling function's process (Linux)
	KillAfter  Action = "kill_after"  // forward, then kill the calling function's process (Linux)
	Hang       Action = "hang"        // say nothing until the caller gives up or the order is cleared
	Throttle   Action = "throttle"    // the service's own throttling error
	Conflict   Action = "conflict"    // DynamoDB's answer to a transaction that met another one
	Delay      Action = "delay"       // only wait DelayMS, then forward
)

var actions = []Action{FailBefore, CutBefore, FailAfter, KillBefore, KillAfter, Hang, Throttle, Conflict, Delay}

// Order asks the AWS edge to break requests. Empty match fields match everything.
type Order struct {
	ID string `json:"id"` // given by the edge

	Service   string `json:"service,omitempty"`    // dynamodb, sqs, s3, secretsmanager …
	Operation string `json:"operation,omitempty"`  // as TransactWriteItems; for S3 the HTTP method
	Target    string `json:"target,omitempty"`     // table, queue name, secret id or bucket
	KeyPrefix string `json:"key_prefix,omitempty"` // S3: how the object key begins
	Contains  string `json:"contains,omitempty"`   // text in the request body or object key, as a task id
	Function  string `json:"function,omitempty"`   // name of the calling function

	Skip  int `json:"skip,omitempty"`  // let so many matching requests pass first
	Times int `json:"times,omitempty"` // strike so many; 0 is 1, -1 is until cleared

	Action  Action `json:"action"`
	DelayMS int    `json:"delay_ms,omitempty"` // wait before the action, 0 to 600,000 ms
	Status  int    `json:"status,omitempty"`   // fail_before: 400 to 599

	Struck int `json:"struck"` // how often it has struck so far
}

// check says what is wrong with an order, or fills in what was left out.
func (o *Order) check() error {
	if !slices.Contains(actions, o.Action) {
		return fmt.Errorf("action: %q is not one of %v", o.Action, actions)
	}
	if o.Times == 0 {
		o.Times = 1
	}
	if o.Times < -1 {
		return fmt.Errorf("times: %d is below -1; give a count, or -1 for every request until the order is cleared", o.Times)
	}
	if o.Skip < 0 {
		return fmt.Errorf("skip: %d is negative", o.Skip)
	}
	if o.DelayMS < 0 || o.DelayMS > 600_000 {
		return fmt.Errorf("delay_ms: %d is outside 0 to 600000", o.DelayMS)
	}
	if o.Status == 0 {
		o.Status = 500
	}
	if o.Status < 400 || o.Status > 599 {
		return fmt.Errorf("status: %d is outside 400 to 599", o.Status)
	}
	return nil
}

func (o *Order) matches(c *Call) bool {
	return matches(o.Service, c.Service) && matches(o.Operation, c.Operation) && matches(o.Target, c.Target) &&
		matches(o.Function, c.Function) && strings.HasPrefix(c.Key, o.KeyPrefix) &&
		(o.Contains == "" || strings.Contains(c.body, o.Contains) || strings.Contains(c.Key, o.Contains))
}

// maxOrders bounds the book: a test that leaks orders finds out instead of filling memory.
const maxOrders = 1000

// orderBook holds the orders in force.
type orderBook struct {
	mu      sync.Mutex
	next    int
	orders  []*Order
	cleared chan struct{} // closed, and made anew, when orders are cleared: wakes hanging requests
}

func newOrderBook() *orderBook { return &orderBook{cleared: make(chan struct{})} }

// add puts an order in force and returns it with its id.
func (b *orderBook) add(order Order) (Order, error) {
	if err := order.check(); err != nil {
		return Order{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.orders) >= maxOrders {
		return Order{}, fmt.Errorf("%d orders are in force already; clear some", maxOrders)
	}
	b.next++
	order.ID, order.Struck = fmt.Sprintf("f%d", b.next), 0
	b.orders = append(b.orders, &order)
	return order, nil
}

// strike returns the oldest order that matches and is not used up, counted as struck, and a channel that closes when it is cleared.
func (b *orderBook) strike(call *Call) (order *Order, cleared <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range b.orders {
		if (o.Times >= 0 && o.Struck >= o.Times) || !o.matches(call) {
			continue
		}
		if o.Skip > 0 {
			o.Skip--
			continue
		}
		o.Struck++
		copied := *o
		return &copied, b.cleared
	}
	return nil, nil
}

// list returns copies of all orders, used up ones too.
func (b *orderBook) list() []Order {
	b.mu.Lock()
	defer b.mu.Unlock()
	orders := make([]Order, 0, len(b.orders))
	for _, o := range b.orders {
		orders = append(orders, *o)
	}
	return orders
}

// clear removes the order with this id, or all orders when id is empty, and wakes the requests that hang.
func (b *orderBook) clear(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.orders = slices.DeleteFunc(b.orders, func(o *Order) bool { return id == "" || o.ID == id })
	close(b.cleared)
	b.cleared = make(chan struct{})
}
