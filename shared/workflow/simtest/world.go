package simtest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/shared/catalog"
	"darkroom/shared/credit"
	"darkroom/shared/moderation"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/workflow"
	"darkroom/shared/workflow/invariant"
)

// Rules are the times of these worlds.
var Rules = task.Rules{Lease: time.Minute, Grace: 2 * time.Minute, Sweep: 45 * time.Second, Store: 30 * time.Minute, Undo: 7 * 24 * time.Hour, StoreTries: 6,
	StoreLease: 3 * time.Minute}

// What every account of a world begins with.
const (
	Credits = 100
	Slots   = 20
)

// JobModel and AtOnceModel are models of the two kinds: one of a provider that gives out jobs, one of a provider that answers with the image.
const (
	JobModel    = "flux-2-klein-9b" // 3 credits
	AtOnceModel = "gpt-image-2"     // 8 credits
)

// World is the whole workflow with everything around it in memory. It does nothing by itself: tests run its steps, or let it Drain and Recover.
type World struct {
	Clock   *Clock
	Store   *Flaky
	Queue   *Queue
	Bucket  *Bucket
	Jobs    *JobDriver
	AtOnce  *AtOnceDriver
	Counts  *Counts
	OnFetch func(link string) ([]byte, error) // nil: every link leads to a picture

	Engine    *workflow.Engine
	Accounts  *workflow.Accounts
	Creator   *workflow.Creator
	Submitter *workflow.Submitter
	Poller    *workflow.Poller
	Storer    *workflow.Storer
	Receiver  *workflow.Receiver
	Sweeper   *workflow.Sweeper
	Tasks     *workflow.Tasks
	Operators *workflow.Operators
}

// NewWorld makes an empty world at Epoch.
func NewWorld() *World {
	w := &World{Clock: NewClock(), Store: NewFlaky(), Queue: &Queue{}, Bucket: &Bucket{}, Jobs: &JobDriver{}, AtOnce: &AtOnceDriver{}, Counts: &Counts{}}
	providers := provider.Set{"bfl": provider.New(w.Jobs, provider.Settings{}), "openai": provider.New(w.AtOnce, provider.Settings{})}
	e := &workflow.Engine{Store: w.Store, Hints: w.Queue, Rules: Rules, Catalog: catalog.Load(), Now: w.Clock.Now, NewID: IDs(), Log: slog.New(slog.DiscardHandler), Metrics: w.Counts}
	switches := &workflow.Switches{Store: w.Store, Now: w.Clock.Now}
	w.Engine = e
	w.Accounts = &workflow.Accounts{Engine: e, SignupGrant: Credits, Limit: Slots}
	w.Creator = &workflow.Creator{Engine: e, Accounts: w.Accounts, Switches: switches, Policy: moderation.Default(), DeadlineLimit: time.Hour}
	w.Submitter = &workflow.Submitter{Engine: e, Providers: providers, Switches: switches, Staging: w.Bucket, Tokens: Tokens(), PublicURL: "https://api.example.com", CallLimit: time.Minute}
	w.Poller = &workflow.Poller{Engine: e, Providers: providers}
	w.Storer = &workflow.Storer{Engine: e, Objects: w.Bucket, Fetcher: w}
	w.Receiver = &workflow.Receiver{Engine: e, Providers: providers, Tokens: Tokens()}
	w.Sweeper = &workflow.Sweeper{Engine: e, Index: w.Store}
	w.Tasks = &workflow.Tasks{Engine: e, Creator: w.Creator}
	w.Operators = &workflow.Operators{Engine: e, Accounts: w.Accounts}
	return w
}

// Fetch stands for the network between us and the providers' delivery hosts.
func (w *World) Fetch(_ context.Context, _, link string, _ int64) ([]byte, error) {
	if w.OnFetch != nil {
		return w.OnFetch(link)
	}
	return Picture(1), nil
}

// Wish asks for count images of a model.
func Wish(model string, count int) workflow.Wish {
	return workflow.Wish{Model: model, Mode: "text", Prompt: "a lighthouse at dawn, in the style of a very old postcard, seen from a small boat that comes home late", Count: count}
}

// Alice and Bob are two accounts.
var (
	Alice = credit.AccountID("https://issuer.example", "alice")
	Bob   = credit.AccountID("https://issuer.example", "bob")
)

