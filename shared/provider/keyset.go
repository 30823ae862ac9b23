package provider

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// How the published keys are kept. They are read again by age alone: a stranger whose signatures fail causes no call.
const (
	keysFresh   = time.Hour       // then they are read again …
	keysLive    = 24 * time.Hour  // … but used for so long when that fails
	keysApart   = 5 * time.Minute // between two readings, whatever came of the first
	keysTimeout = 2 * time.Second // a webhook must be answered soon
	keysMost    = 20
)

// KeySet holds the Ed25519 keys that a provider signs its webhooks with and publishes as a JSON Web Key Set (RFC 7517, RFC 8037). It is safe for
// concurrent use.
type KeySet struct {
	client *Client
	url    string

	mu    sync.Mutex // held while the keys are read: deliveries that need them wait
	keys  []ed25519.PublicKey
	read  time.Time // when keys came
	tried time.Time // when they were asked for last
}

// NewKeySet makes a set that is read from an address when it is first needed. The keys are public, so no key of ours goes there.
func NewKeySet(client *Client, url string) *KeySet { return &KeySet{client: client, url: url} }

// Verify says by an error that wraps ErrBadSignature that none of the keys signed a message that comes now.
func (k *KeySet) Verify(message, signature []byte, now time.Time) error {
	keys, err := k.current(now)
	switch {
	case err != nil:
		return fmt.Errorf("%w: no keys to check it with: %w", ErrBadSignature, err)
	case !slices.ContainsFunc(keys, func(key ed25519.PublicKey) bool { return ed25519.Verify(key, message, signature) }):
		return ErrBadSignature
	}
	return nil
}

// current are the keys to check a delivery with that comes now. They are read again when they have become too old, at most once in a while.
func (k *KeySet) current(now time.Time) ([]ed25519.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var err error
	if now.Sub(k.read) >= keysFresh && (k.tried.IsZero() || now.Sub(k.tried) >= keysApart) {
		k.tried = now
		var keys []ed25519.PublicKey
		if keys, err = k.fetch(); err == nil {
			k.keys, k.read = keys, now
		}
	}
	if len(k.keys) == 0 || now.Sub(k.read) > keysLive {
		return nil, errors.Join(errors.New("the published keys could not be read lately"), err)
	}
	return k.keys, nil
}

// jwks is the document with the keys.
type jwks struct {
	Keys []struct {
		Kty string `json:"kty"`
		Crv string `json:"crv"`
		X   string `json:"x"`
	} `json:"keys"`
}

func (k *KeySet) fetch() ([]ed25519.PublicKey, error) {
	ctx, cancel := context.WithTimeout(context.Background(), keysTimeout)
	defer cancel()
	answer, err := k.client.Read(ctx, Request{URL: k.url})
	if err != nil {
		return nil, err
	}
	var set jwks
	if !answer.OK() || answer.Decode(&set) != nil {
		return nil, fmt.Errorf("status %d, or no key set", answer.Status)
	}
	var keys []ed25519.PublicKey
	for _, key := range set.Keys[:min(len(set.Keys), keysMost)] {
		// The document has been seen with padded and unpadded keys.
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(key.X, "="))
		if key.Kty == "OKP" && key.Crv == "Ed25519" && err == nil && len(raw) == ed25519.PublicKeySize {
			keys = append(keys, ed25519.PublicKey(raw))
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("the key set holds no Ed25519 key")
	}
	return keys, nil
}
