package cdnsign_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"darkroom/shared/cdnsign"
)

func pemOf(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestASignedLinkIsWhatCloudFrontChecks(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := cdnsign.New("https://images.example/", "K123", pemOf(t, key))
	if err != nil {
		t.Fatal(err)
	}
	expires := time.Unix(1_800_000_000, 0)
	link, err := signer.Sign("o/account/tsk_1/abc.png", expires)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	if parsed.Host+parsed.Path != "images.example/o/account/tsk_1/abc.png" || parsed.Query().Get("Key-Pair-Id") != "K123" || parsed.Query().Get("Expires") != "1800000000" {
		t.Errorf("link %s", link)
	}
	policy := fmt.Sprintf(`{"Statement":[{"Resource":"https://images.example/o/account/tsk_1/abc.png","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}]}`, expires.Unix())
	hash := sha1.Sum([]byte(policy))
	signature, err := base64.StdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "=", "~", "/").Replace(parsed.Query().Get("Signature")))
	if err != nil || !ecdsa.VerifyASN1(&key.PublicKey, hash[:], signature) {
		t.Errorf("the signature does not verify: %v", err)
	}
}

func TestOtherKeysAreRefusedAndNeverShown(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"none": "", "no PEM": "hunter2-hunter2", "RSA": pemOf(t, rsaKey), "P-384": pemOf(t, p384),
		"not PKCS #8": "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n",
	} {
		_, err := cdnsign.New("https://images.example", "K123", text)
		if err == nil || !strings.Contains(err.Error(), "P-256") {
			t.Errorf("%s: %v, want an error that says what is allowed", name, err)
		} else if text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%s: the error shows the key", name)
		}
	}
}
