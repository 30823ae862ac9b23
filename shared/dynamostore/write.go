package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"darkroom/shared/transition"
)

// A write that meets another transaction on the same item is told so and must be repeated; the SDK does not. Ten tries with full jitter let
// 50 creates at once on one account all through.
const (
	tries       = 10
	firstWait   = 50 * time.Millisecond
	longestWait = time.Second
)

// Update makes one change and returns the new item, or a *transition.RefusedError with the item it met.
func (s *Store) Update(ctx context.Context, w transition.Write) (transition.Item, error) {
	expr, err := compile(w)
	if err != nil {
		return nil, fmt.Errorf("compile a write of %s: %w", w.Key, err)
	}
	var item transition.Item
	err = s.insist(ctx, func() error {
		if w.Row == nil {
			_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
				TableName: s.table(w.Key.Table), Item: encode(w.Key, w.Put), ConditionExpression: expr.Condition(), ExpressionAttributeNames: expr.Names(),
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
			})
			item = w.Put
			return err
		}
		out, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: s.table(w.Key.Table), Key: encodeKey(w.Key), ConditionExpression: expr.Condition(), UpdateExpression: expr.Update(),
			ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(), ReturnValues: types.ReturnValueAllNew,
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		})
		if err == nil {
			item = decode(w.Key.Table, out.Attributes).Item
		}
		return err
	})
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return nil, &transition.RefusedError{Refusals: []transition.Refusal{refusal(0, w.Key, failed.Item)}}
	}
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", w.Key, err)
	}
	return item, nil
}

// Transact makes all changes or none. Refused: a *transition.RefusedError with every write whose condition did not hold.
func (s *Store) Transact(ctx context.Context, writes ...transition.Write) error {
	items := make([]types.TransactWriteItem, len(writes))
	for i, w := range writes {
		expr, err := compile(w)
		if err != nil {
			return fmt.Errorf("compile a write of %s: %w", w.Key, err)
		}
		if w.Row == nil {
			items[i].Put = &types.Put{
				TableName: s.table(w.Key.Table), Item: encode(w.Key, w.Put), ConditionExpression: expr.Condition(), ExpressionAttributeNames: expr.Names(),
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
			}
			continue
		}
		items[i].Update = &types.Update{
			TableName: s.table(w.Key.Table), Key: encodeKey(w.Key), ConditionExpression: expr.Condition(), UpdateExpression: expr.Update(),
			ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}
	}
	err := s.insist(ctx, func() error {
		_, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
		return err
	})
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		if refused := refusals(cancelled, writes); len(refused.Refusals) > 0 {
			return refused
		}
	}
	if err != nil {
		return fmt.Errorf("write %d items together, %s first: %w", len(writes), writes[0].Key, err)
	}
	return nil
}

// The reasons a transaction is cancelled for that a repeat may not meet again.
var passing = map[string]bool{"TransactionConflict": true, "ThrottlingError": true, "ProvisionedThroughputExceeded": true}

const conditionFailed = "ConditionalCheckFailed"

// insist repeats a write while it meets other transactions.
func (s *Store) insist(ctx context.Context, write func() error) error {
	for try := 1; ; try++ {
		err := write()
		if err == nil || !conflicted(err) || try == tries {
			return err
		}
		if err := s.pause(ctx, wait(try)); err != nil {
			return err
		}
	}
}

// conflicted tells whether a repeat may help: nothing was refused by a condition, and something was in the way.
func conflicted(err error) bool {
	var single *types.TransactionConflictException
	if errors.As(err, &single) {
		return true
	}
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return false
	}
	met := false
	for _, reason := range cancelled.CancellationReasons {
		code := aws.ToString(reason.Code)
		if code == conditionFailed {
			return false
		}
		met = met || passing[code]
	}
	return met
}

func refusals(cancelled *types.TransactionCanceledException, writes []transition.Write) *transition.RefusedError {
	refused := &transition.RefusedError{}
	for i, reason := range cancelled.CancellationReasons {
		if aws.ToString(reason.Code) == conditionFailed && i < len(writes) {
			refused.Refusals = append(refused.Refusals, refusal(i, writes[i].Key, reason.Item))
		}
	}
	return refused
}

func refusal(index int, key transition.Key, old map[string]types.AttributeValue) transition.Refusal {
	r := transition.Refusal{Index: index, Key: key}
	if len(old) > 0 {
		r.Old = decode(key.Table, old).Item
	}
	return r
}

// wait is a random part of a doubling bound.
func wait(try int) time.Duration {
	return rand.N(min(longestWait, firstWait<<min(try-1, 10))) + time.Millisecond
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
