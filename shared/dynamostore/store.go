// Package dynamostore keeps the two tables in DynamoDB. It compiles transition rows into condition and update expressions; no condition is
// written by hand here.
package dynamostore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"darkroom/shared/transition"
)

// indexName is the due index of the tasks table.
const indexName = "due"

// Store is the pair of tables. It is safe for concurrent use.
type Store struct {
	client *dynamodb.Client
	tables map[transition.Table]string
	pause  func(context.Context, time.Duration) error
}

// New makes a store over two tables.
func New(cfg aws.Config, tasksTable, ledgerTable string) *Store {
	return &Store{
		client: dynamodb.NewFromConfig(cfg),
		tables: map[transition.Table]string{transition.Tasks: tasksTable, transition.Ledger: ledgerTable},
		pause:  sleep,
	}
}

// Prime opens a connection by a cheap read of an item that is never there.
func (s *Store) Prime(ctx context.Context) error {
	_, err := s.Get(ctx, transition.Key{Table: transition.Tasks, PK: "-", SK: "-"})
	return err
}

// Get reads one item, as it is now; nil when there is none.
func (s *Store) Get(ctx context.Context, key transition.Key) (transition.Item, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: s.table(key.Table), Key: encodeKey(key), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	if out.Item == nil {
		return nil, nil
	}
	return decode(key.Table, out.Item).Item, nil
}

// Query reads a part of a partition, highest sort key first, as it is now.
func (s *Store) Query(ctx context.Context, q transition.Query) ([]transition.Stored, error) {
	key := expression.Key("pk").Equal(expression.Value(q.PK))
	switch {
	case q.Below != "" && q.Below <= q.Prefix: // everything that begins with the prefix lies above the bound
		return nil, nil
	case strings.HasPrefix(q.Below, q.Prefix) && q.Prefix != "": // a key condition has one clause per key: below the bound, from the prefix on
		key = key.And(expression.Key("sk").Between(expression.Value(q.Prefix), expression.Value(q.Below)))
	case q.Below != "" && q.Prefix == "":
		key = key.And(expression.Key("sk").LessThan(expression.Value(q.Below)))
	case q.Prefix != "": // a bound above the whole prefix bounds nothing
		key = key.And(expression.Key("sk").BeginsWith(q.Prefix))
	}
	expr, err := expression.NewBuilder().WithKeyCondition(key).Build()
	if err != nil {
		return nil, fmt.Errorf("query %s %s: %w", q.Table, q.PK, err)
	}
	input := &dynamodb.QueryInput{
		TableName: s.table(q.Table), KeyConditionExpression: expr.KeyCondition(), ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ScanIndexForward: aws.Bool(false), ConsistentRead: aws.Bool(true), Limit: aws.Int32(int32(q.Limit + 1)), // Between includes its bound
	}
	var found []transition.Stored
	for {
		out, err := s.client.Query(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("query %s %s: %w", q.Table, q.PK, err)
		}
		for _, item := range out.Items {
			if stored := decode(q.Table, item); q.Below == "" || stored.Key.SK < q.Below {
				found = append(found, stored)
			}
		}
		if len(found) >= q.Limit || out.LastEvaluatedKey == nil {
			return found[:min(q.Limit, len(found))], nil
		}
		input.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

// Due reads one shard of the due index, the longest overdue first. The index may lag behind the items.
func (s *Store) Due(ctx context.Context, q transition.DueQuery) ([]transition.DueKey, error) {
	key := expression.Key("shard").Equal(expression.Value(q.Shard)).And(expression.Key("due").LessThanEqual(expression.Value(q.Until)))
	expr, err := expression.NewBuilder().WithKeyCondition(key).Build()
	if err != nil {
		return nil, fmt.Errorf("query the due index: %w", err)
	}
	out, err := s.client.Query(ctx, &dynamodb.QueryInput{
		TableName: s.table(transition.Tasks), IndexName: aws.String(indexName), KeyConditionExpression: expr.KeyCondition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(), Limit: aws.Int32(int32(q.Limit)),
	})
	if err != nil {
		return nil, fmt.Errorf("query the due index: %w", err)
	}
	found := make([]transition.DueKey, len(out.Items))
	for i, item := range out.Items {
		stored := decode(transition.Tasks, item)
		found[i] = transition.DueKey{Key: stored.Key, Due: stored.Item.Int("due")}
	}
	return found, nil
}

// GetAll reads up to 100 items in one call, as they are now, in the order of their keys; nil for those that are not there.
func (s *Store) GetAll(ctx context.Context, keys ...transition.Key) ([]transition.Item, error) {
	wanted := map[string]types.KeysAndAttributes{}
	asked := map[transition.Key]bool{}
	for _, key := range keys {
		if asked[key] {
			continue // a batch with one key twice is refused as a whole
		}
		asked[key] = true
		name := s.tables[key.Table]
		part := wanted[name]
		part.ConsistentRead = aws.Bool(true)
		part.Keys = append(part.Keys, encodeKey(key))
		wanted[name] = part
	}
	found := map[transition.Key]transition.Item{}
	for try := 0; len(wanted) > 0; try++ {
		if try == tries {
			return nil, fmt.Errorf("read %d items: the table is too busy", len(keys))
		}
		if try > 0 { // a part of a batch is left out when the table is busy
			if err := s.pause(ctx, wait(try)); err != nil {
				return nil, err
			}
		}
		out, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: wanted})
		if err != nil {
			return nil, fmt.Errorf("read %d items: %w", len(keys), err)
		}
		for table, name := range s.tables {
			for _, item := range out.Responses[name] {
				stored := decode(table, item)
				found[stored.Key] = stored.Item
			}
		}
		wanted = out.UnprocessedKeys
	}
	items := make([]transition.Item, len(keys))
	for i, key := range keys {
		items[i] = found[key]
	}
	return items, nil
}

func (s *Store) table(t transition.Table) *string { return aws.String(s.tables[t]) }
