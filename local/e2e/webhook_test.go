package e2e

import (
	"net/http"
	"strings"
	"testing"

	"darkroom/local/client"
	"darkroom/local/edge"
	"darkroom/local/simulator"
)

func TestAWebhookWithABadTokenIsNotFoundAndCausesNoCall(t *testing.T) {
	anyone := client.Client{URL: info.APIURL}
	if answer, err := anyone.Send(t.Context(), http.MethodPost, "/webhooks/bfl/warm.up", map[string]any{}); err != nil || answer.Status != http.StatusNotFound {
		t.Fatalf("%v %d", err, answer.Status) // the function's start reads its secret; it is warm from here on
	}
	before, err := awsEdge.Calls(t.Context(), edge.Filter{Function: functionName("webhook")})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/webhooks/bfl/x", "/webhooks/bfl/k1.aaaaaaaaaaaaaaaaaaaaaaaaaa.01JD3YQ5T8Z6M3N0V4W2X7K9BC.1.AAAA", "/webhooks/openai/x", "/webhooks/nobody/x",
		"/webhooks/bfl/" + strings.Repeat("a", 500), "/webhooks/bfl/....",
	} {
		answer, err := anyone.Send(t.Context(), http.MethodPost, path, map[string]any{"id": "x", "status": "Ready"})
		if err != nil || answer.Status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, answer.Status)
		}
	}
	after, err := awsEdge.Calls(t.Context(), edge.Filter{Function: functionName("webhook"), After: before.Last})
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range after.Calls {
		if !strings.Contains(call.Operation, "GetSecretValue") && call.Service != "logs" { // another function process may just be starting
			t.Errorf("a bad token caused %s %s", call.Service, call.Operation)
		}
	}
}

// The first delivery's hint cannot be sent: 503, and the provider's next delivery brings it.
func TestAWebhookWhoseWriteFailsIsRepeatedAndThenCounts(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	w := wish(t, jobModel, "delay=500")
	// Five failures: the SDK tries three times within one delivery. Polls are kept away, so that the webhook alone can bring the news.
	failing := order(t, edge.Order{Service: "sqs", Operation: "SendMessageBatch", Function: functionName("webhook"), Contains: p.account, Times: 3, Action: edge.FailBefore, Status: 500})
	order(t, edge.Order{Service: "sqs", Operation: "SendMessageBatch", Function: functionName("submit"), Contains: p.account, Times: -1, Action: edge.FailBefore, Status: 400})
	done := p.ended(p.create(w).IDs()...)[0]
	p.expect(done, completed, "")
	if struck(t, failing) == 0 {
		t.Fatal("no write failed: this test shows nothing")
	}
	calls, err := sim.Calls(p.ctx, simulator.Filter{Prompt: w.Prompt, Operation: simulator.WebhookEvent})
	if err != nil {
		t.Fatal(err)
	}
	refused, taken := false, false
	for _, call := range calls.Calls {
		refused = refused || call.Status == http.StatusServiceUnavailable
		taken = taken || call.Status == http.StatusOK
	}
	if !refused || !taken {
		t.Errorf("deliveries were answered %+v, want a 503 and then a 200", calls.Calls)
	}
}

// Nobody polls here: the submit step's hints are lost. The signed delivery alone settles, without a question to the provider.
func TestASignedWebhookSettlesByItself(t *testing.T) {
	t.Parallel()
	for _, model := range []string{"flux-2-dev", "flux-2-klein-4b"} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			w := wish(t, model, "delay=500")
			order(t, edge.Order{Service: "sqs", Operation: "SendMessageBatch", Function: functionName("submit"), Contains: p.account, Times: -1, Action: edge.FailBefore, Status: 400})
			p.expect(p.ended(p.create(calm(w)).IDs()...)[0], completed, "")
			p.settled(signupGrant, 3)
			calls, err := sim.Calls(p.ctx, simulator.Filter{Prompt: w.Prompt, Operation: simulator.Poll})
			if err != nil || len(calls.Calls) != 0 {
				t.Errorf("%v, the provider was asked %d times, want never", err, len(calls.Calls))
			}
		})
	}
}
