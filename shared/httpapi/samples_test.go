package httpapi_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"darkroom/shared/httpapi"
	"darkroom/shared/provider"
	"darkroom/shared/provider/bfl"
	"darkroom/shared/task"
	"darkroom/shared/workflow"
)

// What the samples in events say.
const (
	sampleAccount = "llnuur2ppwovatlzqcajy3l3y4"
	sampleTask    = "tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC"
)

// invoke gives a sample to a handler as Lambda does, bytes in and bytes out, and checks its answer like any other.
func (w *world) invoke(handle handler, sample string) answer {
	w.t.Helper()
	payload, err := os.ReadFile(filepath.Join("../../events", sample))
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := lambda.NewHandler(handle).Invoke(w.t.Context(), payload)
	if err != nil {
		w.t.Fatalf("%s: %v", sample, err)
	}
	var request events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(payload, &request); err != nil {
		w.t.Fatal(err)
	}
	var response events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(raw, &response); err != nil {
		w.t.Fatalf("%s: the answer is none of payload format 2.0: %v: %s", sample, err, raw)
	}
	got := answer{t: w.t, status: response.StatusCode, header: http.Header{}, body: []byte(response.Body)}
	for name, value := range response.Headers {
		got.header.Set(name, value)
	}
	w.checkAnswer(request, got)
	return got
}

func TestTheCreateSampleMakesItsTasks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.invoke(w.user, "api-create.json").want(http.StatusAccepted)
	if len(first.order().Tasks) != 2 {
		t.Errorf("got %s, want two tasks", first.body)
	}
	again := w.invoke(w.user, "api-create.json").want(http.StatusAccepted)
	if again.order().ids() != first.order().ids() || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("the same event again: %s", again.body)
	}
	for _, m := range w.queue.Take() {
		if m.Account != sampleAccount || m.Request != task.RequestSK("order-4711") {
			t.Errorf("the hint is %+v; events/submit.json names another account or request", m)
		}
	}
}

func TestTheGetSampleFindsItsTask(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.invoke(w.user, "api-get.json").want(http.StatusNotFound)
	w.engine.NewID = func() string { return strings.TrimPrefix(sampleTask, "tsk_") }
	owner := token{"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Ab1Cd2Ef3", "sub": "74e8b4d8-2051-7093-0c1f-3f1a1c6d7b11", "token_use": "access",
		"scope": "darkroom/tasks", "exp": person("ann")["exp"]}
	if owner.account() != sampleAccount {
		t.Fatalf("the samples' account is %s, want %s", owner.account(), sampleAccount)
	}
	w.create(owner)
	if got := w.invoke(w.user, "api-get.json").want(http.StatusOK); got.text("id") != sampleTask {
		t.Errorf("got %s", got.body)
	}
}

func TestTheGrantSampleGrants(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.invoke(w.admin, "admin-grant.json").want(http.StatusOK)
	if got.text("account") != sampleAccount || got.number("available") != signupGrant+100 {
		t.Errorf("got %s", got.body)
	}
}

// The real driver reads the sample; BFL's deliveries are a reason to ask, whatever they say.
func TestTheWebhookSampleAsksForAPoll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	driver := bfl.New(bfl.Settings{})
	receiver := &workflow.Receiver{Engine: w.engine, Providers: provider.Set{driver.Name(): provider.New(driver, provider.Settings{})}, Tokens: w.tokens}
	got := w.invoke(httpapi.Lambda(httpapi.Webhook(receiver, w.engine.Log)), "webhook-bfl.json")
	if got.status != http.StatusOK {
		t.Errorf("got %d", got.status)
	}
	sent := w.queue.Take()
	if len(sent) != 1 || sent[0].Queue != task.PollQueue || sent[0].Account != sampleAccount || sent[0].Task != sampleTask {
		t.Errorf("messages %v, want one to poll the task", sent)
	}
	if items := w.store.All(); len(items) != 0 {
		t.Errorf("the sample wrote %v", items)
	}
}

// Samples go into tests, into sam local invoke and into people's heads: one that is not what the gateway sends would mislead all three.
func TestHTTPSamplesHaveTheGatewaysForm(t *testing.T) {
	t.Parallel()
	for sample, public := range map[string]bool{"api-create.json": false, "api-get.json": false, "admin-grant.json": false, "webhook-bfl.json": true} {
		payload, err := os.ReadFile(filepath.Join("../../events", sample))
		if err != nil {
			t.Fatal(err)
		}
		var r events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(payload, &r); err != nil {
			t.Fatal(err)
		}
		about := r.RequestContext
		if r.Version != "2.0" || r.RouteKey != about.RouteKey || r.RawPath != about.HTTP.Path || !strings.HasPrefix(r.RouteKey, about.HTTP.Method+" ") || about.RequestID == "" || about.DomainName == "" {
			t.Errorf("%s contradicts itself", sample)
		}
		path := strings.TrimPrefix(r.RouteKey, about.HTTP.Method+" ")
		for name, value := range r.PathParameters {
			path = strings.Replace(path, "{"+name+"}", value, 1)
		}
		if path != r.RawPath {
			t.Errorf("%s: the route and its parameters make %s, and the path is %s", sample, path, r.RawPath)
		}
		for name := range r.Headers {
			if name != strings.ToLower(name) {
				t.Errorf("%s: header %s is not in lower case, as the gateway sends it", sample, name)
			}
		}
		if (about.Authorizer == nil) != public {
			t.Errorf("%s: has claims: %v, want %v", sample, about.Authorizer != nil, !public)
		}
	}
}
