package replicate

import (
	"crypto/hmac"
	"encoding/base64"
	"net/http"
	"slices"
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
	shortestKey  = 24   // bytes
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

// proven says whether one of the secrets signed the delivery not long ago.
func proven(header http.Header, body []byte, secrets []string, now time.Time) bool {
	id, stamp := provider.ProofHeader(header, idHeader), provider.ProofHeader(header, timeHeader)
	listed := provider.ProofHeader(header, signatureHeader)
	if id == "" || len(listed) > maxSignature || !provider.SignedLately(stamp, now) {
		return false
	}
	return provider.ProvenByOne(secrets, func(secret string) bool {
		key, isKey := signingKey(secret)
		want := "v1," + base64.StdEncoding.EncodeToString(provider.MAC(key, []byte(id+"."+stamp+"."), body))
		// Other versions never match.
		return isKey && slices.ContainsFunc(strings.Split(listed, " "), func(claimed string) bool { return hmac.Equal([]byte(claimed), []byte(want)) })
	})
}

// signingKey decodes a secret; false for one that is too short to prove anything, or of another form.
func signingKey(secret string) ([]byte, bool) {
	text, prefixed := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	return key, prefixed && err == nil && len(key) >= shortestKey
}
