package fal

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"darkroom/shared/provider"
)

// The headers that prove a delivery. One that came twice is joined with a comma by then, and proves nothing.
const (
	requestIDHeader = "X-Fal-Webhook-Request-Id"
	userIDHeader    = "X-Fal-Webhook-User-Id"
	timestampHeader = "X-Fal-Webhook-Timestamp" // seconds since 1970
	signatureHeader = "X-Fal-Webhook-Signature" // Ed25519, in hex
)

// tolerance is how old or how far ahead a delivery may be.
const tolerance = 300 * time.Second

// ReadWebhook implements provider.WebhookReader. fal signs with a key of its own whose public half it publishes, so the secrets
// are not looked at. It signs the time as well: an old delivery cannot be sent again.
func (d *Driver) ReadWebhook(header http.Header, body []byte, _ []string, now time.Time) (provider.Event, error) {
	read := func(name string) string { return strings.Join(header.Values(name), ",") }
	requestID, timestamp := read(requestIDHeader), read(timestampHeader)
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if age := now.Sub(time.Unix(seconds, 0)); err != nil || age > tolerance || age < -tolerance {
		return provider.Event{}, fmt.Errorf("%w: too old, or no time", provider.ErrBadSignature)
	}
	signature, err := hex.DecodeString(read(signatureHeader))
	if err != nil || len(signature) != ed25519.SignatureSize || requestID == "" {
		return provider.Event{}, provider.ErrBadSignature
	}
	digest := sha256.Sum256(body)
	message := strings.Join([]string{requestID, read(userIDHeader), timestamp, hex.EncodeToString(digest[:])}, "\n")
	keys, err := d.keys.at(now)
	if err != nil {
		return provider.Event{}, fmt.Errorf("%w: no keys to check it with: %w", provider.ErrBadSignature, err)
	}
	proven := false
	for _, key := range keys {
		if ed25519.Verify(key, []byte(message), signature) {
			proven = true
		}
	}
	if !proven {
		return provider.Event{}, provider.ErrBadSignature
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
	var report provider.Report
	switch provider.TextField(fields, "status") {
	case "OK":
		var made output
		if json.Unmarshal(payload, &made) != nil {
			return nil
		}
		report = made.report()
	case "ERROR":
		var why refusal
		if json.Unmarshal(payload, &why) != nil || (why.problems() == nil && why.ErrorType == "") {
			return nil
		}
		report = why.meaning(http.StatusUnprocessableEntity).Report("") // problems come with this one
	default:
		return nil
	}
	return &report
}
