// Package worker turns SQS batches into steps of the workflow.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"darkroom/shared/sqsqueue"
	"darkroom/shared/task"
)

// Step handles one hint. A nil error means that whatever is to happen next is durable.
type Step func(ctx context.Context, m task.Message) error

// Batch makes a Lambda handler of a step. Messages run side by side, and only those that failed go back to the queue. A message that crashes the step is
// counted on its task by crashed and then acknowledged: coming back would only crash it again. A message that cannot be read goes to the dead-letter queue.
func Batch(log *slog.Logger, step, crashed Step) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return func(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
		failed := make([]bool, len(event.Records))
		var all sync.WaitGroup
		for i, record := range event.Records {
			all.Go(func() { failed[i] = !handle(ctx, log, record, step, crashed) })
		}
		all.Wait()
		response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}} // [] and not null: not every reader of it takes null for none
		for i, record := range event.Records {
			if failed[i] {
				response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
			}
		}
		return response, nil
	}
}

// handle tells whether a message is done with.
func handle(ctx context.Context, log *slog.Logger, record events.SQSMessage, step, crashed Step) (done bool) {
	m, err := sqsqueue.Decode(record.Body)
	if errors.Is(err, sqsqueue.ErrNewerVersion) {
		log.Warn("message of a newer version; the sweep will come back to its task", "message_id", record.MessageId)
		return true
	}
	if err != nil {
		log.Error("message cannot be read", "message_id", record.MessageId, "error", err)
		return false
	}
	log = log.With("task_id", m.Task, "account", m.Account)
	err = guarded(ctx, m, step)
	var crash *crashError
	if errors.As(err, &crash) {
		log.Error("handler crashed", "message_id", record.MessageId, "panic", crash.value, "stack", string(crash.stack))
		err = guarded(ctx, m, crashed)
	}
	if err != nil {
		log.Error("step failed; the message comes back", "message_id", record.MessageId, "error", err)
	}
	return err == nil
}

// crashError is a panic of a step.
type crashError struct {
	value any
	stack []byte
}

func (e *crashError) Error() string { return fmt.Sprintf("crashed: %v", e.value) }

func guarded(ctx context.Context, m task.Message, step Step) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &crashError{value, debug.Stack()}
		}
	}()
	return step(ctx, m)
}
