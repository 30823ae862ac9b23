package fal_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"darkroom/shared/provider"
)

// A vector that was computed outside of this code, with the key of the seed 0x00 … 0x1f.
const (
	vectorRequest   = "req-0001"
	vectorUser      = "user-0001"
	vectorTime      = 1_700_000_000
	vectorBody      = `{"request_id":"req-0001","gateway_request_id":"req-0001","status":"OK","payload":{"images":[{"url":"https://v3b.fal.media/files/x/out.png"}]}}`
	vectorSignature = "d637a0065ff94850e710fd0e56a92db546e7a90c9456711c2343ff20dbea986aa8594afd27a454d4e805aa6a7ee2b1c3960906f413b0191d5a5dbbd359f4c202"
)

var vectorNow = time.Unix(vectorTime, 0)

func vectorHeader() http.Header {
	return http.Header{
		"X-Fal-Webhook-Request-Id": {vectorRequest}, "X-Fal-Webhook-User-Id": {vectorUser},
		"X-Fal-Webhook-Timestamp": {strconv.Itoa(vectorTime)}, "X-Fal-Webhook-Signature": {vectorSignature},
	}
}

// sign makes the headers of a delivery as the owner of the vector's key would.
func sign(body []byte, request string, at time.Time) http.Header {
	seed := make([]byte, ed25519.SeedSize)
	for i := range seed {
		seed[i] = byte(i)
	}
	digest, timestamp := sha256.Sum256(body), strconv.FormatInt(at.Unix(), 10)
	message := strings.Join([]string{request, vectorUser, timestamp, hex.EncodeToString(digest[:])}, "\n")
	header := vectorHeader()
	header.Set("X-Fal-Webhook-Request-Id", request)
	header.Set("X-Fal-Webhook-Timestamp", timestamp)
	header.Set("X-Fal-Webhook-Signature", hex.EncodeToString(ed25519.Sign(ed25519.NewKeyFromSeed(seed), []byte(message))))
	return header
}

const atKeys = "/fal/rest/.well-known/jwks.json"

func newReader(t *testing.T) *provider.Provider {
	t.Helper()
	return newStage(t, map[string]recorded{atKeys: {Status: 200, File: "jwks_padded.json"}}).driver
}

func TestWebhookVectorVerifiesWithPaddedAndUnpaddedKeys(t *testing.T) {
	for _, file := range []string{"jwks_padded.json", "jwks_unpadded.json"} {
		s := newStage(t, map[string]recorded{atKeys: {Status: 200, File: file}})
		event, err := s.driver.ReadWebhook(vectorHeader(), []byte(vectorBody), nil, vectorNow)
		if err != nil || !event.Signed || event.JobID != vectorRequest || event.Report == nil || event.Report.Output.URL != "https://v3b.fal.media/files/x/out.png" {
			t.Errorf("%s: event = %+v, %v; want a signed success of %s", file, event, err, vectorRequest)
		}
	}
}

func TestWebhookNeedsProofOfTheSender(t *testing.T) {
	reader := newReader(t)
	for rule, change := range map[string]func(http.Header){
		"no signature":          func(h http.Header) { h.Del("X-Fal-Webhook-Signature") },
		"another user":          func(h http.Header) { h.Set("X-Fal-Webhook-User-Id", "user-0002") },
		"another request":       func(h http.Header) { h.Set("X-Fal-Webhook-Request-Id", "req-0002") },
		"another time":          func(h http.Header) { h.Set("X-Fal-Webhook-Timestamp", strconv.Itoa(vectorTime+1)) },
		"time with a sign":      func(h http.Header) { h.Set("X-Fal-Webhook-Timestamp", "+"+strconv.Itoa(vectorTime)) },
		"no number for a time":  func(h http.Header) { h.Set("X-Fal-Webhook-Timestamp", "now") },
		"time beyond all years": func(h http.Header) { h.Set("X-Fal-Webhook-Timestamp", "9223372036854775807") },
		"truncated signature":   func(h http.Header) { h.Set("X-Fal-Webhook-Signature", vectorSignature[:64]) },
		"longer signature":      func(h http.Header) { h.Set("X-Fal-Webhook-Signature", vectorSignature+"00") },
		"no hex":                func(h http.Header) { h.Set("X-Fal-Webhook-Signature", strings.Repeat("zz", 64)) },
		"space around it":       func(h http.Header) { h.Set("X-Fal-Webhook-Signature", " "+vectorSignature) },
		"sent twice":            func(h http.Header) { h.Add("X-Fal-Webhook-Signature", vectorSignature) },
		"joined by the gateway": func(h http.Header) { h.Set("X-Fal-Webhook-Signature", "00,"+vectorSignature) },
		"a thousand signatures": func(h http.Header) { h.Set("X-Fal-Webhook-Signature", strings.Repeat(vectorSignature+",", 1000)) },
		"request named twice":   func(h http.Header) { h.Add("X-Fal-Webhook-Request-Id", vectorRequest) },
	} {
		header := vectorHeader()
		change(header)
		if event, err := reader.ReadWebhook(header, []byte(vectorBody), nil, vectorNow); !errors.Is(err, provider.ErrBadSignature) {
			t.Errorf("%s: event = %+v, %v; want ErrBadSignature", rule, event, err)
		}
	}
}

