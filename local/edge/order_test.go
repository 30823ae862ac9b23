package edge

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestEachActionDoesWhatItsNameSays sends one DynamoDB transaction of two items into each action.
func TestEachActionDoesWhatItsNameSays(t *testing.T) {
	const body = `{"TransactItems":[{"Put":{"TableName":"tasks"}},{"Update":{"TableName":"tasks"}}]}`
	for _, test := range []struct {
		name    string
		order   Order
		status  int    // 0: the connection is cut
		answer  string // part of it
		arrives bool   // at the gateway
	}{
		{"FailBeforeAnswersTheOrderedStatus", Order{Action: FailBefore, Status: 503}, 503, "InternalServerError", false},
		{"FailBeforeIs500UnlessOrdered", Order{Action: FailBefore}, 500, "InternalServerError", false},
		{"CutBeforeIsNeverSeenByAWS", Order{Action: CutBefore}, 0, "", false},
		{"FailAfterLosesTheAnswerOnly", Order{Action: FailAfter}, 0, "", true},
		{"ThrottleIsDynamoDBsOwnError", Order{Action: Throttle}, 400, "ThrottlingException", false},
		{"ConflictNamesTheFirstItem", Order{Action: Conflict}, 400, `"CancellationReasons":[{"Code":"TransactionConflict"`, false},
		{"ConflictHasAReasonForEachItem", Order{Action: Conflict}, 400, `{"Code":"None"}]`, false},
		{"DelayForwards", Order{Action: Delay, DelayMS: 1}, 200, "from the gateway", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			gateway := newGateway(t)
			edge := NewAWS(gateway.url)
			if _, err := edge.orders.add(test.order); err != nil {
				t.Fatal(err)
			}
			status, answer, err := send(dynamo(t, serve(t, edge), "AKIATEST", "TransactWriteItems", body))
			if status != test.status || !strings.Contains(answer, test.answer) || (err != nil) != (test.status == 0) {
				t.Errorf("got %d %q, error %v; want %d with %q", status, answer, err, test.status, test.answer)
			}
			if arrived := len(gateway.seen()) == 1; arrived != test.arrives {
				t.Errorf("the call arrived at the gateway: %t, want %t", arrived, test.arrives)
			}
			if struck := edge.orders.list()[0].Struck; struck != 1 {
				t.Errorf("the order struck %d times, want 1", struck)
			}
		})
	}
}

func TestThrottlingIsInTheWordsOfTheService(t *testing.T) {
	for service, want := range map[string]struct {
		status int
		code   string
	}{
		"dynamodb":       {400, "ThrottlingException"},
		"sqs":            {400, "RequestThrottled"},
		"s3":             {503, "<Code>SlowDown</Code>"},
		"secretsmanager": {400, "ThrottlingException"},
	} {
		t.Run(service, func(t *testing.T) {
			edge := NewAWS(newGateway(t).url)
			if _, err := edge.orders.add(Order{Action: Throttle}); err != nil {
				t.Fatal(err)
			}
			request := dynamo(t, serve(t, edge), "AKIATEST", "Any", "{}")
			request.Header.Set("Authorization", authorization("AKIATEST", service))
			status, answer, err := send(request)
			if status != want.status || !strings.Contains(answer, want.code) || err != nil {
				t.Errorf("got %d %q, %v; want %d with %q", status, answer, err, want.status, want.code)
			}
		})
	}
}

func TestHangHoldsTheCallUntilTheOrderIsCleared(t *testing.T) {
	gateway := newGateway(t)
	edge := NewAWS(gateway.url)
	address := serve(t, edge)
	client := Client{URL: address}
	order, err := client.Order(t.Context(), Order{Action: Hang})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	request := dynamo(t, address, "AKIATEST", "PutItem", "{}")
	go func() {
		_, _, err := send(request)
		ended <- err
	}()
	waitFor(t, "the order to strike", func() bool { return edge.orders.list()[0].Struck == 1 })
	select {
	case err := <-ended:
		t.Fatalf("the call ended with %v while the order was in force", err)
	default:
	}
	if err := client.Clear(t.Context(), order.ID); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("the call was answered, want its connection cut")
	}
	if got := gateway.seen(); len(got) > 0 {
		t.Errorf("the gateway got %v, want nothing", got)
	}
}

