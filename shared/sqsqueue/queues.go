// Package sqsqueue sends hints through SQS and reads them back.
package sqsqueue

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/shared/task"
)

const (
	batchSize    = 10 // messages that one call may send
	longestDelay = 15 * time.Minute
)

// Queues are the queues that a function may send to, by name.
type Queues struct {
	client *sqs.Client
	urls   map[task.Queue]string
}

// New makes Queues of the URLs that a function was given.
func New(cfg aws.Config, urls map[task.Queue]string) *Queues {
	return &Queues{client: sqs.NewFromConfig(cfg), urls: urls}
}

// Send sends messages, ten a call, and returns their ids in order. The account is the message group, so that one account's flood does not hold up the others.
// What SQS did not take of a batch is tried once more. An error means that some may not have been sent; what was sent stays sent.
func (q *Queues) Send(ctx context.Context, messages ...task.Message) (ids []string, err error) {
	ids = make([]string, len(messages))
	for _, batch := range batches(messages) {
		url, known := q.urls[messages[batch[0]].Queue]
		if !known {
			return ids, fmt.Errorf("send hints: this function has no queue %q", messages[batch[0]].Queue)
		}
		left, err := q.send(ctx, url, messages, batch, ids)
		if err == nil && len(left) > 0 {
			left, err = q.send(ctx, url, messages, left, ids)
		}
		if err != nil {
			return ids, fmt.Errorf("send %d hints to %s: %w", len(batch), messages[batch[0]].Queue, err)
		}
		if len(left) > 0 {
			return ids, fmt.Errorf("send hints to %s: %d of %d were not taken", messages[batch[0]].Queue, len(left), len(batch))
		}
	}
	return ids, nil
}

// batches are the positions of messages that go together: of one queue, at most ten.
func batches(messages []task.Message) (all [][]int) {
	open := map[task.Queue]int{} // queue -> its batch that has room
	for i, m := range messages {
		at, known := open[m.Queue]
		if !known || len(all[at]) == batchSize {
			at = len(all)
			open[m.Queue] = at
			all = append(all, nil)
		}
		all[at] = append(all[at], i)
	}
	return all
}

// send makes one call, fills in the ids, and returns the positions that were not taken.
func (q *Queues) send(ctx context.Context, url string, messages []task.Message, batch []int, ids []string) (left []int, err error) {
	entries := make([]types.SendMessageBatchRequestEntry, len(batch))
	for n, i := range batch {
		entries[n] = types.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(encode(messages[i])), MessageGroupId: &messages[i].Account,
			DelaySeconds: int32((min(messages[i].Delay, longestDelay) + time.Second - 1) / time.Second),
		}
	}
	out, err := q.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries})
	if err != nil {
		return nil, err
	}
	for _, sent := range out.Successful {
		if i, err := strconv.Atoi(aws.ToString(sent.Id)); err == nil && i < len(ids) {
			ids[i] = aws.ToString(sent.MessageId)
		}
	}
	for _, i := range batch {
		if ids[i] == "" {
			left = append(left, i)
		}
	}
	return left, nil
}

// Prime opens a connection by a call that sends nothing: a batch without entries is refused.
func (q *Queues) Prime(ctx context.Context) error {
	for _, url := range q.urls {
		_, err := q.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: []types.SendMessageBatchRequestEntry{}})
		return err
	}
	return nil
}