// Create makes one task of Alice's.
func (w *World) Create(t testing.TB, model string) *task.Task {
	t.Helper()
	made, err := w.Creator.Create(context.Background(), Alice, "", Wish(model, 1))
	if err != nil {
		t.Fatal(err)
	}
	return made.Tasks[0]
}

// Task reads a task as it is now.
func (w *World) Task(t testing.TB, old *task.Task) *task.Task {
	t.Helper()
	item, err := w.Store.Store.Get(context.Background(), old.Key())
	if err != nil || item == nil {
		t.Fatalf("task %s: %v, %v", old.ID, item, err)
	}
	return task.From(old.Key(), item)
}

// Balance reads an account's balance as it is now.
func (w *World) Balance(t testing.TB, account string) credit.Balance {
	t.Helper()
	item, err := w.Store.Store.Get(context.Background(), credit.BalanceKey(account))
	if err != nil {
		t.Fatal(err)
	}
	return credit.BalanceFrom(account, item)
}

// Deliver brings a webhook about a submitted call, signed with its secret. The words are as for Delivery.
func (w *World) Deliver(call provider.Call, words ...string) error {
	header, body := Delivery(call.Webhook.Secret, words...)
	return w.Receiver.Receive(context.Background(), "bfl", call.Marker, header, body)
}

// Handle runs the step that a hint is for.
func (w *World) Handle(m task.Message) error {
	switch m.Queue {
	case task.PollQueue:
		return w.Poller.Poll(context.Background(), m)
	case task.StoreQueue:
		return w.Storer.StoreTask(context.Background(), m)
	}
	return w.Submitter.Submit(context.Background(), m)
}

// Drain handles hints until none is left, each at once: their delays are not waited for. What fails is dropped, as if the process had died.
func (w *World) Drain() {
	for range 100 {
		messages := w.Queue.Take()
		if len(messages) == 0 {
			return
		}
		for _, m := range messages {
			_ = w.Handle(m) //nolint:errcheck // dropped, see above
		}
	}
}

// Recover lets the sweep and the workers run, minute by minute, until every task has ended and nothing waits to be erased. The error says what has not.
func (w *World) Recover(longest time.Duration) error {
	for spent := time.Duration(0); spent <= longest; spent += time.Minute {
		if w.open() == "" {
			return nil
		}
		w.Clock.Add(time.Minute)
		if _, err := w.Sweeper.Sweep(context.Background()); err != nil {
			return err
		}
		w.Drain()
	}
	return fmt.Errorf("after %s still open: %s", longest, w.open())
}

// open names the tasks that have not ended, or whose content waits to be erased.
func (w *World) open() string {
	var open []string
	for _, row := range w.Store.All() {
		if _, id, ok := task.OfKey(row.Key); ok {
			if t := task.From(row.Key, row.Item); !t.State.Terminal() || t.Erase {
				open = append(open, fmt.Sprintf("%s (%s, attempt %d)", id, t.State, t.Att))
			}
		}
	}
	return strings.Join(open, ", ")
}

// Rows are the items of the two tables.
func (w *World) Rows() (tasks, ledger []transition.Stored) { return split(w.Store.All()) }

func split(all []transition.Stored) (tasks, ledger []transition.Stored) {
	for _, row := range all {
		if row.Key.Table == transition.Tasks {
			tasks = append(tasks, row)
		} else {
			ledger = append(ledger, row)
		}
	}
	return tasks, ledger
}

// Dump is everything that is stored, as text: equal texts mean that nothing has changed.
func (w *World) Dump() string {
	var lines []string
	for _, row := range w.Store.All() {
		lines = append(lines, fmt.Sprint(row.Key, row.Item)) // maps are printed in the order of their keys
	}
	slices.Sort(lines)
	return strings.Join(append(lines, w.Bucket.Keys()...), "\n")
}

// Check fails the test for every invariant that does not hold.
func (w *World) Check(t testing.TB) {
	t.Helper()
	tasks, ledger := w.Rows()
	for _, err := range invariant.Check(tasks, ledger) {
		t.Error(err)
	}
	for _, err := range invariant.Objects(tasks, w.Bucket.Keys()) {
		t.Error(err)
	}
}
