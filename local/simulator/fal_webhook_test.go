package simulator

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"
)

// publishedKeys reads the document that anyone can read, without an API key.
func (r falRig) publishedKeys() (keys []ed25519.PublicKey, padded int) {
	r.Helper()
	got := r.do(http.MethodGet, "/fal/rest/.well-known/jwks.json", nil)
	list, _ := got.object["keys"].([]any)
	for _, one := range list {
		key := one.(map[string]any)
		text := key["x"].(string)
		if strings.HasSuffix(text, "=") {
			padded++
		}
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
		if err != nil || len(raw) != ed25519.PublicKeySize || key["kty"] != "OKP" || key["crv"] != "Ed25519" {
			r.Fatalf("key = %v (%v), want an Ed25519 key", key, err)
		}
		keys = append(keys, raw)
	}
	return keys, padded
}

// proves says whether one of the keys made a delivery's signature.
func proves(keys []ed25519.PublicKey, d delivered) bool {
	digest := sha256.Sum256(d.raw)
	message := d.header.Get("X-Fal-Webhook-Request-Id") + "\n" + d.header.Get("X-Fal-Webhook-User-Id") + "\n" +
		d.header.Get("X-Fal-Webhook-Timestamp") + "\n" + hex.EncodeToString(digest[:])
	signature, err := hex.DecodeString(d.header.Get("X-Fal-Webhook-Signature"))
	for _, key := range keys {
		if err == nil && ed25519.Verify(key, []byte(message), signature) {
			return true
		}
	}
	return false
}

func TestFalWebhookTellsTheEndAndIsSignedWithAPublishedKey(t *testing.T) {
	t.Parallel()
	r, rec := newFalRig(t), newReceiver(t, taken)
	id := r.submit(smallFal("called back"), rec.URL+"/webhooks/fal/token").object["request_id"]
	event := rec.next(t)
	payload, _ := event.object["payload"].(map[string]any)
	if event.object["request_id"] != id || event.object["status"] != "OK" || event.path != "/webhooks/fal/token" {
		t.Errorf("event at %s = %s, want OK of %v", event.path, event.raw, id)
	}
	if file := r.do(http.MethodGet, falLink(payload), nil); file.status != 200 {
		t.Errorf("link of the event: %d, want 200", file.status)
	}
	keys, padded := r.publishedKeys()
	if event.header.Get("X-Fal-Webhook-Request-Id") != id || !proves(keys, event) {
		t.Errorf("headers %v do not prove the event with one of %d keys", event.header, len(keys))
	}
	if len(keys) != 2 || padded != 1 {
		t.Errorf("%d keys, %d of them padded; want 2 and 1", len(keys), padded)
	}
}

func TestFalWebhookOfAFailureCarriesTheModelsAnswer(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	rec := newReceiver(t, taken)
	r.submit(smallFal(prompt("rude", "moderate_input")), rec.URL+"/w")
	event := rec.next(t)
	payload, _ := event.object["payload"].(map[string]any)
	if kinds := problemTypes(payload); event.object["status"] != "ERROR" || event.object["error"] != "Invalid status code: 422" || len(kinds) != 1 || kinds[0] != "content_policy_violation" {
		t.Errorf("event = %s, want ERROR with a content_policy_violation", event.raw)
	}
}

// The vector was made apart from this code.
func TestFalSignatureVector(t *testing.T) {
	t.Parallel()
	seed := make([]byte, ed25519.SeedSize)
	for i := range seed {
		seed[i] = byte(i)
	}
	body := `{"request_id":"req-0001","gateway_request_id":"req-0001","status":"OK","payload":{"images":[{"url":"https://v3b.fal.media/files/x/out.png"}]}}`
	want := "d637a0065ff94850e710fd0e56a92db546e7a90c9456711c2343ff20dbea986aa8594afd27a454d4e805aa6a7ee2b1c3960906f413b0191d5a5dbbd359f4c202"
	header := falSignature(ed25519.NewKeyFromSeed(seed), "req-0001", "user-0001", time.Unix(1_700_000_000, 0), []byte(body))
	if got := header.Get("X-Fal-Webhook-Signature"); got != want {
		t.Errorf("signature = %s, want %s", got, want)
	}
}
