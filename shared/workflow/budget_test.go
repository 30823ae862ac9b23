package workflow_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/workflow"
	"darkroom/shared/workflow/budget"
	"darkroom/shared/workflow/simtest"
)

// meter counts calls as AWS does: a method of the store is one call to DynamoDB, ten messages for one queue are one call to SQS, and one object is one to S3.
type meter struct {
	mu       sync.Mutex
	database []string                // calls in order: "read", or the row that was written
	units    map[string]budget.Units // by row
	sends    int
	puts     int
	hot      int // bytes of the largest task item that was written
	cold     int // bytes of the largest request item
}

type meteredStore struct {
	*simtest.Flaky
	*meter
}

func (s meteredStore) Get(ctx context.Context, key transition.Key) (transition.Item, error) {
	s.count("read")
	return s.Flaky.Get(ctx, key)
}

func (s meteredStore) GetAll(ctx context.Context, keys ...transition.Key) ([]transition.Item, error) {
	s.count("read")
	return s.Flaky.GetAll(ctx, keys...)
}

func (s meteredStore) Query(ctx context.Context, q transition.Query) ([]transition.Stored, error) {
	s.count("read")
	return s.Flaky.Query(ctx, q)
}

func (m *meter) count(call string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.database = append(m.database, call)
}

func (s meteredStore) Update(ctx context.Context, w transition.Write) (item transition.Item, err error) {
	s.weigh([]transition.Write{w}, func() { item, err = s.Flaky.Update(ctx, w) })
	return item, err
}

func (s meteredStore) Transact(ctx context.Context, writes ...transition.Write) (err error) {
	s.weigh(writes, func() { err = s.Flaky.Transact(ctx, writes...) })
	return err
}

// weigh runs one call and adds up what its items cost, from how they were before and are after it.
func (s meteredStore) weigh(writes []transition.Write, call func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.items(writes)
	call()
	row := rowOf(writes)
	s.database = append(s.database, row)
	for i, after := range s.items(writes) {
		key := writes[i].Key
		s.units[row] = s.units[row].Plus(budget.Write(key, before[i], after, len(writes) > 1))
		switch {
		case strings.HasPrefix(key.SK, "T#"):
			s.hot = max(s.hot, budget.Size(key, after))
		case strings.HasPrefix(key.SK, "R#"):
			s.cold = max(s.cold, budget.Size(key, after))
		}
	}
}

func (s meteredStore) items(writes []transition.Write) []transition.Item {
	keys := make([]transition.Key, len(writes))
	for i, w := range writes {
		keys[i] = w.Key
	}
	items, _ := s.Flaky.GetAll(ctx, keys...) // never fails
	return items
}

// rowOf names a call by its first row; the create transaction, which begins with new items, by that of the balance: T1.
func rowOf(writes []transition.Write) string {
	for _, w := range writes {
		if w.Row != nil {
			return w.Row.ID
		}
	}
	return "new"
}

type meteredQueue struct {
	*simtest.Queue
	*meter
}

// Send answers with ids as long as those of SQS.
func (q meteredQueue) Send(ctx context.Context, messages ...task.Message) ([]string, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	perQueue := map[task.Queue]int{}
	for _, m := range messages {
		perQueue[m.Queue]++
	}
	for _, n := range perQueue {
		q.sends += (n + 9) / 10
	}
	ids, err := q.Queue.Send(ctx, messages...)
	for i := range ids {
		ids[i] = "219f8380-5770-4cc2-8c3e-5c715e145f5e"
	}
	return ids, err
}

type meteredBucket struct {
	*simtest.Bucket
	*meter
}

func (b meteredBucket) PutAsset(ctx context.Context, key string, data []byte, contentType, fileName string) error {
	b.mu.Lock()
	b.puts++
	b.mu.Unlock()
	return b.Bucket.PutAsset(ctx, key, data, contentType, fileName)
}

func (b meteredBucket) PutOnce(ctx context.Context, key string, data []byte, contentType string) error {
	return b.PutAsset(ctx, key, data, contentType, "")
}

