package dynamostore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"darkroom/shared/workflow/storetest"
)

// stack is the configuration of the running local stack. Without one the tests that need it cannot run.
func stack(t *testing.T) aws.Config {
	t.Helper()
	path := os.Getenv("DARKROOM_STACK")
	if path == "" {
		t.Skip("needs the local stack: run `make test`, or `make up` and set DARKROOM_STACK to its .local/stack.json")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		AWSEndpoint string `json:"aws_endpoint"`
		Region      string `json:"region"`
	}
	if err := json.Unmarshal(text, &info); err != nil {
		t.Fatal(err)
	}
	return aws.Config{Region: info.Region, BaseEndpoint: aws.String(info.AWSEndpoint), Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
}

// tables makes a pair of empty tables that live as long as the test.
func tables(t *testing.T, cfg aws.Config) (tasks, ledger string) {
	t.Helper()
	client := dynamodb.NewFromConfig(cfg)
	name := fmt.Sprintf("storetest-%016x", rand.Uint64())
	text := func(name string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS}
	}
	primary := func(hash, sort string) []types.KeySchemaElement {
		return []types.KeySchemaElement{{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash}, {AttributeName: aws.String(sort), KeyType: types.KeyTypeRange}}
	}
	for _, input := range []*dynamodb.CreateTableInput{
		{TableName: aws.String(name + "-tasks"), KeySchema: primary("pk", "sk"), BillingMode: types.BillingModePayPerRequest,
			AttributeDefinitions: []types.AttributeDefinition{text("pk"), text("sk"), text("shard"), {AttributeName: aws.String("due"), AttributeType: types.ScalarAttributeTypeN}},
			GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{IndexName: aws.String(indexName), KeySchema: primary("shard", "due"),
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}}}},
		{TableName: aws.String(name + "-ledger"), KeySchema: primary("pk", "sk"), BillingMode: types.BillingModePayPerRequest,
			AttributeDefinitions: []types.AttributeDefinition{text("pk"), text("sk")}},
	} {
		if _, err := client.CreateTable(context.Background(), input); err != nil {
			t.Fatal(err)
		}
		if err := dynamodb.NewTableExistsWaiter(client).Wait(context.Background(), &dynamodb.DescribeTableInput{TableName: input.TableName}, time.Minute); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if _, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: input.TableName}); err != nil {
				t.Error(err)
			}
		})
	}
	return name + "-tasks", name + "-ledger"
}

func TestStore(t *testing.T) {
	t.Parallel()
	cfg := stack(t)
	storetest.Run(t, func(t *testing.T) storetest.Store {
		tasks, ledger := tables(t, cfg)
		return New(cfg, tasks, ledger)
	}, storetest.Size{Programs: 100, Races: 200})
}

// conflicting answers the first tries of every transaction with a conflict instead of passing them on, as DynamoDB does when two meet; the local engine
// never does. The first transaction meets none, the next one, and so on up to nine, as many as the store can bear, and round again.
type conflicting struct {
	aws.HTTPClient
	mu       sync.Mutex
	left     map[string]int // conflicts still to come, by transaction
	answered int
}

func (c *conflicting) Do(request *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(request.Header.Get("X-Amz-Target"), ".TransactWriteItems") || !c.meets(request) {
		return c.HTTPClient.Do(request)
	}
	return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(strings.NewReader(cancelled("None", "TransactionConflict"))), Request: request}, nil
}

// meets tells whether this try meets a conflict. A transaction is known by the first item that it puts; its token is another at each try.
func (c *conflicting) meets(request *http.Request) bool {
	text, err := io.ReadAll(request.Body)
	request.Body = io.NopCloser(bytes.NewReader(text))
	var body struct {
		TransactItems []struct {
			Put struct {
				Item struct{ SK struct{ S string } }
			}
		}
	}
	if err != nil || json.Unmarshal(text, &body) != nil {
		return false
	}
	first := body.TransactItems[0].Put.Item.SK.S
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.left[first]; !known {
		c.left[first] = len(c.left) % tries
	}
	if c.left[first] == 0 {
		return false
	}
	c.left[first]--
	c.answered++
	return true
}

// TestNoCreateIsLostToConflicts: 50 creates at once on one account, each of which meets up to nine conflicts.
func TestNoCreateIsLostToConflicts(t *testing.T) {
	t.Parallel()
	cfg := stack(t)
	tasks, ledger := tables(t, cfg)
	between := &conflicting{HTTPClient: awshttp.NewBuildableClient(), left: map[string]int{}}
	cfg.HTTPClient = between
	s := New(cfg, tasks, ledger)
	var waits atomic.Int64
	s.pause = func(context.Context, time.Duration) error { waits.Add(1); return nil } // the schedule alone decides
	storetest.CreatesOnOneAccount(t, s, 50)
	if between.answered < 200 || int(waits.Load()) != between.answered {
		t.Errorf("%d conflicts and %d waits, want a wait for each of at least 200", between.answered, waits.Load())
	}
}
