package sample

import (
	"crypto/hmac"
	"encoding/hex"
	"net/http"
	"time"

	"darkroom/shared/provider"
)

// The headers of a webhook: "<time>.<body>" is signed with HMAC-SHA256.
const (
	timeHeader      = "Sample-Webhook-Time" // seconds since 1970
	signatureHeader = "Sample-Webhook-Signature"
)

// ReadWebhook implements provider.WebhookReader. The body and its time are signed with the secret of the call, so it settles the job.
func (d *Driver) ReadWebhook(header http.Header, body []byte, secrets []string, now time.Time) (provider.Event, error) {
	if !proven(header, body, secrets, now) {
		return provider.Event{}, provider.ErrBadSignature
	}
	fields, err := provider.ReadObject(body) // a name that comes twice is no object
	if err != nil {
		return provider.Event{}, err
	}
	var told image
	for name, into := range map[string]*string{"id": &told.ID, "state": &told.State, "reason": &told.Reason, "url": &told.URL} {
		*into = provider.TextField(fields, name)
	}
	event := provider.Event{JobID: told.ID, Signed: true}
	if told.ID != "" && told.State != "" {
		report := told.report()
		event.Report = &report
	}
	return event, nil
}

// proven says whether one of the secrets signed the delivery not long ago.
func proven(header http.Header, body []byte, secrets []string, now time.Time) bool {
	stamp := provider.ProofHeader(header, timeHeader)
	claimed, err := hex.DecodeString(provider.ProofHeader(header, signatureHeader))
	return err == nil && provider.SignedLately(stamp, now) && provider.ProvenByOne(secrets, func(secret string) bool {
		return hmac.Equal(claimed, provider.MAC([]byte(secret), []byte(stamp+"."), body))
	})
}
