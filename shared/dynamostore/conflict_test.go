package dynamostore

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// engine answers DynamoDB's calls with prepared bodies, one after the other; the last one repeats.
type engine struct {
	mu      sync.Mutex
	answers []string
	calls   []string // the bodies that were sent
}

// Do answers one HTTP request. A body with an error type is status 400, "cut" loses the answer.
func (e *engine) Do(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	answer := e.answers[min(len(e.calls), len(e.answers)-1)]
	e.calls = append(e.calls, string(body))
	if answer == "cut" {
		return nil, errors.New("the connection was cut")
	}
	status := http.StatusOK
	if strings.Contains(answer, "__type") {
		status = http.StatusBadRequest
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(strings.NewReader(answer)), Request: request}, nil
}

// storeOver makes a store over an engine. It notes its waits and does not wait.
func storeOver(e *engine) (*Store, *[]time.Duration) {
	s := New(aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), HTTPClient: e,
		Retryer: func() aws.Retryer { return quick{} }}, "tasks", "ledger")
	var waits []time.Duration
	s.pause = func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil }
	return s, &waits
}

// quick is the SDK's own repeating, without its waits.
type quick struct{ aws.NopRetryer }

func (quick) IsErrorRetryable(err error) bool              { return strings.Contains(err.Error(), "cut") }
func (quick) MaxAttempts() int                             { return 3 }
func (quick) RetryDelay(int, error) (time.Duration, error) { return 0, nil }
func (quick) GetInitialToken() func(error) error           { return func(error) error { return nil } }
func (quick) GetRetryToken(context.Context, error) (func(error) error, error) {
	return func(error) error { return nil }, nil
}

