package worker_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"slices"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"darkroom/shared/memstore"
	"darkroom/shared/sqsqueue"
	"darkroom/shared/task"
	"darkroom/shared/worker"
	"darkroom/shared/workflow"
	"darkroom/shared/workflow/simtest"
)

// invoke gives a sample to a handler as Lambda does: bytes in, bytes out.
func invoke(t *testing.T, handler any, sample string) []byte {
	t.Helper()
	payload, err := os.ReadFile("../../events/" + sample)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := lambda.NewHandler(handler).Invoke(context.Background(), payload)
	if err != nil {
		t.Fatalf("%s: %v", sample, err)
	}
	return answer
}

// What the samples say.
const (
	sampleAccount = "llnuur2ppwovatlzqcajy3l3y4"
	sampleTask    = task.ID("tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC")
)

func TestQueueSamplesReachTheirStep(t *testing.T) {
	t.Parallel()
	for sample, want := range map[string]task.Message{
		"submit.json": {Account: sampleAccount, Task: sampleTask, Request: task.RequestSK("order-4711")},
		"poll.json":   {Account: sampleAccount, Task: sampleTask},
		"store.json":  {Account: sampleAccount, Task: sampleTask},
	} {
		t.Run(sample, func(t *testing.T) {
			t.Parallel()
			var seen hints
			step := func(_ context.Context, m task.Message) error {
				seen.add(m)
				return nil
			}
			answer := invoke(t, worker.Batch(slog.New(slog.DiscardHandler), step, step), sample)
			if got := []task.Message{want}; !slices.Equal(seen.seen, got) {
				t.Errorf("the step got %+v, want %+v", seen.seen, got)
			}
			var response events.SQSEventResponse
			if err := json.Unmarshal(answer, &response); err != nil || len(response.BatchItemFailures) != 0 {
				t.Errorf("the answer is %s (%v), want no failures", answer, err)
			}
		})
	}
}

// The queue reads failures by these names; another name would acknowledge what has failed.
func TestFailuresAreAnsweredInTheQueuesOwnWords(t *testing.T) {
	t.Parallel()
	step := func(context.Context, task.Message) error { return context.DeadlineExceeded }
	answer := invoke(t, worker.Batch(slog.New(slog.DiscardHandler), step, step), "poll.json")
	if got, want := string(answer), `{"batchItemFailures":[{"itemIdentifier":"2e1424d4-f796-459a-8184-9c92662be6da"}]}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheSamplesBodiesAreWhatTheQueueAdapterReads(t *testing.T) {
	t.Parallel()
	for _, sample := range []string{"submit.json", "poll.json", "store.json"} {
		payload, err := os.ReadFile("../../events/" + sample)
		if err != nil {
			t.Fatal(err)
		}
		var event events.SQSEvent
		if err := json.Unmarshal(payload, &event); err != nil {
			t.Fatal(err)
		}
		if _, err := sqsqueue.Decode(event.Records[0].Body); err != nil {
			t.Errorf("%s: %v", sample, err)
		}
	}
}

// The sweep takes nothing from its event: whatever the scheduler sends, the due index says what is to be done.
func TestTheScheduleSampleRunsASweep(t *testing.T) {
	t.Parallel()
	store, clock, counts := memstore.New(), simtest.NewClock(), &simtest.Counts{}
	sweeper := &workflow.Sweeper{
		Engine: &workflow.Engine{Store: store, Hints: &simtest.Queue{}, Now: clock.Now, NewID: simtest.IDs(), Log: slog.New(slog.DiscardHandler), Metrics: counts},
		Index:  store,
	}
	handler := func(ctx context.Context, _ json.RawMessage) (workflow.Swept, error) { return sweeper.Sweep(ctx) }
	if got, want := string(invoke(t, handler, "sweep.json")), `{"due":0}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
