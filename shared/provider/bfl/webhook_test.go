package bfl_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/provider/bfl"
)

// A vector that was computed outside of this code.
const (
	vectorSecret    = "bfl-secret-0001"
	vectorBody      = `{"id":"task-0001","status":"Ready","result":{"sample":"https://delivery.eu.bfl.ai/x.jpeg"}}`
	vectorSignature = "sha256=98d3a0d674e6a2fe26703044ac3ace26b0fe6ac833b4f5ad3c9c2dc7d0acd71d"
)

func reader() *provider.Provider {
	return provider.New(bfl.New(bfl.Settings{Key: provider.FixedKey("key-1")}), provider.Settings{})
}

func TestWebhookNeedsProofOfTheSender(t *testing.T) {
	for _, test := range []struct {
		rule    string
		header  map[string][]string
		secrets []string
		good    bool
	}{
		{"signature", map[string][]string{"X-Bfl-Signature": {vectorSignature}}, []string{vectorSecret}, true},
		{"secret itself", map[string][]string{"X-Webhook-Secret": {vectorSecret}}, []string{vectorSecret}, true},
		{"second secret of a rotation", map[string][]string{"X-Bfl-Signature": {vectorSignature}}, []string{"new", vectorSecret}, true},
		{"no header", nil, []string{vectorSecret}, false},
		{"wrong secret", map[string][]string{"X-Webhook-Secret": {"other"}}, []string{vectorSecret}, false},
		{"signature by another secret", map[string][]string{"X-Bfl-Signature": {vectorSignature}}, []string{"other"}, false},
		{"no secrets known", map[string][]string{"X-Webhook-Secret": {""}}, nil, false},
		{"empty secret known", map[string][]string{"X-Webhook-Secret": {""}}, []string{""}, false},
		{"truncated signature", map[string][]string{"X-Bfl-Signature": {vectorSignature[:40]}}, []string{vectorSecret}, false},
		{"empty signature", map[string][]string{"X-Bfl-Signature": {"sha256="}}, []string{vectorSecret}, false},
		{"without the algorithm", map[string][]string{"X-Bfl-Signature": {strings.TrimPrefix(vectorSignature, "sha256=")}}, []string{vectorSecret}, false},
		{"another algorithm", map[string][]string{"X-Bfl-Signature": {strings.Replace(vectorSignature, "256", "512", 1)}}, []string{vectorSecret}, false},
		{"space around it", map[string][]string{"X-Bfl-Signature": {" " + vectorSignature}}, []string{vectorSecret}, false},
		{"sent twice", map[string][]string{"X-Bfl-Signature": {vectorSignature, vectorSignature}}, []string{vectorSecret}, false},
		{"joined by the gateway", map[string][]string{"X-Bfl-Signature": {"sha256=00," + vectorSignature}}, []string{vectorSecret}, false},
		{"a thousand signatures", map[string][]string{"X-Bfl-Signature": {strings.Repeat(vectorSignature+",", 1000)}}, []string{vectorSecret}, false},
	} {
		event, err := reader().ReadWebhook(test.header, []byte(vectorBody), test.secrets, time.Time{})
		if (err == nil) != test.good || (err != nil && !errors.Is(err, provider.ErrBadSignature)) {
			t.Errorf("%s: error = %v, want good: %t", test.rule, err, test.good)
		}
		if want := (provider.Event{JobID: "task-0001"}); test.good && event != want {
			t.Errorf("%s: event = %+v, want %+v", test.rule, event, want)
		}
	}
}

func TestWebhookSignatureIsOverTheRawBytes(t *testing.T) {
	header := http.Header{"X-Bfl-Signature": {vectorSignature}}
	for _, body := range []string{vectorBody + " ", strings.ReplaceAll(vectorBody, ":", ": "), strings.Replace(vectorBody, "0001", "0002", 1), ""} {
		if _, err := reader().ReadWebhook(header, []byte(body), []string{vectorSecret}, time.Time{}); !errors.Is(err, provider.ErrBadSignature) {
			t.Errorf("body %q: error = %v, want ErrBadSignature", body, err)
		}
	}
}

// FuzzWebhook: whatever the body says, an authentic delivery is a hint and no more, and an unproven one is nothing.
func FuzzWebhook(f *testing.F) {
	for _, body := range []string{
		vectorBody, `{}`, `{"id":1}`, `{"id":"a","id":"b"}`, `{"ID":"a"}`, `{"id":"a"}{"id":"b"}`, `[`, `{"id":`, `null`, `{"x":1e999}`,
		strings.Repeat(`{"a":`, 2000), `{"id":"` + strings.Repeat("x", 1000) + `"}`, "\xff\x00",
	} {
		f.Add([]byte(body), "sha256=00")
	}
	f.Fuzz(func(t *testing.T, body []byte, signature string) {
		mac := hmac.New(sha256.New, []byte(vectorSecret))
		mac.Write(body)
		right := "sha256=" + hex.EncodeToString(mac.Sum(nil))
		event, err := reader().ReadWebhook(http.Header{"X-Bfl-Signature": {right}}, body, []string{vectorSecret}, time.Time{})
		if err != nil || event.Signed || event.Report != nil || len(event.JobID) > 256 {
			t.Errorf("authentic %q: %+v, %v; want an unsigned hint", body, event, err)
		}
		if strings.EqualFold(signature, right) {
			return
		}
		if event, err := reader().ReadWebhook(http.Header{"X-Bfl-Signature": {signature}}, body, []string{vectorSecret}, time.Time{}); !errors.Is(err, provider.ErrBadSignature) {
			t.Errorf("signature %q: %+v, %v; want ErrBadSignature", signature, event, err)
		}
	})
}