// cancelled is a transaction's refusal with a reason for each write.
func cancelled(reasons ...string) string {
	type reason struct {
		Code string
		Item any `json:",omitempty"`
	}
	body := struct {
		Type    string   `json:"__type"`
		Reasons []reason `json:"CancellationReasons"`
	}{Type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"}
	for _, code := range reasons {
		r := reason{Code: code}
		if code == conditionFailed {
			r.Item = map[string]any{"pk": map[string]string{"S": "A#a"}, "sk": map[string]string{"S": "T#1"}, "n": map[string]string{"N": "7"}}
		}
		body.Reasons = append(body.Reasons, r)
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // strings only
	}
	return string(text)
}

var twoWrites = []transition.Write{
	{Key: transition.Key{Table: transition.Tasks, PK: "A#a", SK: "T#1"}, Put: transition.Item{"n": int64(1)}},
	{Key: transition.Key{Table: transition.Ledger, PK: "A#a", SK: "1#S"}, Put: transition.Item{"n": int64(2)}},
}

func TestATransactionIsRepeatedOnlyForReasonsThatPass(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer  string
		repeats bool
	}{
		"Conflict":             {cancelled("None", "TransactionConflict"), true},
		"Throttling":           {cancelled("ThrottlingError", "None"), true},
		"Throughput":           {cancelled("ProvisionedThroughputExceeded", "None"), true},
		"ConditionFailed":      {cancelled(conditionFailed, "None"), false},
		"ConditionAndConflict": {cancelled(conditionFailed, "TransactionConflict"), false},
		"Invalid":              {cancelled("ValidationError", "None"), false},
		"TooLarge":             {cancelled("ItemCollectionSizeLimitExceeded", "None"), false},
		"NotAllowed":           {`{"__type":"com.amazon.coral.service#AccessDeniedException","message":"no"}`, false},
		"WrongCall":            {`{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &engine{answers: []string{c.answer, `{}`}}
			s, waits := storeOver(e)
			err := s.Transact(context.Background(), twoWrites...)
			if repeated := len(e.calls) > 1; repeated != c.repeats || (err == nil) != c.repeats {
				t.Errorf("%d calls, then %v; repeats: want %t", len(e.calls), err, c.repeats)
			}
			if want := len(e.calls) - 1; len(*waits) != want {
				t.Errorf("%d waits between %d calls", len(*waits), len(e.calls))
			}
		})
	}
}

func TestConflictsAreGivenUpAfterTenTries(t *testing.T) {
	t.Parallel()
	e := &engine{answers: []string{cancelled("TransactionConflict", "None")}}
	s, waits := storeOver(e)
	err := s.Transact(context.Background(), twoWrites...)
	var refused *transition.RefusedError
	if err == nil || errors.As(err, &refused) {
		t.Errorf("got %v, want an error that is no refusal: nothing is known about the conditions", err)
	}
	if len(e.calls) != tries || len(*waits) != tries-1 {
		t.Errorf("%d calls and %d waits, want %d and %d", len(e.calls), len(*waits), tries, tries-1)
	}
	for i, wait := range *waits {
		if longest := min(longestWait, firstWait<<i); wait <= 0 || wait > longest+time.Millisecond {
			t.Errorf("wait %d: %s, want up to %s", i+1, wait, longest)
		}
	}
}

func TestASingleWriteIsRepeatedOnConflictAndNotOnRefusal(t *testing.T) {
	t.Parallel()
	e := &engine{answers: []string{`{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException"}`, `{"Attributes":{"n":{"N":"2"}}}`}}
	s, _ := storeOver(e)
	write := transition.Write{Key: twoWrites[0].Key, Row: &task.T17.Row, Args: transition.Args{"error": transition.Item{}, "now": int64(1)}}
	got, err := s.Update(context.Background(), write)
	if err != nil || got.Int("n") != 2 || len(e.calls) != 2 {
		t.Errorf("got %v, %v after %d calls", got, err, len(e.calls))
	}
	e = &engine{answers: []string{`{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","Item":{"pk":{"S":"A#a"},"sk":{"S":"T#1"},"n":{"N":"7"}}}`}}
	s, _ = storeOver(e)
	_, err = s.Update(context.Background(), write)
	var refused *transition.RefusedError
	if !errors.As(err, &refused) || refused.Of(0).Old.Int("n") != 7 || len(e.calls) != 1 {
		t.Errorf("got %v after %d calls, want a refusal with the old item after one", err, len(e.calls))
	}
}

func TestARefusedTransactionNamesWritesAndOldItems(t *testing.T) {
	t.Parallel()
	e := &engine{answers: []string{cancelled("None", conditionFailed)}}
	s, _ := storeOver(e)
	var refused *transition.RefusedError
	if err := s.Transact(context.Background(), twoWrites...); !errors.As(err, &refused) {
		t.Fatalf("got %v, want a refusal", err)
	}
	if len(refused.Refusals) != 1 || refused.Of(1).Key != twoWrites[1].Key || refused.Of(1).Old.Int("n") != 7 {
		t.Errorf("got %+v", refused.Refusals)
	}
}

// TestALostAnswerIsAskedForAgainWithTheSameToken: the SDK repeats a call whose answer was lost. The engine knows the token and does not make the
// transaction twice. A repeat after a conflict is a new transaction and must have a new one.
func TestALostAnswerIsAskedForAgainWithTheSameToken(t *testing.T) {
	t.Parallel()
	e := &engine{answers: []string{"cut", cancelled("TransactionConflict", "None"), `{}`}}
	s, _ := storeOver(e)
	if err := s.Transact(context.Background(), twoWrites...); err != nil {
		t.Fatal(err)
	}
	var tokens []string
	for _, call := range e.calls {
		var body struct{ ClientRequestToken string }
		if err := json.Unmarshal([]byte(call), &body); err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, body.ClientRequestToken)
	}
	if len(tokens) != 3 || tokens[0] == "" || tokens[0] != tokens[1] || tokens[2] == tokens[1] {
		t.Errorf("tokens %v, want the first twice and then another", tokens)
	}
}

func TestAWaitThatIsInterruptedEndsTheWrite(t *testing.T) {
	t.Parallel()
	e := &engine{answers: []string{cancelled("TransactionConflict", "None")}}
	s, _ := storeOver(e)
	s.pause = sleep
	ctx, cancel := context.WithCancelCause(context.Background())
	reason := errors.New("the function's time is over")
	cancel(reason)
	if err := sleep(ctx, time.Hour); !errors.Is(err, reason) {
		t.Errorf("got %v, want %v", err, reason)
	}
	if err := s.Transact(ctx, twoWrites...); err == nil {
		t.Error("no error")
	}
}

func TestABatchReadAsksAgainForWhatWasLeftOut(t *testing.T) {
	t.Parallel()
	one := `{"pk":{"S":"A#a"},"sk":{"S":"T#1"},"n":{"N":"1"}}`
	e := &engine{answers: []string{
		`{"Responses":{"tasks":[` + one + `]},"UnprocessedKeys":{"ledger":{"Keys":[{"pk":{"S":"A#a"},"sk":{"S":"1#S"}}],"ConsistentRead":true}}}`,
		`{"Responses":{"ledger":[{"pk":{"S":"A#a"},"sk":{"S":"1#S"},"n":{"N":"2"}}]},"UnprocessedKeys":{}}`,
	}}
	s, waits := storeOver(e)
	got, err := s.GetAll(context.Background(), twoWrites[0].Key, twoWrites[1].Key)
	if err != nil || got[0].Int("n") != 1 || got[1].Int("n") != 2 || len(*waits) != 1 {
		t.Errorf("got %v, %v after %d waits", got, err, len(*waits))
	}
	if !strings.Contains(e.calls[0], `"ConsistentRead":true`) {
		t.Errorf("the read is not consistent: %s", e.calls[0])
	}
}
