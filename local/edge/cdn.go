package edge

import (
	"crypto"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// CDN is the edge viewers fetch images from: the deployed CloudFront distribution under a loopback address, with the check of signed
// links that the local AWS leaves out. It refuses in CloudFront's words. Signed cookies are not looked at.
type CDN struct {
	hostProxy *hostProxy
	keys      map[string]crypto.PublicKey
	now       func() time.Time
}

// NewCDN returns a CDN edge that accepts links signed with one of keys (ECDSA or RSA, by their key pair id).
func NewCDN(gateway *url.URL, keys map[string]crypto.PublicKey) *CDN {
	return &CDN{hostProxy: newHostProxy(gateway), keys: keys, now: time.Now}
}

// Deployed tells the edge the distribution's host name, "<id>.cloudfront.net".
func (c *CDN) Deployed(host string) { c.hostProxy.host.Store(&host) }

func (c *CDN) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	signed, rest := splitQuery(r.URL.RawQuery)
	if r.Method != http.MethodOptions { // a preflight carries no signature; CloudFront's CORS policy answers it
		asked := "http://" + r.Host + r.URL.EscapedPath()
		if rest != "" {
			asked += "?" + rest
		}
		if err := c.check(signed, asked); err != nil {
			var refused refusal
			errors.As(err, &refused)
			writeXML(w, http.StatusForbidden, refused.code, refused.message)
			return
		}
	}
	forwarded := r.Clone(r.Context())
	forwarded.URL.RawQuery = rest // CloudFront keeps its own parameters from the origin
	c.hostProxy.serve(w, forwarded)
}

// signingParameters are the query parameters CloudFront takes for itself.
var signingParameters = map[string]bool{"Expires": true, "Policy": true, "Signature": true, "Key-Pair-Id": true, "Hash-Algorithm": true}

// splitQuery separates CloudFront's own parameters from the rest, which keeps its order and spelling because it is part of what
// was signed.
func splitQuery(raw string) (signed url.Values, rest string) {
	signed = url.Values{}
	var kept []string
	for _, pair := range strings.Split(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if !signingParameters[name] {
			if pair != "" {
				kept = append(kept, pair)
			}
			continue
		}
		if plain, err := url.QueryUnescape(value); err == nil {
			signed.Add(name, plain)
		}
	}
	return signed, strings.Join(kept, "&")
}