func TestWebhookIsTakenWithinFiveMinutesOfItsTime(t *testing.T) {
	reader := newReader(t)
	for away, good := range map[time.Duration]bool{
		0: true, 300 * time.Second: true, -300 * time.Second: true, 301 * time.Second: false, -301 * time.Second: false, 24 * time.Hour: false,
	} {
		_, err := reader.ReadWebhook(vectorHeader(), []byte(vectorBody), nil, vectorNow.Add(away))
		if (err == nil) != good || (err != nil && !errors.Is(err, provider.ErrBadSignature)) {
			t.Errorf("%v after it was signed: error = %v, want good: %t", away, err, good)
		}
	}
}

func TestWebhookHeaderAndBodyMustNameTheSameRequest(t *testing.T) {
	header := sign([]byte(vectorBody), "req-0002", vectorNow)
	if event, err := newReader(t).ReadWebhook(header, []byte(vectorBody), nil, vectorNow); !errors.Is(err, provider.ErrBadSignature) {
		t.Errorf("event = %+v, %v; want ErrBadSignature", event, err)
	}
}

func TestWebhookReportsWhatItsBodyTells(t *testing.T) {
	reader := newReader(t)
	const result = `{"images":[{"url":"https://v3b.fal.media/files/x/out.png"}]}`
	for _, test := range []struct {
		rest  string // of the body, after the request id
		state provider.ReportState
		class provider.Class
	}{
		{`"status":"OK","payload":` + result, provider.Succeeded, ""},
		{`"status":"OK","payload":null`, "", ""},
		{`"status":"OK"`, "", ""},
		{`"status":"OK","payload":` + result + `,"payload_error":"too large"`, "", ""},
		{`"status":"OK","payload":[]`, "", ""},
		{`"status":"OK","payload":{"images":[]}`, provider.Failed, provider.JobFailed},
		{`"status":"OK","payload":{"images":[{"url":"https://v3b.fal.media/x.png"}],"has_nsfw_concepts":[true]}`, provider.Failed, provider.Moderated},
		{`"status":"OK","payload":{"images":[{"url":"https://example.com/x.png"}]}`, "", ""}, // no host of fal's
		{`"status":"ERROR","error":"Invalid status code: 422","payload":{"detail":[{"loc":["body","prompt"],"msg":"x","type":"content_policy_violation"}]}`, provider.Failed, provider.Moderated},
		{`"status":"ERROR","error":"Invalid status code: 422","payload":{"detail":[{"loc":["body","prompt"],"msg":"x","type":"missing"}]}`, provider.Failed, provider.Rejected},
		{`"status":"ERROR","error":"x","payload":{"detail":"Runner disconnected","error_type":"runner_disconnected"}`, provider.Failed, provider.JobFailed},
		{`"status":"ERROR","error":"x","payload":{"detail":"no idea"}`, "", ""},
		{`"status":"ERROR","error":"x","payload":null`, "", ""},
		{`"status":"IN_PROGRESS","payload":` + result, "", ""},
		{`"Status":"OK","payload":` + result, "", ""},
	} {
		body := []byte(`{"request_id":"req-0001",` + test.rest + `}`)
		event, err := reader.ReadWebhook(sign(body, vectorRequest, vectorNow), body, nil, vectorNow)
		if err != nil || event.JobID != vectorRequest || !event.Signed {
			t.Errorf("%s: event = %+v, %v; want a signed one of %s", body, event, err, vectorRequest)
			continue
		}
		state, class := provider.ReportState(""), provider.Class("")
		if event.Report != nil {
			state = event.Report.State
			if event.Report.Err != nil {
				class = event.Report.Err.Class
			}
		}
		if state != test.state || class != test.class {
			t.Errorf("%s: state %q, class %q; want %q, %q", body, state, class, test.state, test.class)
		}
	}
}

// FuzzWebhook: whatever the body says, an authentic delivery is read or refused, and an unproven one is nothing.
func FuzzWebhook(f *testing.F) {
	for _, body := range []string{
		vectorBody, `{}`, `{"request_id":1}`, `{"request_id":"req-0001","request_id":"b"}`, `{"REQUEST_ID":"req-0001"}`, vectorBody + vectorBody, `[`, `null`, `{"x":1e999}`,
		strings.Repeat(`{"a":`, 2000), "\xff\x00", strings.Replace(vectorBody, `"images":[`, `"images":[{},`, 1),
		`{"request_id":"req-0001","status":"ERROR","payload":{"detail":[{"loc":[{"a":[]}],"type":"content_policy_violation"}]}}`,
	} {
		f.Add([]byte(body), "00")
	}
	f.Fuzz(func(t *testing.T, body []byte, signature string) {
		reader := newReader(t)
		header := sign(body, vectorRequest, vectorNow)
		event, err := reader.ReadWebhook(header, body, nil, vectorNow)
		if err == nil && (!event.Signed || event.JobID != vectorRequest) {
			t.Errorf("authentic %q: %+v; want a signed event of %s", body, event, vectorRequest)
		}
		if strings.EqualFold(signature, header.Get("X-Fal-Webhook-Signature")) {
			return
		}
		header.Set("X-Fal-Webhook-Signature", signature)
		if event, err := reader.ReadWebhook(header, body, nil, vectorNow); !errors.Is(err, provider.ErrBadSignature) {
			t.Errorf("signature %q: %+v, %v; want ErrBadSignature", signature, event, err)
		}
	})
}
