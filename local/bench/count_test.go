package bench_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"darkroom/local/bench"
	"darkroom/local/edge"
)

// counterOver makes a counter over a record of calls, written "function service operation".
func counterOver(t *testing.T, dropped int64, record ...string) bench.Counter {
	t.Helper()
	log := edge.Log{Dropped: dropped, Last: dropped + int64(len(record))}
	for i, line := range record {
		words := strings.Fields(line)
		log.Calls = append(log.Calls, edge.Call{Seq: dropped + int64(i) + 1, Function: strings.Trim(words[0], "-"), Service: words[1], Operation: words[2]})
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { json.NewEncoder(w).Encode(log) }))
	t.Cleanup(server.Close)
	return bench.Counter{Edge: edge.Client{URL: server.URL}, Outputs: map[string]string{"PollFunctionName": "poll", "SweepFunctionName": "sweep"}}
}

func TestCallsAreCountedByTheirKind(t *testing.T) {
	counter := counterOver(t, 0,
		"api dynamodb TransactWriteItems", "api sqs SendMessageBatch", "api dynamodb UpdateItem", "- dynamodb GetItem", "submit dynamodb BatchGetItem",
		"submit dynamodb UpdateItem", "poll dynamodb GetItem", "poll dynamodb UpdateItem", "poll sqs SendMessageBatch", "poll dynamodb GetItem",
		"store dynamodb UpdateItem", "store s3 PUT", "store s3 PUT", "store dynamodb TransactWriteItems")
	got, err := counter.Count(t.Context(), edge.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Steps) != 12 { // neither the watcher's read nor that of the late poll hint
		t.Errorf("steps: %v", got.Steps)
	}
	got.Steps = nil
	if want := (bench.Calls{Transactions: 2, Updates: 4, Reads: 2, Sends: 2, Puts: 2, Late: 1}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got.Database() != 8 {
		t.Errorf("%d calls to DynamoDB, want 8", got.Database())
	}
}

func TestASweptTaskIsKnown(t *testing.T) {
	got, err := counterOver(t, 0, "sweep dynamodb UpdateItem").Count(t.Context(), edge.Filter{})
	if err != nil || !got.Swept {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhatCannotBeCountedIsAnError(t *testing.T) {
	for name, counter := range map[string]bench.Counter{
		"UnknownCall":    counterOver(t, 0, "store dynamodb Scan"),
		"UnknownService": counterOver(t, 0, "store sns Publish"),
		"GapInTheRecord": counterOver(t, 10, "store dynamodb UpdateItem"),
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := counter.Count(t.Context(), edge.Filter{After: 5}); err == nil {
				t.Errorf("counted %+v", got)
			}
		})
	}
}
