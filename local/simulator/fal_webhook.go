package simulator

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// falKeyName stands where other providers have a secret: any other word signs with a key that nobody knows.
const falKeyName = "the published key"

// falUser is the account that webhooks name.
const falUser = "simulated-user"

// falSigner holds the key that webhooks are signed with, the one before it, which is still published, and a stranger's.
type falSigner struct {
	current, previous, unknown ed25519.PrivateKey
}

func newFalSigner() falSigner {
	return falSigner{newFalKey(), newFalKey(), newFalKey()}
}

func newFalKey() ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil { // the system's randomness does not fail
		panic(fmt.Sprintf("simulator: no key: %v", err))
	}
	return key
}

// sign gives the headers of one delivery.
func (s falSigner) sign(key, requestID string, now time.Time, body []byte) http.Header {
	private := s.unknown
	if key == falKeyName {
		private = s.current
	}
	return falSignature(private, requestID, falUser, now, body)
}

func falSignature(private ed25519.PrivateKey, requestID, user string, now time.Time, body []byte) http.Header {
	timestamp := strconv.FormatInt(now.Unix(), 10)
	digest := sha256.Sum256(body)
	message := strings.Join([]string{requestID, user, timestamp, hex.EncodeToString(digest[:])}, "\n")
	header := http.Header{}
	header.Set("X-Fal-Webhook-Request-Id", requestID)
	header.Set("X-Fal-Webhook-User-Id", user)
	header.Set("X-Fal-Webhook-Timestamp", timestamp)
	header.Set("X-Fal-Webhook-Signature", hex.EncodeToString(ed25519.Sign(private, []byte(message))))
	return header
}

// falJWK is one published key.
type falJWK struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	X   string `json:"x"`
}

// serveKeys answers GET /fal/rest/.well-known/jwks.json. As in fal's own document, some keys are padded and some are not.
func (s falSigner) serveKeys(w http.ResponseWriter, _ *http.Request) {
	public := func(key ed25519.PrivateKey, encoding *base64.Encoding) falJWK {
		return falJWK{"OKP", "Ed25519", encoding.EncodeToString(key.Public().(ed25519.PublicKey))}
	}
	writeJSON(w, http.StatusOK, map[string][]falJWK{"keys": {
		public(s.previous, base64.RawURLEncoding), public(s.current, base64.URLEncoding),
	}})
}
