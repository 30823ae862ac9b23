package sample

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"darkroom/shared/provider"
)

// The headers of a webhook: "<time>.<body>" is signed with HMAC-SHA256.
const (
	timeHeader      = "Sample-Webhook-Time" // seconds since 1970
	signatureHeader = "Sample-Webhook-Signature"
	maxSkew         = 5 * time.Minute
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
	stamp := strings.Join(header.Values(timeHeader), ",") // one that came twice proves nothing
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > maxSkew {
		return false
	}
	claimed, err := hex.DecodeString(strings.Join(header.Values(signatureHeader), ","))
	if err != nil {
		return false
	}
	found := false
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(stamp + "."))
		mac.Write(body)
		if secret != "" && hmac.Equal(claimed, mac.Sum(nil)) { // an empty one would prove everybody
			found = true
		}
	}
	return found
}
