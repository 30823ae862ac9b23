package replicate_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/provider/replicate"
)

// vector is a delivery that was signed outside of this code.
type vector struct {
	secret, id, stamp, body, signature string
}

var (
	published = vector{ // in the tests of the Standard Webhooks libraries
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", `{"test": 2432232314}`,
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	}
	own = vector{
		"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "msg_0001", "1700000000",
		`{"id":"pred_0001","status":"succeeded","output":["https://replicate.delivery/x/out-0.webp"]}`,
		"v1,j7MtGfEBD5GDOreeGWrA6LxVmAP8wRBVHNTlRj2UShY=",
	}
)

func (v vector) header() http.Header {
	return http.Header{"Webhook-Id": {v.id}, "Webhook-Timestamp": {v.stamp}, "Webhook-Signature": {v.signature}}
}

func (v vector) time() time.Time {
	seconds, _ := strconv.ParseInt(v.stamp, 10, 64)
	return time.Unix(seconds, 0)
}

func reader() *provider.Provider {
	return provider.New(replicate.New(replicate.Settings{Key: provider.FixedKey("key-1")}), provider.Settings{})
}

func TestWebhookVectors(t *testing.T) {
	event, err := reader().ReadWebhook(published.header(), []byte(published.body), []string{published.secret}, published.time())
	if err != nil || event != (provider.Event{Signed: true}) {
		t.Errorf("published vector: %+v, %v; want a signed event about nothing", event, err)
	}
	event, err = reader().ReadWebhook(own.header(), []byte(own.body), []string{own.secret}, own.time())
	if err != nil || event.JobID != "pred_0001" || !event.Signed || event.Report == nil || event.Report.State != provider.Succeeded ||
		event.Report.Output.URL != "https://replicate.delivery/x/out-0.webp" {
		t.Errorf("own vector: %+v, %v; want a signed success of pred_0001", event, err)
	}
}

func TestWebhookNeedsProofOfTheSender(t *testing.T) {
	with := func(name string, values ...string) http.Header {
		header := own.header()
		header[name] = values
		return header
	}
	signed := func(values ...string) http.Header { return with("Webhook-Signature", values...) }
	second := []string{published.secret, own.secret}
	for _, test := range []struct {
		rule    string
		header  http.Header
		secrets []string
		good    bool
	}{
		{"signature", own.header(), []string{own.secret}, true},
		{"old secret of a rotation", own.header(), second, true},
		{"new secret of a rotation, signed with both", signed(published.signature + " " + own.signature), []string{own.secret}, true},
		{"other version besides", signed("v1a,AAAA " + own.signature + " v2,x"), second, true},
		{"no header", http.Header{}, second, false},
		{"no id", with("Webhook-Id"), second, false},
		{"no time", with("Webhook-Timestamp"), second, false},
		{"no signature", signed(), second, false},
		{"wrong secret", own.header(), []string{published.secret}, false},
		{"no secrets known", own.header(), nil, false},
		{"secret of an attempt", own.header(), []string{"3f1c9a", ""}, false},
		{"secret without its prefix", own.header(), []string{strings.TrimPrefix(own.secret, "whsec_")}, false},
		{"secret too short to prove anything", sign([]byte{0, 1, 2, 3, 4, 5, 6, 7}, own.body), []string{"whsec_AAECAwQFBgc="}, false},
		{"signed without an id", signAs("", ownKey(), own.body), second, false},
		{"another id", with("Webhook-Id", "msg_0002"), second, false},
		{"another time", with("Webhook-Timestamp", "1700000001"), second, false},
		{"time in another form", with("Webhook-Timestamp", " 1700000000"), second, false},
		{"time far off the scale", with("Webhook-Timestamp", "9223372036854775807"), second, false},
		{"truncated signature", signed(own.signature[:20]), second, false},
		{"without the version", signed(strings.TrimPrefix(own.signature, "v1,")), second, false},
		{"unknown version only", signed("v1a" + own.signature[2:]), second, false},
		{"base64 of another alphabet", signed(strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(own.signature)), second, false},
		{"separated otherwise", signed("v1,AAAA\t" + own.signature), second, false},
		{"joined by the gateway", signed("v1,AAAA," + own.signature), second, false},
		{"sent twice", signed(own.signature, own.signature), second, false},
		{"id sent twice", with("Webhook-Id", own.id, own.id), second, false},
		{"a thousand signatures", signed(strings.Repeat("v1,AAAA ", 1000) + own.signature), second, false},
	} {
		event, err := reader().ReadWebhook(test.header, []byte(own.body), test.secrets, own.time())
		if (err == nil) != test.good || (err != nil && !errors.Is(err, provider.ErrBadSignature)) {
			t.Errorf("%s: %+v, %v; want good: %t", test.rule, event, err, test.good)
		}
	}
}

// sign signs a body as Replicate would.
func sign(key []byte, body string) http.Header { return signAs(own.id, key, body) }

func signAs(id string, key []byte, body string) http.Header {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + own.stamp + "." + body))
	made := own
	made.id = id
	made.signature = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return made.header()
}

func ownKey() []byte {
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i)
	}
	return key
}