func TestHangEndsWhenTheCallerGivesUp(t *testing.T) {
	edge := NewAWS(newGateway(t).url)
	address := serve(t, edge)
	if _, err := edge.orders.add(Order{Action: Hang}); err != nil {
		t.Fatal(err)
	}
	ctx, giveUp := context.WithCancel(t.Context())
	request := dynamo(t, address, "AKIATEST", "PutItem", "{}").WithContext(ctx)
	go func() {
		waitFor(t, "the order to strike", func() bool { return edge.orders.list()[0].Struck == 1 })
		giveUp()
	}()
	if _, _, err := send(request); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the caller's own cancellation", err)
	}
	waitFor(t, "the edge to finish the call", func() bool { return edge.recorder.find(Filter{}).Calls[0].Fault != "" })
}

func TestOrdersStrikeOnlyWhatTheyMatch(t *testing.T) {
	call := Call{Service: "dynamodb", Operation: "PutItem", Target: "tasks", Function: "submit", body: `{"pk":"A#1","id":"tsk_7"}`}
	object := Call{Service: "s3", Operation: "PUT", Target: "bucket", Key: "o/1/tsk_7/x.png"}
	for _, test := range []struct {
		name  string
		order Order
		call  Call
		want  bool
	}{
		{"EmptyFieldsMatchAll", Order{}, call, true},
		{"AllFieldsMatch", Order{Service: "dynamodb", Operation: "PutItem", Target: "tasks", Function: "submit", Contains: "tsk_7"}, call, true},
		{"OtherService", Order{Service: "sqs"}, call, false},
		{"OtherOperation", Order{Operation: "GetItem"}, call, false},
		{"OtherTarget", Order{Target: "ledger"}, call, false},
		{"OtherFunction", Order{Function: "poll"}, call, false},
		{"OtherText", Order{Contains: "tsk_8"}, call, false},
		{"ContainsLooksIntoObjectKeys", Order{Contains: "tsk_7"}, object, true},
		{"KeyPrefix", Order{KeyPrefix: "o/"}, object, true},
		{"OtherKeyPrefix", Order{KeyPrefix: "p/"}, object, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.order.matches(&test.call); got != test.want {
				t.Errorf("%+v matches %+v: got %t, want %t", test.order, test.call, got, test.want)
			}
		})
	}
}

func TestSkipAndTimesCountMatchingCallsOnly(t *testing.T) {
	book := newOrderBook()
	if _, err := book.add(Order{Action: CutBefore, Service: "sqs", Skip: 1, Times: 2}); err != nil {
		t.Fatal(err)
	}
	var struck []bool
	for _, service := range []string{"sqs", "dynamodb", "sqs", "sqs", "sqs"} {
		order, _ := book.strike(&Call{Service: service})
		struck = append(struck, order != nil)
	}
	want := []bool{false, false, true, true, false}
	for i := range want {
		if struck[i] != want[i] {
			t.Fatalf("struck %v, want %v", struck, want)
		}
	}
}

func TestMeaninglessOrdersAreRefused(t *testing.T) {
	for name, order := range map[string]Order{
		"NoAction":         {},
		"UnknownAction":    {Action: "explode"},
		"NegativeSkip":     {Action: Hang, Skip: -1},
		"TimesBelowMinus1": {Action: Hang, Times: -2},
		"DelayTooLong":     {Action: Delay, DelayMS: 600_001},
		"StatusOfSuccess":  {Action: FailBefore, Status: 200},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := newOrderBook().add(order); err == nil {
				t.Errorf("%+v was accepted", order)
			}
		})
	}
}

func TestTheGatewayGetsTheWholeBody(t *testing.T) {
	gateway := newGateway(t)
	body := `{"TableName":"tasks","Item":"` + strings.Repeat("x", 2*maxOneBody) + `"}`
	if status, _, err := send(dynamo(t, serve(t, NewAWS(gateway.url)), "AKIATEST", "PutItem", body)); status != http.StatusOK || err != nil {
		t.Fatalf("got %d, %v, want 200", status, err)
	}
	if got := gateway.seen()[0].body; got != body {
		t.Errorf("the gateway got %d bytes, want the %d sent", len(got), len(body))
	}
}

// waitFor polls a condition that another goroutine makes true. The test's own time limit bounds it.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for !done() {
		if t.Context().Err() != nil {
			t.Errorf("gave up waiting for %s", what)
			return
		}
		time.Sleep(time.Millisecond)
	}
}
