package worker_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"darkroom/shared/task"
	"darkroom/shared/worker"
)

const (
	account = "abcdefghijklmnopqrstuvwxyz"
	request = "R#0000000000000000000000000000000000000000000000000000000000000000"
)

// id is one of ten task ids.
func id(n int) task.ID { return task.ID("tsk_01JD3YQ5T8Z6M3N0V4W2X7K9B" + strconv.Itoa(n)) }

// record is a message about one of ten tasks, whose message id is m0 to m9.
func record(n int) events.SQSMessage {
	return events.SQSMessage{MessageId: "m" + strconv.Itoa(n), Body: `{"v":1,"account":"` + account + `","task":"` + string(id(n)) + `"}`}
}

func batch(records ...events.SQSMessage) events.SQSEvent { return events.SQSEvent{Records: records} }

// hints keeps the messages that a step was called with.
type hints struct {
	mu   sync.Mutex
	seen []task.Message
}

func (h *hints) add(m task.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen = append(h.seen, m)
}

func (h *hints) tasks() (ids []task.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.seen {
		ids = append(ids, m.Task)
	}
	slices.Sort(ids)
	return ids
}

// rig is a batch handler with steps that keep what they were called with.
type rig struct {
	steps, crashes hints
	log            bytes.Buffer
	onStep         func(task.Message) error // nil: succeeds
	onCrash        func(task.Message) error // nil: succeeds
}

// run handles a batch and returns the message ids that go back to the queue. Handlers never fail as a whole: that would bring every message back.
func (r *rig) run(t *testing.T, event events.SQSEvent) []string {
	t.Helper()
	call := func(keep *hints, do *func(task.Message) error) worker.Step {
		return func(_ context.Context, m task.Message) error {
			keep.add(m)
			if *do == nil {
				return nil
			}
			return (*do)(m)
		}
	}
	handler := worker.Batch(slog.New(slog.NewTextHandler(&r.log, nil)), call(&r.steps, &r.onStep), call(&r.crashes, &r.onCrash))
	response, err := handler(context.Background(), event)
	if err != nil {
		t.Fatalf("the batch failed as a whole: %v", err)
	}
	var back []string
	for _, failure := range response.BatchItemFailures {
		if failure.ItemIdentifier == "" {
			t.Error("a failure has an empty identifier: the queue would bring the whole batch back")
		}
		back = append(back, failure.ItemIdentifier)
	}
	return back
}

func TestOnlyMessagesThatFailedGoBack(t *testing.T) {
	t.Parallel()
	r := &rig{onStep: func(m task.Message) error {
		if m.Task == id(1) || m.Task == id(3) {
			return errors.New("not written")
		}
		return nil
	}}
	if got, want := r.run(t, batch(record(0), record(1), record(2), record(3))), []string{"m1", "m3"}; !slices.Equal(got, want) {
		t.Errorf("went back: %v, want %v", got, want)
	}
	if got, want := r.steps.tasks(), []task.ID{id(0), id(1), id(2), id(3)}; !slices.Equal(got, want) {
		t.Errorf("handled: %v, want %v", got, want)
	}
	if len(r.crashes.tasks()) != 0 {
		t.Errorf("an error was counted as a crash: %v", r.crashes.tasks())
	}
}

func TestAStepGetsWhatTheMessageSays(t *testing.T) {
	t.Parallel()
	r := &rig{}
	full := record(0)
	full.Body = `{"v":1,"account":"` + account + `","task":"` + string(id(0)) + `","request":"` + request + `"}`
	if back := r.run(t, batch(full)); len(back) != 0 {
		t.Fatalf("went back: %v", back)
	}
	if got, want := r.steps.seen, []task.Message{{Account: account, Task: id(0), Request: request}}; !slices.Equal(got, want) {
		t.Errorf("the step got %+v, want %+v", got, want)
	}
}

func TestAnEmptyBatchIsDone(t *testing.T) {
	t.Parallel()
	if back := (&rig{}).run(t, batch()); len(back) != 0 {
		t.Errorf("went back: %v", back)
	}
}

func TestACrashIsCountedOnItsTaskAndAcknowledged(t *testing.T) {
	t.Parallel()
	r := &rig{onStep: func(m task.Message) error {
		if m.Task == id(1) {
			panic("a picture that breaks the decoder")
		}
		return nil
	}}
	if back := r.run(t, batch(record(0), record(1), record(2))); len(back) != 0 {
		t.Errorf("went back: %v; a message that crashes the step would only crash it again", back)
	}
	if got, want := r.crashes.tasks(), []task.ID{id(1)}; !slices.Equal(got, want) {
		t.Errorf("counted on %v, want %v", got, want)
	}
	if got := r.log.String(); !strings.Contains(got, "a picture that breaks the decoder") || !strings.Contains(got, "batch_test.go") {
		t.Errorf("the log lacks the panic or its stack: %s", got)
	}
}

