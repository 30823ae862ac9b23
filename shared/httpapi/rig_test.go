package httpapi_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"darkroom/shared/catalog"
	"darkroom/shared/cdnsign"
	"darkroom/shared/credit"
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
	creator.Uploads = &workflow.Uploads{Engine: w.engine, Space: w.space}
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

// token is what the gateway's authorizer found in a token; nil: the route has none.
type token map[string]string

const issuer = "https://issuer.example.com/pool-1"

// person is the access token of somebody who may make images. It expires an hour after the worlds begin.
func person(subject string) token {
	return token{"iss": issuer, "sub": subject, "token_use": "access", "scope": "openid darkroom/tasks", "exp": strconv.FormatInt(simtest.Epoch.Add(100*24*time.Hour).Unix(), 10)}
}

// operator is the access token of somebody in the operators' group, in the form in which the gateway hands lists over.
func operator(subject string) token { return person(subject).with("cognito:groups", "[operators]") }

// with is the token with another claim; an empty value takes the claim out.
func (t token) with(claim, value string) token {
	changed := token{}
	for name, old := range t {
		changed[name] = old
	}
	changed[claim] = value
	if value == "" {
		delete(changed, claim)
	}
	return changed
}

// account is whose token it is.
func (t token) account() string { return credit.AccountID(t["iss"], t["sub"]) }

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// call sends a request through the handler that serves its path, and checks what holds for every answer. body is sent as it is when it is a string, as JSON
// otherwise; nil: none. Header pairs follow.
func (w *world) call(as token, method, target string, body any, header ...string) answer {
	w.t.Helper()
	request := w.event(as, method, target, body, header...)
	got := w.send(request)
	w.checkAnswer(request, got)
	return got
}

func (w *world) send(request events.APIGatewayV2HTTPRequest) answer {
	w.t.Helper()
	serve := w.user
	switch {
	case strings.HasPrefix(request.RawPath, "/admin/"):
		serve = w.admin
	case strings.HasPrefix(request.RawPath, "/webhooks/"):
		serve = w.webhook
	}
	response, err := serve(context.Background(), request)
	if err != nil {
		w.t.Fatalf("%s %s: the handler failed, which the gateway answers with 500: %v", request.RequestContext.HTTP.Method, request.RawPath, err)
	}
	got := answer{t: w.t, status: response.StatusCode, header: http.Header{}, body: []byte(response.Body)}
	for name, value := range response.Headers {
		got.header.Set(name, value)
	}
	return got
}

// event is a request as the gateway hands it over.
func (w *world) event(as token, method, target string, body any, header ...string) events.APIGatewayV2HTTPRequest {
	w.t.Helper()
	path, query, _ := strings.Cut(target, "?")
	request := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path, RawQueryString: query, Headers: map[string]string{"accept": "application/json"}}
	request.RequestContext.RequestID = fmt.Sprintf("request-%d", w.calls.Add(1))
	request.RequestContext.DomainName = "api.example.com"
	request.RequestContext.HTTP.Method, request.RequestContext.HTTP.Path = method, path
	if as != nil {
		jwt := &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: as}
		request.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{JWT: jwt}
	}
	if body != nil {
		text, given := body.(string)
		if !given {
			text = string(marshal(w.t, body))
		}
		request.Body = text
		request.Headers["content-type"] = "application/json"
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Headers[strings.ToLower(header[i])] = header[i+1]
	}
	return request
}

func marshal(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// want ends the test unless the answer has this status.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// into reads the body.
func (a answer) into(value any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, value); err != nil {
		a.t.Fatalf("the answer is not what it should be: %v: %s", err, a.body)
	}
}

// get is a value of the body at a dotted path ("tasks.0.id"); nil when there is none.
func (a answer) get(path string) any {
	a.t.Helper()
	var value any
	a.into(&value)
	for _, name := range strings.Split(path, ".") {
		switch within := value.(type) {
		case map[string]any:
			value = within[name]
		case []any:
			at, err := strconv.Atoi(name)
			if err != nil || at >= len(within) {
				return nil
			}
			value = within[at]
		default:
			return nil
		}
	}
	return value
}

// text is the string at a path.
func (a answer) text(path string) string {
	a.t.Helper()
	text, _ := a.get(path).(string)
	return text
}

// number is the number at a path.
func (a answer) number(path string) int64 {
	a.t.Helper()
	number, _ := a.get(path).(float64)
	return int64(number)
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
