package httpapi_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"darkroom/shared/catalog"
	"darkroom/shared/cdnsign"
	"darkroom/shared/httpapi"
	"darkroom/shared/memstore"
	"darkroom/shared/moderation"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/workflow"
	"darkroom/shared/workflow/simtest"
)

// What a new account of these worlds has.
const (
	signupGrant  = 100
	accountLimit = 10
)

// cdnHost is where signed links lead.
const cdnHost = "cdn.example.com"

// world is the HTTP layer on a workflow that lives in memory. Requests go in as API Gateway events, and queues are emptied by hand.
type world struct {
	t       *testing.T
	store   *flakyStore
	queue   *simtest.Queue
	clock   *simtest.Clock
	catalog *catalog.Catalog
	driver  *simtest.JobDriver
	bucket  *simtest.Bucket
	space   *space
	engine  *workflow.Engine
	tokens  workflow.Tokens
	log     *logBook

	user, admin, webhook handler
	document             *contract
	calls                atomic.Int64
}

type handler func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, store: &flakyStore{Store: memstore.New()}, queue: &simtest.Queue{}, clock: simtest.NewClock(), catalog: catalog.Load(), driver: &simtest.JobDriver{},
		bucket: &simtest.Bucket{}, space: &space{}, tokens: simtest.Tokens(), log: &logBook{}, document: readContract(t),
	}
	log := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.engine = &workflow.Engine{
		Store: w.store, Hints: w.queue, Catalog: w.catalog, Now: w.clock.Now, NewID: simtest.IDs(), Log: log, Metrics: &simtest.Counts{},
		Rules: task.Rules{Lease: time.Minute, Grace: 2 * time.Minute, Sweep: 45 * time.Second, Store: 30 * time.Minute, Undo: 7 * 24 * time.Hour,
			StoreTries: 6, StoreLease: 2 * time.Minute},
	}
	accounts := &workflow.Accounts{Engine: w.engine, SignupGrant: signupGrant, Limit: accountLimit}
	creator := &workflow.Creator{Engine: w.engine, Accounts: accounts, Switches: &workflow.Switches{Store: w.store, Now: w.clock.Now}, Policy: moderation.Default(),
		DeadlineLimit: time.Hour}
	creator.Uploads = &workflow.Uploads{Engine: w.engine, Accounts: accounts, Space: w.space}
	access := httpapi.Access{TasksScope: "darkroom/tasks", AdminScope: "darkroom/admin", OperatorsGroup: "operators"}
	api := &httpapi.API{Accounts: accounts, Creator: creator, Tasks: &workflow.Tasks{Engine: w.engine, Creator: creator}, Uploads: creator.Uploads,
		Signer: newSigner(t), Cursors: workflow.Cursors{Key: []byte("a key of cursors, of 32 bytes ...")}, Access: access, Now: w.clock.Now, Log: log}
	admin := &httpapi.Admin{Operators: &workflow.Operators{Engine: w.engine, Accounts: accounts}, Access: access, Now: w.clock.Now, Log: log}
	receiver := &workflow.Receiver{Engine: w.engine, Providers: w.providers(), Tokens: w.tokens}
	w.user, w.admin, w.webhook = httpapi.Lambda(api.Handler()), httpapi.Lambda(admin.Handler()), httpapi.Lambda(httpapi.Webhook(receiver, log))
	return w
}

func (w *world) providers() provider.Set {
	return provider.Set{"bfl": provider.New(w.driver, provider.Settings{}), "openai": provider.New(&simtest.AtOnceDriver{}, provider.Settings{})}
}

// newSigner signs with a key of its own.
func newSigner(t *testing.T) *cdnsign.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := cdnsign.New("https://"+cdnHost, "KTEST", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// wish is a create call's body that is accepted, and costs 5 credits an image.
func wish(more ...any) map[string]any {
	body := map[string]any{"model": "flux-2-pro", "mode": "text", "prompt": "A lighthouse at dusk, oil on canvas"}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i].(string)] = more[i+1]
	}
	return body
}

// create makes one task and returns its id.
func (w *world) create(as token, more ...any) string {
	w.t.Helper()
	return w.call(as, http.MethodPost, "/v1/tasks", wish(more...)).want(http.StatusAccepted).text("tasks.0.id")
}

// work does what the queues ask for until they are empty.
func (w *world) work() {
	w.t.Helper()
	submitter := &workflow.Submitter{Engine: w.engine, Providers: w.providers(), Switches: &workflow.Switches{Store: w.store, Now: w.clock.Now}, Staging: w.bucket,
		Tokens: w.tokens, PublicURL: "https://hooks.example.com", CallLimit: 10 * time.Minute}
	poller := &workflow.Poller{Engine: w.engine, Providers: w.providers()}
	storer := &workflow.Storer{Engine: w.engine, Objects: w.bucket, Fetcher: fetcher{}}
	for range 100 {
		messages := w.queue.Take()
		if len(messages) == 0 {
			return
		}
		for _, m := range messages {
			step := map[task.Queue]func(context.Context, task.Message) error{
				task.SubmitQueue: submitter.Submit, task.GenerateQueue: submitter.Submit, task.PollQueue: poller.Poll, task.StoreQueue: storer.StoreTask,
			}[m.Queue]
			if err := step(context.Background(), m); err != nil {
				w.t.Fatalf("%s: %v", m.Queue, err)
			}
		}
	}
	w.t.Fatal("the queues never get empty")
}

// run gives a task to the provider, which goes on working on it.
func (w *world) run(as token, more ...any) string {
	w.t.Helper()
	id := w.create(as, more...)
	w.clock.Add(time.Second)
	w.work()
	return id
}

// finish brings everything that waits up to its stored image.
func (w *world) finish() {
	w.t.Helper()
	w.driver.OnPoll = func(job provider.Job) (provider.Report, error) { return simtest.Done(simtest.Link(job.ID)), nil }
	defer func() { w.driver.OnPoll = nil }()
	w.clock.Add(time.Second)
	w.work()
}

// complete makes a task, and everything up to its stored image.
func (w *world) complete(as token, more ...any) string {
	w.t.Helper()
	id := w.create(as, more...)
	w.finish()
	return id
}

// fail makes a task that the provider refuses in words that nobody may see.
func (w *world) fail(as token, more ...any) string {
	w.t.Helper()
	w.driver.OnPoll = func(provider.Job) (provider.Report, error) {
		return provider.Report{State: provider.Failed, Err: &provider.Error{Class: provider.Rejected, Message: rawWord}}, nil
	}
	defer func() { w.driver.OnPoll = nil }()
	return w.run(as, more...)
}

// smallImage is a PNG of 2 x 2 pixels, written out so that its hash is the same for ever.
const smallImage = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEklEQVR42mM4UaGhEbCAAUIBACROBQFZyED/AAAAAElFTkSuQmCC"

// fetcher finds the image behind every link.
type fetcher struct{}

// Fetch implements workflow.Fetcher.
func (fetcher) Fetch(context.Context, string, string, int64) ([]byte, error) {
	return base64.StdEncoding.DecodeString(smallImage)
}

// logBook keeps the log.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