func TestACrashThatCannotBeCountedGoesBack(t *testing.T) {
	t.Parallel()
	for name, onCrash := range map[string]func(task.Message) error{
		"NotWritten":    func(task.Message) error { return errors.New("throttled") },
		"CrashesItself": func(task.Message) error { panic("again") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &rig{onStep: func(task.Message) error { panic("first") }, onCrash: onCrash}
			if got, want := r.run(t, batch(record(0))), []string{"m0"}; !slices.Equal(got, want) {
				t.Errorf("went back: %v, want %v", got, want)
			}
			if got := len(r.crashes.tasks()); got != 1 {
				t.Errorf("counted %d times, want 1", got)
			}
		})
	}
}

func TestAMessageThatCannotBeReadGoesBackUnhandled(t *testing.T) {
	t.Parallel()
	whole := record(0).Body
	for name, body := range map[string]string{
		"Empty":               "",
		"NotJSON":             "look at task 7",
		"CutOff":              whole[:len(whole)-1],
		"TwoObjects":          whole + whole,
		"NoVersion":           strings.Replace(whole, `"v":1,`, "", 1),
		"OlderVersion":        strings.Replace(whole, `"v":1`, `"v":0`, 1),
		"VersionAsText":       strings.Replace(whole, `"v":1`, `"v":"1"`, 1),
		"NoTask":              `{"v":1,"account":"` + account + `"}`,
		"NoAccount":           `{"v":1,"task":"` + string(id(0)) + `"}`,
		"BadTask":             strings.Replace(whole, "tsk_", "", 1),
		"BadAccount":          strings.Replace(whole, account, "A#"+account, 1),
		"BadRequest":          strings.Replace(whole, `}`, `,"request":"BAL"}`, 1),
		"LongerThanAnyOfOurs": strings.Replace(whole, `}`, `,"note":"`+strings.Repeat("x", 1024)+`"}`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &rig{}
			if got, want := r.run(t, batch(events.SQSMessage{MessageId: "bad", Body: body}, record(1))), []string{"bad"}; !slices.Equal(got, want) {
				t.Errorf("went back: %v, want %v", got, want)
			}
			if got, want := r.steps.tasks(), []task.ID{id(1)}; !slices.Equal(got, want) {
				t.Errorf("handled: %v, want %v", got, want)
			}
			if len(r.crashes.tasks()) != 0 {
				t.Error("a message without a task was counted on one")
			}
		})
	}
}

// The sweep sends the hint again, and by then to code that understands it.
func TestAMessageOfANewerVersionIsAcknowledgedUnhandled(t *testing.T) {
	t.Parallel()
	r := &rig{}
	newer := events.SQSMessage{MessageId: "newer", Body: `{"v":2,"account":"` + account + `","task":"` + string(id(0)) + `","why":"later"}`}
	if back := r.run(t, batch(newer)); len(back) != 0 {
		t.Errorf("went back: %v", back)
	}
	if len(r.steps.tasks()) != 0 {
		t.Error("a message that is not understood was handled")
	}
}

func TestMessagesOfABatchRunSideBySide(t *testing.T) {
	t.Parallel()
	const size = 10
	var together sync.WaitGroup
	together.Add(size)
	r := &rig{onStep: func(task.Message) error {
		together.Done()
		together.Wait() // for ever, unless every message has been begun
		return nil
	}}
	var records []events.SQSMessage
	for n := range size {
		records = append(records, record(n))
	}
	done := make(chan []string)
	go func() { done <- r.run(t, batch(records...)) }()
	select {
	case back := <-done:
		if len(back) != 0 {
			t.Errorf("went back: %v", back)
		}
	case <-time.After(time.Minute): // only ends a run that hangs
		t.Fatal("one message waits for another")
	}
}

func TestAStepSeesTheCallersDeadline(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(context.Background())
	over := errors.New("the function's time is over")
	cancel(over)
	var got error
	step := func(ctx context.Context, _ task.Message) error {
		got = context.Cause(ctx)
		return nil
	}
	if _, err := worker.Batch(slog.New(slog.DiscardHandler), step, step)(ctx, batch(record(0))); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(got, over) {
		t.Errorf("the step's context: %v, want %v", got, over)
	}
}
