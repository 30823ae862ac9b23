package replicate

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"darkroom/shared/provider"
)

// The Standard Webhooks scheme: "<id>.<time>.<body>" is signed with the account's key, and the header lists one signature for
// each key that is valid during a rotation: "v1,<base64> v1,<base64>".
const (
	idHeader        = "Webhook-Id"
	timeHeader      = "Webhook-Timestamp" // seconds since 1970
	signatureHeader = "Webhook-Signature"

	secretPrefix = "whsec_"
	shortestKey  = 24 // bytes
	maxSkew      = 5 * time.Minute
	maxSignature = 1024 // bytes of the header: room for ten signatures
)

// ReadWebhook implements provider.WebhookReader. The secrets are the account's signing secrets ("whsec_…"), two of them during a
// rotation; any other form of secret proves nobody. The body is a prediction and settles the job.
func (d *Driver) ReadWebhook(header http.Header, body []byte, secrets []string, now time.Time) (provider.Event, error) {
	if !proven(header, body, secrets, now) {
		return provider.Event{}, provider.ErrBadSignature
	}
	told, err := readPrediction(body)
	if err != nil {
		return provider.Event{}, err
	}
	event := provider.Event{JobID: told.id, Signed: true}
	if told.id != "" && told.status != "" {
		report := told.report()
		event.Report = &report
	}
	return event, nil
}

// proven says whether one of the secrets signed the delivery not long ago. A header that came twice is joined with a comma by
// then, and proves nothing.
func proven(header http.Header, body []byte, secrets []string, now time.Time) bool {
	id := strings.Join(header.Values(idHeader), ",")
	stamp := strings.Join(header.Values(timeHeader), ",")
	listed := strings.Join(header.Values(signatureHeader), ",")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if id == "" || err != nil || len(listed) > maxSignature || now.Sub(time.Unix(seconds, 0)).Abs() > maxSkew {
		return false
	}
	found := false
	for _, secret := range secrets {
		key, isKey := signingKey(secret)
		if !isKey {
			continue
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + stamp + "."))
		mac.Write(body)
		want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		for claimed := range strings.SplitSeq(listed, " ") { // other versions never match
			if hmac.Equal([]byte(claimed), []byte(want)) {
				found = true
			}
		}
	}
	return found
}

// signingKey decodes a secret; false for one that is too short to prove anything, or of another form.
func signingKey(secret string) ([]byte, bool) {
	text, prefixed := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	return key, prefixed && err == nil && len(key) >= shortestKey
}
