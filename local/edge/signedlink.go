package edge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// refusal is a 403 in CloudFront's words.
type refusal struct{ code, message string }

func (r refusal) Error() string { return r.code + ": " + r.message }

var (
	errMissingKey = refusal{"MissingKey", "Missing Key-Pair-Id query parameter or cookie value"}
	errUnknownKey = refusal{"InvalidKey", "Unknown Key"}
	errDenied     = refusal{"AccessDenied", "Access denied"}
)

// policy is the document a link's signature covers.
type policy struct {
	Statement []struct {
		Resource  string
		Condition struct {
			DateLessThan    *epoch
			DateGreaterThan *epoch
			IpAddress       json.RawMessage // not understood here, so refused
		}
	}
}

// epoch is a moment in whole seconds since 1970.
type epoch struct {
	Seconds int64 `json:"AWS:EpochTime"`
}

// base64Letters undoes CloudFront's spelling of base64 in links.
var base64Letters = strings.NewReplacer("-", "+", "_", "=", "~", "/")

// check says whether the signing parameters open asked, the URL as the viewer wrote it without them. Its error is a refusal.
func (c *CDN) check(signed url.Values, asked string) error {
	if !signed.Has("Key-Pair-Id") {
		return errMissingKey
	}
	key, known := c.keys[signed.Get("Key-Pair-Id")]
	if !known {
		return errUnknownKey
	}
	document, ok := signedPolicy(signed, asked)
	if !ok {
		return errDenied
	}
	signature, err := base64.StdEncoding.DecodeString(base64Letters.Replace(signed.Get("Signature")))
	if err != nil || !verify(key, document, signature) {
		return errDenied
	}
	var p policy
	if json.Unmarshal(document, &p) != nil || len(p.Statement) != 1 {
		return errDenied
	}
	statement := p.Statement[0]
	now := c.now()
	switch condition := statement.Condition; {
	case condition.DateLessThan == nil, !now.Before(time.Unix(condition.DateLessThan.Seconds, 0)):
		return errDenied
	case condition.DateGreaterThan != nil && !now.After(time.Unix(condition.DateGreaterThan.Seconds, 0)):
		return errDenied
	case condition.IpAddress != nil:
		return errDenied
	case !covers(statement.Resource, asked):
		return errDenied
	}
	return nil
}

// signedPolicy returns the bytes that were signed: the custom policy the link carries, or the canned one its expiry stands for.
func signedPolicy(signed url.Values, asked string) ([]byte, bool) {
	if signed.Has("Policy") {
		document, err := base64.StdEncoding.DecodeString(base64Letters.Replace(signed.Get("Policy")))
		return document, err == nil
	}
	expires, err := strconv.ParseInt(signed.Get("Expires"), 10, 64)
	if err != nil {
		return nil, false
	}
	// CloudFront's canned policy, letter by letter: no spaces, the URL unescaped.
	return fmt.Appendf(nil, `{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}]}`, asked, expires), true
}

// verify checks a signature over the document's SHA-1, the hash CloudFront prescribes.
func verify(key crypto.PublicKey, document, signature []byte) bool {
	hash := sha1.Sum(document)
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, hash[:], signature)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA1, hash[:], signature) == nil
	}
	return false
}

// covers tells whether a policy's resource, with * for any text and ? for any one character, covers a URL.
func covers(resource, asked string) bool {
	pattern := regexp.QuoteMeta(resource)
	pattern = strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(pattern)
	matched, err := regexp.MatchString("^(?s:"+pattern+")$", asked)
	return err == nil && matched
}
