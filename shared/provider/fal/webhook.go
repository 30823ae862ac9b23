package fal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"darkroom/shared/provider"
)

// ReadWebhook implements provider.WebhookReader. fal signs with a key of its own whose public half it publishes, so the secrets
// are not looked at. It signs the time as well: an old delivery cannot be sent again.
func (d *Driver) ReadWebhook(header http.Header, body []byte, _ []string, now time.Time) (provider.Event, error) {
	read := func(name string) string { return provider.ProofHeader(header, "X-Fal-Webhook-"+name) }
	requestID, timestamp := read("Request-Id"), read("Timestamp")
	signature, err := hex.DecodeString(read("Signature"))
	if err != nil || requestID == "" || !provider.SignedLately(timestamp, now) {
		return provider.Event{}, provider.ErrBadSignature
	}
	digest := sha256.Sum256(body)
	message := strings.Join([]string{requestID, read("User-Id"), timestamp, hex.EncodeToString(digest[:])}, "\n")
	if err := d.keys.Verify([]byte(message), signature, now); err != nil {
		return provider.Event{}, err
	}
	fields, err := provider.ReadObject(body)
	if err != nil {
		return provider.Event{}, fmt.Errorf("read the delivery: %w", err)
	}
	if provider.TextField(fields, "request_id") != requestID {
		return provider.Event{}, fmt.Errorf("%w: the header and the body name two requests", provider.ErrBadSignature)
	}
	return provider.Event{JobID: requestID, Signed: true, Report: reportIn(fields)}, nil
}

// reportIn reads how a delivery says that the request ended; nil when it does not tell enough, and the result must be asked for.
func reportIn(fields map[string]json.RawMessage) *provider.Report {
	payload := fields["payload"]
	if len(payload) == 0 || string(payload) == "null" || provider.TextField(fields, "payload_error") != "" {
		return nil
	}
	var made output
	var why refusal
	switch status := provider.TextField(fields, "status"); {
	case status == "OK" && json.Unmarshal(payload, &made) == nil:
		return new(made.report())
	case status == "ERROR" && json.Unmarshal(payload, &why) == nil && (provider.Problems(why.Detail) != nil || why.ErrorType != ""):
		return new(why.meaning(http.StatusUnprocessableEntity, "").Report("")) // problems come with this status
	}
	return nil
}