// As long as a provider of jobs makes them: its id of a job, where to ask about it, and a signed link to its output.
const (
	jobOfProvider = "7f0c9a52-41cb-4a8c-9b3e-2f1d6a0e8b11"
	askOfProvider = "https://api.eu1.bfl.ai/v1/get_result?id=" + jobOfProvider
	linkAtStorage = "https://" + simtest.OutputHost + "/results/a1/ce410e21/" + jobOfProvider + "/sample.jpeg?se=2026-11-25T17%3A40%3A41Z&sp=r&sv=2024-11-04&sr=b" +
		"&rsct=image/jpeg&sig=MnGmfvrBWnYkzPXOJ0d9Zqk3tq0Jw9lQK5e1m%2BZ8nQ4%3D"
)

// usageOfProvider is all that a provider of jobs tells of an edit.
var usageOfProvider = provider.Usage{CostMicroUSD: 15_462, InputMilliMP: 1310, OutputMilliMP: 1049}

// warm is a metered world in which one task of Alice's has completed: her account is open, and what steps keep in memory is there.
func warm(t testing.TB) (*simtest.World, *meter) {
	t.Helper()
	w, m := simtest.NewWorld(), &meter{units: map[string]budget.Units{}}
	w.Accounts.SignupGrant = 1_000_000_000 // enough for every round of a benchmark
	store := meteredStore{w.Store, m}
	w.Engine.Store, w.Creator.Switches.Store = store, store
	w.Engine.Hints = meteredQueue{w.Queue, m}
	bucket := meteredBucket{w.Bucket, m}
	w.Storer.Objects, w.Submitter.Staging = bucket, bucket
	w.Jobs.OnSubmit = func(provider.Call, int) (provider.Submission, error) {
		return provider.Submission{Job: &provider.Job{ID: jobOfProvider, Handle: askOfProvider}, Usage: usageOfProvider}, nil
	}
	w.Jobs.OnPoll = func(provider.Job) (provider.Report, error) { return simtest.Done(linkAtStorage), nil }
	happy(t, w, simtest.Wish(simtest.JobModel, 1))
	m.reset()
	return w, m
}

func (m *meter) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.database, m.units, m.sends, m.puts, m.hot, m.cold = nil, map[string]budget.Units{}, 0, 0, 0, 0
}

// happy takes one task through its life with one hint at a time: of the ten poll hints, the first finds the job done, and the others are not looked at.
func happy(t testing.TB, w *simtest.World, wish workflow.Wish) *task.Task {
	t.Helper()
	made, err := w.Creator.Create(ctx, simtest.Alice, "", wish)
	if err != nil {
		t.Fatal(err)
	}
	for _, queue := range []task.Queue{task.SubmitQueue, task.PollQueue, task.StoreQueue} {
		hints := w.Queue.Take()
		if len(hints) == 0 || hints[0].Queue != queue {
			t.Fatalf("the hints are %v, want one for %s", hints, queue)
		}
		if err := w.Handle(hints[0]); err != nil {
			t.Fatal(err)
		}
	}
	got := w.Task(t, made.Tasks[0])
	if got.State != task.Completed {
		t.Fatalf("it is %s", got.State)
	}
	return got
}

// sum adds up the write units.
func (m *meter) sum() (total budget.Units) {
	for _, u := range m.units {
		total = total.Plus(u)
	}
	return total
}

// breakdown shows the write units of every row.
func (m *meter) breakdown() string {
	var parts []string
	for _, row := range slices.SortedFunc(maps.Keys(m.units), func(a, b string) int { return cmp.Compare(slices.Index(m.database, a), slices.Index(m.database, b)) }) {
		parts = append(parts, fmt.Sprintf("%s %d", row, m.units[row].Sum()))
	}
	return strings.Join(parts, ", ")
}

// longWish fills most of two kilobytes of its request's item.
func longWish() workflow.Wish {
	wish := simtest.Wish(simtest.JobModel, 1)
	wish.Prompt = strings.Repeat("a lighthouse at dawn, ", 70)
	return wish
}

