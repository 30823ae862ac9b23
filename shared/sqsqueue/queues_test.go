package sqsqueue_test

import (
	"crypto/md5"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"darkroom/shared/sqsqueue"
	"darkroom/shared/task"
)

const (
	account = "abcdefghijklmnopqrstuvwxyz"
	id      = task.ID("tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC")
)

var request = "R#" + strings.Repeat("0", 64)

type entry struct {
	ID             string `json:"Id"`
	MessageBody    string
	MessageGroupID string `json:"MessageGroupId"`
	DelaySeconds   int
}

// fakeSQS takes batches and refuses as many entries as a test orders.
type fakeSQS struct {
	mu     sync.Mutex
	calls  [][]entry
	urls   []string
	refuse int
}

func (f *fakeSQS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var call struct {
		QueueURL string `json:"QueueUrl"`
		Entries  []entry
	}
	if err := json.NewDecoder(r.Body).Decode(&call); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	f.calls, f.urls = append(f.calls, call.Entries), append(f.urls, call.QueueURL)
	var ok, bad []map[string]any
	for _, e := range call.Entries {
		if f.refuse > 0 {
			f.refuse--
			bad = append(bad, map[string]any{"Id": e.ID, "Code": "InternalError", "SenderFault": false})
			continue
		}
		ok = append(ok, map[string]any{"Id": e.ID, "MessageId": "m" + e.ID, "MD5OfMessageBody": fmt.Sprintf("%x", md5.Sum([]byte(e.MessageBody)))})
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	json.NewEncoder(w).Encode(map[string]any{"Successful": ok, "Failed": bad})
}

func newQueues(t *testing.T) (*sqsqueue.Queues, *fakeSQS) {
	t.Helper()
	fake := &fakeSQS{}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("k", "s", "")}
	return sqsqueue.New(cfg, map[task.Queue]string{task.SubmitQueue: server.URL + "/submit", task.PollQueue: server.URL + "/poll"}), fake
}

func message(queue task.Queue, delay time.Duration) task.Message {
	return task.Message{Account: account, Task: id, Queue: queue, Delay: delay}
}

func TestTenHintsOfOneQueueAreOneCall(t *testing.T) {
	t.Parallel()
	queues, fake := newQueues(t)
	var messages []task.Message
	for i := range 10 {
		messages = append(messages, message(task.PollQueue, time.Duration(i)*time.Second+time.Millisecond))
	}
	ids, err := queues.Send(t.Context(), messages...)
	if err != nil || len(fake.calls) != 1 || len(fake.calls[0]) != 10 {
		t.Fatalf("%v, calls %v", err, fake.calls)
	}
	for i, e := range fake.calls[0] {
		if e.DelaySeconds != i+1 || e.MessageGroupID != account || ids[i] != fmt.Sprintf("m%d", i) {
			t.Errorf("entry %d: %+v, id %s", i, e, ids[i])
		}
	}
}

func TestElevenHintsAndTwoQueuesAreSplit(t *testing.T) {
	t.Parallel()
	queues, fake := newQueues(t)
	messages := []task.Message{message(task.SubmitQueue, 0)}
	for range 11 {
		messages = append(messages, message(task.PollQueue, time.Hour))
	}
	if _, err := queues.Send(t.Context(), messages...); err != nil || len(fake.calls) != 3 {
		t.Fatalf("%v, %d calls, want 3", err, len(fake.calls))
	}
	if got := fake.calls[1][0].DelaySeconds; got != 900 {
		t.Errorf("delay %d s, want the longest there is, 900", got)
	}
}

func TestWhatSQSDidNotTakeIsSentOnceMore(t *testing.T) {
	t.Parallel()
	queues, fake := newQueues(t)
	fake.refuse = 1
	ids, err := queues.Send(t.Context(), message(task.PollQueue, 0), message(task.PollQueue, 0))
	if err != nil || ids[0] == "" || ids[1] == "" || len(fake.calls) != 2 || len(fake.calls[1]) != 1 {
		t.Errorf("%v, ids %v, calls %v", err, ids, fake.calls)
	}
	fake.refuse = 4
	if _, err := queues.Send(t.Context(), message(task.PollQueue, 0), message(task.PollQueue, 0)); err == nil {
		t.Error("hints that were never taken count as sent")
	}
}

func TestAQueueThatAFunctionDoesNotHaveIsAnError(t *testing.T) {
	t.Parallel()
	queues, _ := newQueues(t)
	if _, err := queues.Send(t.Context(), message(task.StoreQueue, 0)); err == nil {
		t.Error("no error")
	}
}

func TestDecodeReadsWhatWasSentAndNothingElse(t *testing.T) {
	t.Parallel()
	queues, fake := newQueues(t)
	sent := task.Message{Account: account, Task: id, Request: request, Queue: task.SubmitQueue}
	if _, err := queues.Send(t.Context(), sent); err != nil {
		t.Fatal(err)
	}
	wire := fake.calls[0][0].MessageBody
	if want := `{"v":1,"account":"` + account + `","task":"` + string(id) + `","request":"` + request + `"}`; wire != want {
		t.Errorf("on the wire: %s\nwant: %s", wire, want)
	}
	got, err := sqsqueue.Decode(wire)
	if want := (task.Message{Account: account, Task: id, Request: request}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, text := range map[string]string{
		"empty": "", "not JSON": "hello", "a list": "[]", "no version": `{"account":"` + account + `","task":"` + string(id) + `"}`,
		"two objects": wire + wire, "foreign account": strings.Replace(wire, account, "../../x", 1), "no task id": strings.Replace(wire, string(id), "tsk_1", 1),
		"other row": strings.Replace(wire, "R#", "A#", 1), "too long": wire + strings.Repeat(" ", 2000),
	} {
		if got, err := sqsqueue.Decode(text); err == nil {
			t.Errorf("%s: read as %+v", name, got)
		}
	}
	if _, err := sqsqueue.Decode(strings.Replace(wire, `"v":1`, `"v":2`, 1)); !errors.Is(err, sqsqueue.ErrNewerVersion) {
		t.Errorf("newer version: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"v":1,"account":"` + account + `","task":"` + string(id) + `"}`)
	f.Add(`{"v":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := sqsqueue.Decode(text); err == nil {
			if _, err := task.ParseID(string(m.Task)); err != nil || len(m.Account) != 26 {
				t.Errorf("%q was read as %+v", text, m)
			}
		}
	})
}
