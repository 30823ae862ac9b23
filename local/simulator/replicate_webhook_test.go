package simulator

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestReplicateWebhookIsThePredictionWithASignature(t *testing.T) {
	t.Parallel()
	r, rec := newReplicateRig(t), newReceiver(t, taken)
	got := r.predict(little("called back", rec))
	if got.object["webhook"] != rec.URL+"/w/tokenA" {
		t.Errorf("answer = %s, want the webhook's address in it", got.raw)
	}
	event := rec.next(t)
	if event.object["id"] != got.object["id"] || event.object["status"] != "succeeded" || event.object["input"] == nil || event.path != "/w/tokenA" {
		t.Errorf("event at %s = %s, want the prediction", event.path, event.raw)
	}
	if file := r.do(http.MethodGet, event.object["output"].(string), nil); file.status != 200 {
		t.Errorf("link of the event: %d, want 200", file.status)
	}
	secret := r.do(http.MethodGet, "/replicate/v1/webhooks/default/secret", nil, withReplicateKey).object["key"].(string)
	if secret != ReplicateWebhookSecret || !signedWith(t, secret, event) {
		t.Errorf("headers = %v, want them signed with the account's secret %s", event.header, secret)
	}
}

// signedWith signs a delivery again and compares.
func signedWith(t *testing.T, secret string, event delivered) bool {
	t.Helper()
	at := time.Unix(0, 0)
	if stamp, err := time.ParseDuration(event.header.Get("webhook-timestamp") + "s"); err == nil {
		at = at.Add(stamp)
	}
	want := standardWebhook(secret, event.header.Get("webhook-id"), at, event.raw)
	return want.Get("webhook-signature") == event.header.Get("webhook-signature")
}

func TestReplicateWebhookKeepsItsIdInEveryTry(t *testing.T) {
	t.Parallel()
	r := newReplicateRig(t)
	rec := newReceiver(t, func(n int) int { return map[bool]int{true: 503, false: 200}[n < 3] })
	r.predict(little("try again", rec))
	first, second, third := rec.next(t), rec.next(t), rec.next(t)
	if id := first.header.Get("webhook-id"); id == "" || second.header.Get("webhook-id") != id || third.header.Get("webhook-id") != id {
		t.Errorf("ids %q, %q, %q; want the same", id, second.header.Get("webhook-id"), third.header.Get("webhook-id"))
	}
	if string(first.raw) != string(third.raw) {
		t.Errorf("third try = %s, want the body of the first %s", third.raw, first.raw)
	}
}

func TestReplicateWebhookComesOnlyForTheEventsAskedFor(t *testing.T) {
	t.Parallel()
	r, rec := newReplicateRig(t), newReceiver(t, taken)
	for _, events := range [][]string{{"start", "logs"}, {}} {
		body := little("not asked for", rec)
		body["webhook_events_filter"] = events
		id := r.predict(body).object["id"]
		r.predictionUntilFinal(id)
	}
	body := little("asked for by default", rec)
	delete(body, "webhook_events_filter")
	id := r.predict(body).object["id"]
	if event := rec.next(t); event.object["id"] != id {
		t.Errorf("event = %s, want that of %v alone", event.raw, id)
	}
}

// Both vectors were made apart from this code; the first is in the tests of the Standard Webhooks libraries.
func TestReplicateSignatureVectors(t *testing.T) {
	t.Parallel()
	for _, v := range []struct {
		secret, id string
		at         int64
		body, want string
	}{
		{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, `{"test": 2432232314}`, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
		{"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "msg_0001", 1700000000, `{"id":"pred_0001","status":"succeeded","output":["https://replicate.delivery/x/out-0.webp"]}`, "v1,j7MtGfEBD5GDOreeGWrA6LxVmAP8wRBVHNTlRj2UShY="},
	} {
		got := standardWebhook(v.secret, v.id, time.Unix(v.at, 0), []byte(v.body))
		if got.Get("webhook-signature") != v.want || got.Get("webhook-id") != v.id || strings.TrimSpace(got.Get("webhook-timestamp")) == "" {
			t.Errorf("%s: %v, want %s", v.id, got, v.want)
		}
	}
}
