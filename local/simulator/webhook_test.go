package simulator

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestWebhookTellsTheEndAndTheAnswerHasNoPollingURL(t *testing.T) {
	t.Parallel()
	r, rec := newRig(t), newReceiver(t, taken)
	got := r.submitBFL(object{"prompt": "called back", "webhook_url": rec.URL + "/webhooks/bfl/token", "webhook_secret": "hush"})
	if _, has := got.object["polling_url"]; has || got.object["webhook_url"] != rec.URL+"/webhooks/bfl/token" || got.object["status"] != "Pending" {
		t.Errorf("answer = %s, want webhook_url and status without polling_url", got.raw)
	}
	event := rec.next(t)
	if event.object["id"] != got.object["id"] || event.object["status"] != "Ready" || event.object["timestamp"] == "" {
		t.Errorf("event = %s, want Ready of job %v with a timestamp", event.raw, got.object["id"])
	}
	if file := r.do(http.MethodGet, linkIn(event.object), nil); file.status != 200 {
		t.Errorf("link of the event: %d, want 200", file.status)
	}
	if event.path != "/webhooks/bfl/token" || event.header.Get("X-Webhook-Secret") != "hush" ||
		event.header.Get("X-BFL-Signature") != bflSignature("hush", event.raw).Get("X-BFL-Signature") {
		t.Errorf("event at %s with headers %v, want the given path, the secret and a signature of the body", event.path, event.header)
	}
}

func TestWebhookIsUnsignedWithoutASecret(t *testing.T) {
	t.Parallel()
	r, rec := newRig(t), newReceiver(t, taken)
	r.submitBFL(object{"prompt": "x", "webhook_url": rec.URL + "/w"})
	event := rec.next(t)
	if event.header.Get("X-Webhook-Secret") != "" || event.header.Get("X-BFL-Signature") != "" {
		t.Errorf("headers = %v, want no secret and no signature", event.header)
	}
}

// The vector was made apart from this code.
func TestBFLSignatureVector(t *testing.T) {
	t.Parallel()
	body := `{"id":"task-0001","status":"Ready","result":{"sample":"https://delivery.eu.bfl.ai/x.jpeg"}}`
	want := "sha256=98d3a0d674e6a2fe26703044ac3ace26b0fe6ac833b4f5ad3c9c2dc7d0acd71d"
	if got := bflSignature("bfl-secret-0001", []byte(body)).Get("X-BFL-Signature"); got != want {
		t.Errorf("signature = %s, want %s", got, want)
	}
}

func TestWebhookIsRepeatedUntilTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	rec := newReceiver(t, func(n int) int { return map[bool]int{true: 503, false: 200}[n < 3] })
	r.submitBFL(object{"prompt": "try again", "webhook_url": rec.URL + "/w"})
	first := rec.next(t)
	rec.next(t)
	if third := rec.next(t); string(third.raw) != string(first.raw) {
		t.Errorf("third try = %s, want the body of the first %s", third.raw, first.raw)
	}
	calls := r.waitForWebhooks("try again", 3)
	if calls[2].Status != 503 {
		t.Errorf("first try is recorded as %d, want 503", calls[2].Status)
	}
}

func TestWebhookIsGivenUpAfterThreeRepeats(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, status := range map[string]int{"refused": 404, "redirected": 307} {
		rec := newReceiver(t, func(int) int { return status })
		r.submitBFL(object{"prompt": name, "webhook_url": rec.URL + "/w"})
		r.waitForWebhooks(name, 4)
		time.Sleep(100 * time.Millisecond) // five times the longest wait
		if got := rec.count(); got != 4 {
			t.Errorf("%s: %d tries, want 4", name, got)
		}
	}
}

func TestWebhookRepeatsWaitAsDocumented(t *testing.T) {
	t.Parallel()
	want := []time.Duration{time.Second, 5 * time.Second, 30 * time.Second}
	got := Options{}.withDefaults().WebhookRetries
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("waits = %v, want %v", got, want)
	}
}

func TestWebhooksGoToLoopbackOnly(t *testing.T) {
	t.Parallel()
	for address, allowed := range map[string]bool{
		"http://127.0.0.1:80/w": true, "http://127.9.9.9/w": true, "http://[::1]:8/w": true, "https://localhost/w": true,
		"http://192.0.2.1/w": false, "http://10.0.0.1/w": false, "http://169.254.169.254/": false, "http://0.0.0.0/": false,
		"http://localhost.example.com/": false, "http://127.0.0.1.nip.io/": false, "ftp://127.0.0.1/": false, "/w": false, "http://": false,
		"http://user@192.0.2.1/": false, "http://[::ffff:192.0.2.1]/": false,
	} {
		if err := checkWebhookURL(address); (err == nil) != allowed {
			t.Errorf("%s: %v, want allowed %v", address, err, allowed)
		}
	}
	// Behind that check stands another, at the moment of the call, for names that resolve elsewhere.
	_, err := loopbackClient().Get("http://192.0.2.1:9/") //nolint:bodyclose // there is no answer to close
	if err == nil || !strings.Contains(err.Error(), "loopback addresses only") {
		t.Errorf("call of 192.0.2.1: %v, want refused before dialling", err)
	}
}