func TestWebhookSignatureIsOverTheRawBytes(t *testing.T) {
	for _, body := range []string{own.body + " ", strings.ReplaceAll(own.body, ":", ": "), strings.Replace(own.body, "0001", "0002", 1), ""} {
		if _, err := reader().ReadWebhook(own.header(), []byte(body), []string{own.secret}, own.time()); !errors.Is(err, provider.ErrBadSignature) {
			t.Errorf("body %q: error = %v, want ErrBadSignature", body, err)
		}
	}
}

func TestWebhookIsTakenForFiveMinutes(t *testing.T) {
	for off, good := range map[time.Duration]bool{
		0: true, 5 * time.Minute: true, -5 * time.Minute: true, 5*time.Minute + time.Second: false, -5*time.Minute - time.Second: false, 24 * time.Hour: false,
	} {
		_, err := reader().ReadWebhook(own.header(), []byte(own.body), []string{own.secret}, own.time().Add(off))
		if (err == nil) != good {
			t.Errorf("%v after it was signed: %v, want good: %t", off, err, good)
		}
	}
}

func TestWebhookSaysWhatAPollWouldSay(t *testing.T) {
	for _, test := range []struct {
		body  string
		state provider.ReportState // empty: no report, a poll has to tell
	}{
		{`{"id":"a","status":"starting"}`, provider.Running},
		{`{"id":"a","status":"processing"}`, provider.Running},
		{`{"id":"a","status":"succeeded","output":"https://replicate.delivery/x.png"}`, provider.Succeeded},
		{`{"id":"a","status":"succeeded","output":null,"data_removed":true}`, provider.Failed},
		{`{"id":"a","status":"failed","error":"E1000: Unknown error"}`, provider.Failed},
		{`{"id":"a","status":"canceled"}`, provider.Failed},
		{`{"id":"a","status":"aborted"}`, provider.Failed},
		{`{"id":"a"}`, ""},
		{`{"id":"a","Status":"failed"}`, ""},
		{`{"id":"a","status":"succeeded","output":"https://example.com/x.png"}`, ""}, // a host that is not Replicate's
	} {
		event, err := reader().ReadWebhook(sign(ownKey(), test.body), []byte(test.body), []string{own.secret}, own.time())
		state := provider.ReportState("")
		if event.Report != nil {
			state = event.Report.State
		}
		if err != nil || event.JobID != "a" || !event.Signed || state != test.state {
			t.Errorf("%s: %+v, %v; want %q of job a", test.body, event, err, test.state)
		}
	}
}

// The text is the only mark of the reason that a failed prediction has.
func TestTextOfAFailedJobTellsItsClass(t *testing.T) {
	for text, want := range map[string]provider.Class{
		"Please try again with different inputs. (E005)": provider.Moderated,
		"E005: try another prompt":                       provider.Moderated,
		"The input was Flagged as Sensitive.":            provider.Moderated,
		"NSFW content detected.":                         provider.Moderated,
		"This is against our content policy":             provider.Moderated,
		"Input validation error: not an image":           provider.Rejected,
		"E1001: Out of memory":                           provider.JobFailed,
		"E6716: Timeout starting prediction":             provider.JobFailed,
		"could not read 1e005f.png":                      provider.JobFailed,
		"":                                               provider.JobFailed,
	} {
		body := `{"id":"a","status":"failed","error":"` + text + `"}`
		event, err := reader().ReadWebhook(sign(ownKey(), body), []byte(body), []string{own.secret}, own.time())
		if err != nil || event.Report == nil || event.Report.Err == nil || event.Report.Err.Class != want {
			t.Errorf("%q: %+v, %v; want %q", text, event.Report, err, want)
		}
	}
}

// FuzzWebhook: an authentic delivery about no readable job has no report, and an unproven one is nothing at all.
func FuzzWebhook(f *testing.F) {
	for _, body := range []string{
		own.body, `{}`, `{"id":1}`, `{"id":"a","id":"b"}`, `{"ID":"a","status":"failed"}`, `{"id":"a"}{"id":"b"}`, `[`, `{"id":`, `null`, `{"x":1e999}`,
		`{"id":"a","status":"succeeded","output":[[]]}`, strings.Repeat(`{"a":`, 2000), `{"id":"` + strings.Repeat("x", 1000) + `","status":"failed"}`, "\xff\x00",
	} {
		f.Add([]byte(body), "v1,AAAA")
	}
	f.Fuzz(func(t *testing.T, body []byte, signature string) {
		header := sign(ownKey(), string(body))
		event, err := reader().ReadWebhook(header, body, []string{own.secret}, own.time())
		switch {
		case err != nil && errors.Is(err, provider.ErrBadSignature):
			t.Errorf("authentic %q: %v, want it believed", body, err)
		case err != nil && event != provider.Event{}:
			t.Errorf("unreadable %q: %+v, want nothing", body, event)
		case len(event.JobID) > 256:
			t.Errorf("authentic %q: a job id of %d bytes", body, len(event.JobID))
		}
		if strings.Contains(signature, header.Get("Webhook-Signature")) {
			return
		}
		header.Set("Webhook-Signature", signature)
		if event, err := reader().ReadWebhook(header, body, []string{own.secret}, own.time()); !errors.Is(err, provider.ErrBadSignature) {
			t.Errorf("signature %q: %+v, %v; want ErrBadSignature", signature, event, err)
		}
	})
}
