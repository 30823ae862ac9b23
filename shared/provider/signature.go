package provider

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// signedWithin is how old, or how far ahead, the signed time of a delivery may be: what the providers and the Standard Webhooks scheme advise.
const signedWithin = 5 * time.Minute

// SignedLately says whether a delivery was signed not long ago. The stamp is in seconds since 1970; one in any other form is no time.
func SignedLately(stamp string, now time.Time) bool {
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	return err == nil && now.Sub(time.Unix(seconds, 0)).Abs() <= signedWithin
}

// ProofHeader reads a header that proves something. One that came twice is joined with commas, as a gateway does it, and so proves nothing.
func ProofHeader(header http.Header, name string) string {
	return strings.Join(header.Values(name), ",")
}

// MAC is the HMAC-SHA256 of the parts, one written after the other.
func MAC(key []byte, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// ProvenByOne says whether one of the secrets proves a delivery. All are tried, so that the time it takes does not tell which one did, and an empty one
// proves nobody.
func ProvenByOne(secrets []string, proves func(secret string) bool) bool {
	found := false
	for _, secret := range secrets {
		if secret != "" && proves(secret) {
			found = true
		}
	}
	return found
}
