package bench

import (
	"context"
	"fmt"

	"darkroom/local/edge"
)

// Calls are what functions asked of AWS on behalf of one account. Reads of provider switches are no account's, and are kept for five seconds anyway.
type Calls struct {
	Transactions int // DynamoDB's TransactWriteItems
	Updates      int // DynamoDB's UpdateItem and PutItem
	Reads        int // DynamoDB's GetItem, BatchGetItem and Query
	Sends        int // SQS's SendMessageBatch
	Puts         int // S3's PutObject
	Late         int // reads by poll hints that came after another had settled the job; not among Reads
	Swept        bool
	Steps        []string // "function operation", in order
}

// Database adds up the calls to DynamoDB.
func (c Calls) Database() int { return c.Transactions + c.Updates + c.Reads }

// Counter counts calls by the record of the AWS edge.
type Counter struct {
	Edge    edge.Client
	Outputs map[string]string // of the stack: they name its functions
}

// Now is the newest call's number, to count from.
func (c Counter) Now(ctx context.Context) (after int64, err error) {
	log, err := c.Edge.Calls(ctx, edge.Filter{Service: "none"})
	return log.Last, err
}

// Count counts the calls that match: the filter's Contains is the account. The error says when the record has a gap, or holds a call it cannot place.
func (c Counter) Count(ctx context.Context, of edge.Filter) (Calls, error) {
	log, err := c.Edge.Calls(ctx, of)
	if err != nil {
		return Calls{}, err
	}
	if log.Dropped > of.After {
		return Calls{}, fmt.Errorf("the edge has forgotten %d calls", log.Dropped)
	}
	var counted Calls
	polled := false
	for _, call := range log.Calls {
		if call.Function == "" {
			continue // the watcher's own reads
		}
		poll := call.Function == c.Outputs["PollFunctionName"]
		switch call.Service + " " + call.Operation {
		case "dynamodb TransactWriteItems":
			counted.Transactions++
		case "dynamodb UpdateItem", "dynamodb PutItem":
			counted.Updates++
			polled = polled || poll
		case "dynamodb GetItem", "dynamodb BatchGetItem", "dynamodb Query":
			if poll && polled {
				counted.Late++
				continue
			}
			counted.Reads++
		case "sqs SendMessageBatch":
			counted.Sends++
		case "s3 PUT":
			counted.Puts++
		default:
			return Calls{}, fmt.Errorf("%s made an unexpected call: %s %s", call.Function, call.Service, call.Operation)
		}
		counted.Swept = counted.Swept || call.Function == c.Outputs["SweepFunctionName"]
		counted.Steps = append(counted.Steps, call.Function+" "+call.Operation)
	}
	return counted, nil
}
