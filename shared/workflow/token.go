package workflow

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"darkroom/shared/credit"
	"darkroom/shared/task"
)

// Tokens makes and checks the last part of webhook addresses. A token binds a delivery to one attempt of one task, one provider and one stage, without
// a look-up: a bad one costs no call of anything. Several keys may be valid, so that they can be changed while old deliveries are still on their way.
type Tokens struct {
	Stage string
	Keys  func() TokenKeys // as they are now; must not fail
}

// TokenKeys are the keys of one moment.
type TokenKeys struct {
	Current string            // id of the key that new tokens are made with
	Keys    map[string][]byte // by id; 16 bytes or more
}

// Token is what a webhook address says about its delivery.
type Token struct {
	Account string
	Task    task.ID
	Attempt int
}

// ErrBadToken reports a token that this stage did not make for this provider.
var ErrBadToken = errors.New("bad webhook token")

const maxToken = 200 // bytes; what New makes has about 120

// New makes a token: <key id>.<account>.<task>.<attempt>.<MAC>, safe in a path.
func (k Tokens) New(provider string, t Token) string {
	keys := k.Keys()
	body := strings.Join([]string{keys.Current, t.Account, t.Task.ULID(), strconv.Itoa(t.Attempt)}, ".")
	return body + "." + base64.RawURLEncoding.EncodeToString(k.mac(keys.Keys[keys.Current], "token", provider, body))
}

// Read checks a token; ErrBadToken when anything about it is not right.
func (k Tokens) Read(provider, text string) (Token, error) {
	if len(text) > maxToken {
		return Token{}, ErrBadToken
	}
	parts := strings.Split(text, ".")
	if len(parts) != 5 {
		return Token{}, ErrBadToken
	}
	key, known := k.Keys().Keys[parts[0]]
	if !known || len(key) < 16 {
		return Token{}, ErrBadToken
	}
	mac, err := base64.RawURLEncoding.Strict().DecodeString(parts[4])
	if err != nil || !hmac.Equal(mac, k.mac(key, "token", provider, strings.Join(parts[:4], "."))) {
		return Token{}, ErrBadToken
	}
	id, err := task.ParseID("tsk_" + parts[2])
	attempt, err2 := strconv.Atoi(parts[3])
	if err != nil || err2 != nil || attempt < 1 || !credit.ValidAccountID(parts[1]) {
		return Token{}, ErrBadToken
	}
	return Token{Account: parts[1], Task: id, Attempt: attempt}, nil
}

// Secret is what a provider without a key set of its own signs the deliveries of one token with: another value for every attempt, known to nobody else.
func (k Tokens) Secret(provider, token string) string {
	id, _, _ := strings.Cut(token, ".")
	return base64.RawURLEncoding.EncodeToString(k.mac(k.Keys().Keys[id], "secret", provider, token))
}

// mac covers everything with its length, so that no two texts share one.
func (k Tokens) mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, part := range append([]string{k.Stage}, parts...) {
		h.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return h.Sum(nil)
}