func TestAHappyTaskCostsNineCalls(t *testing.T) {
	t.Parallel()
	w, m := warm(t)
	happy(t, w, simtest.Wish(simtest.JobModel, 1))
	if want := strings.Fields("T1 T2 read T3 T4 read T5 T5s T10"); !slices.Equal(m.database, want) || len(want) != budget.DynamoDBCalls {
		t.Errorf("calls to DynamoDB: got %d %v, want the %d %v", len(m.database), m.database, budget.DynamoDBCalls, want)
	}
	if m.sends != budget.QueueSends {
		t.Errorf("calls to SQS: got %d, want %d", m.sends, budget.QueueSends)
	}
	if m.puts != budget.ObjectPuts {
		t.Errorf("calls to S3: got %d, want %d", m.puts, budget.ObjectPuts)
	}
}

func TestAHappyTaskCostsAtMost23WriteUnits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wish workflow.Wish
		want int
	}{
		"UsualPrompt":           {simtest.Wish(simtest.JobModel, 1), budget.WriteUnits - 2},
		"RequestOfTwoKilobytes": {longWish(), budget.WriteUnits},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, m := warm(t)
			happy(t, w, c.wish)
			if got := m.sum(); got.Sum() != c.want || got.Index != 2 {
				t.Errorf("got %d (%d of the index): %s; want %d, two of the index", got.Sum(), got.Index, m.breakdown(), c.want)
			}
		})
	}
}

func TestTheHotItemNeedsOneUnitAllItsLife(t *testing.T) {
	t.Parallel()
	w, m := warm(t)
	happy(t, w, longWish())
	if m.hot > budget.HotItem {
		t.Errorf("the task's item grew to %d bytes, want %d at most", m.hot, budget.HotItem)
	}
	if m.cold <= 1024 || m.cold > 2048 {
		t.Errorf("the request's item has %d bytes; the budget is made for one to two kilobytes", m.cold)
	}
}

func TestACreateCallCostsOneTransactionOneSendAndAnUpdateForEachTask(t *testing.T) {
	t.Parallel()
	for _, count := range []int{1, 8} {
		w, m := warm(t)
		order(t, w, "key", simtest.Wish(simtest.JobModel, count))
		want := append(slices.Repeat([]string{"T1"}, budget.CreateTransactions), slices.Repeat([]string{"T2"}, count)...)
		if !slices.Equal(m.database, want) || m.sends != budget.CreateSends {
			t.Errorf("%d images: %v and %d sends, want %v and %d", count, m.database, m.sends, want, budget.CreateSends)
		}
	}
}

func TestStatesAreReadInOneCall(t *testing.T) {
	t.Parallel()
	w, m := warm(t)
	made := order(t, w, "", simtest.Wish(simtest.JobModel, 8))
	m.reset()
	found, err := w.Tasks.ByIDs(ctx, simtest.Alice, made.Request.Tasks)
	if err != nil || len(found) != 8 || len(m.database) != budget.StateReads {
		t.Errorf("%d tasks, %v, by the calls %v; want 8 by %d", len(found), err, m.database, budget.StateReads)
	}
}

func TestAHintThatComesTooLateCostsOneCall(t *testing.T) {
	t.Parallel()
	w, m := warm(t)
	ended := happy(t, w, simtest.Wish(simtest.JobModel, 1))
	for _, queue := range []task.Queue{task.SubmitQueue, task.PollQueue, task.StoreQueue} {
		m.reset()
		err := w.Handle(task.Message{Account: ended.Account, Task: ended.ID, Request: ended.Request, Queue: queue})
		if err != nil || len(m.database) != 1 || m.sends != 0 {
			t.Errorf("%s: calls %v and %d sends, %v; want one call and no more", queue, m.database, m.sends, err)
		}
	}
}

// BenchmarkHappyTask runs the steps of whole tasks in memory, pictures included, and reports what one of them costs; `make bench` reads its numbers.
func BenchmarkHappyTask(b *testing.B) {
	w, m := warm(b)
	wish := longWish()
	for b.Loop() {
		m.reset()
		happy(b, w, wish)
	}
	b.ReportMetric(float64(len(m.database)), "calls/task")
	b.ReportMetric(float64(m.sends), "sends/task")
	b.ReportMetric(float64(m.puts), "puts/task")
	b.ReportMetric(float64(m.sum().Sum()), "units/task")
	b.ReportMetric(float64(m.hot), "hot-bytes/task")
	for row, u := range m.units {
		b.ReportMetric(float64(u.Sum()), row+"-units/task")
	}
}
