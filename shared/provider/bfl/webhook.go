package bfl

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"darkroom/shared/provider"
)

// The headers that prove a sender. Documents and client libraries disagree on which one BFL sends; either will do, none will not.
const (
	signatureHeader = "X-BFL-Signature"  // sha256=<HMAC-SHA256 of the body with the secret, in hex>
	secretHeader    = "X-Webhook-Secret" // the secret itself
)

// ReadWebhook implements provider.WebhookReader. No public document settles the scheme, and no time is signed in it, so even
// a delivery with a good signature is no more than a hint to poll: Signed is always false, and the body counts for nothing.
func (d *Driver) ReadWebhook(header http.Header, body []byte, secrets []string, _ time.Time) (provider.Event, error) {
	signature, shown := provider.ProofHeader(header, signatureHeader), provider.ProofHeader(header, secretHeader)
	if !provider.ProvenByOne(secrets, func(secret string) bool { return signs(secret, body, signature) || same(secret, shown) }) {
		return provider.Event{}, provider.ErrBadSignature
	}
	fields, err := provider.ReadObject(body)
	if err != nil {
		return provider.Event{}, nil //nolint:nilerr // still a hint: the token in the path names the attempt
	}
	return provider.Event{JobID: provider.TextField(fields, "id")}, nil
}

func signs(secret string, body []byte, signature string) bool {
	digits, named := strings.CutPrefix(signature, "sha256=")
	claimed, err := hex.DecodeString(digits)
	if !named || err != nil {
		return false
	}
	return hmac.Equal(provider.MAC([]byte(secret), body), claimed)
}

// same compares in a time that does not depend on the length or content of what came.
func same(secret, shown string) bool {
	want, got := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(shown))
	return hmac.Equal(want[:], got[:])
}
