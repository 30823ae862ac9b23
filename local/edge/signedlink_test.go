package edge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
)

// TestOpensOnlyLinksThatCloudFrontWouldOpen signs with AWS's own signer, so that the check is held to the real format.
func TestOpensOnlyLinksThatCloudFrontWouldOpen(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	ours, theirs := newECDSA(t), newECDSA(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	cdn := NewCDN(newGateway(t).url, map[string]crypto.PublicKey{"K1": &ours.PublicKey, "K2": &rsaKey.PublicKey})
	cdn.now = func() time.Time { return now }
	cdn.Deployed("d1.cloudfront.net")
	base := serve(t, cdn)

	canned := func(id string, key crypto.Signer, path string, until time.Time) string {
		signed, err := sign.NewURLSigner(id, key).Sign(base+path, until)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	custom := func(path string, policy *sign.Policy) string {
		signed, err := sign.NewURLSigner("K1", ours).SignWithPolicy(base+path, policy)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	statement := func(resource string, condition sign.Condition) *sign.Policy {
		return &sign.Policy{Statements: []sign.Statement{{Resource: resource, Condition: condition}}}
	}
	soon, past := now.Add(time.Hour), now.Add(-time.Second)
	until := func(t time.Time) sign.Condition { return sign.Condition{DateLessThan: sign.NewAWSEpochTime(t)} }
	good := canned("K1", ours, "/o/a.png", soon)

	for name, test := range map[string]struct {
		link string
		code string // CloudFront's word; empty: the image comes
	}{
		"CannedPolicyOpens":                {good, ""},
		"CannedPolicyWithQueryOpens":       {canned("K1", ours, "/o/a.png?v=1&w=2", soon), ""},
		"RSAKeyOpens":                      {canned("K2", rsaKey, "/o/a.png", soon), ""},
		"CustomPolicyOpens":                {custom("/o/a.png", statement(base+"/o/a.png", until(soon))), ""},
		"CustomPolicyWithWildcardOpens":    {custom("/o/a.png", statement(base+"/o/*", until(soon))), ""},
		"CustomPolicyInForceOpens":         {custom("/o/a.png", statement(base+"/o/a.png", sign.Condition{DateLessThan: sign.NewAWSEpochTime(soon), DateGreaterThan: sign.NewAWSEpochTime(past)})), ""},
		"NoSignatureIsRefused":             {base + "/o/a.png", "MissingKey"},
		"UnknownKeyIsRefused":              {strings.Replace(good, "Key-Pair-Id=K1", "Key-Pair-Id=K9", 1), "InvalidKey"},
		"AnotherKeysSignatureIsRefused":    {canned("K1", theirs, "/o/a.png", soon), "AccessDenied"},
		"ExpiredIsRefused":                 {canned("K1", ours, "/o/a.png", past), "AccessDenied"},
		"ExpiringNowIsRefused":             {canned("K1", ours, "/o/a.png", now), "AccessDenied"},
		"LaterExpiryIsRefused":             {strings.Replace(good, "Expires=1800003600", "Expires=1900000000", 1), "AccessDenied"},
		"AnotherPathIsRefused":             {strings.Replace(good, "/o/a.png", "/o/b.png", 1), "AccessDenied"},
		"AddedQueryIsRefused":              {good + "&response-content-type=text/html", "AccessDenied"},
		"TamperedSignatureIsRefused":       {tamper(good), "AccessDenied"},
		"MissingExpiryIsRefused":           {strings.Replace(good, "Expires=", "expires=", 1), "AccessDenied"},
		"CustomPolicyElsewhereIsRefused":   {custom("/o/a.png", statement(base+"/p/*", until(soon))), "AccessDenied"},
		"CustomPolicyExpiredIsRefused":     {custom("/o/a.png", statement(base+"/o/*", until(past))), "AccessDenied"},
		"CustomPolicyNotYetIsRefused":      {custom("/o/a.png", statement(base+"/o/*", sign.Condition{DateLessThan: sign.NewAWSEpochTime(soon), DateGreaterThan: sign.NewAWSEpochTime(now)})), "AccessDenied"},
		"CustomPolicyForAddressIsRefused":  {custom("/o/a.png", statement(base+"/o/*", sign.Condition{DateLessThan: sign.NewAWSEpochTime(soon), IPAddress: &sign.IPAddress{SourceIP: "127.0.0.1/32"}})), "AccessDenied"},
		"CustomPolicyDotIsNoWildcard":      {custom("/o/axpng", statement(base+"/o/a.png", until(soon))), "AccessDenied"},
		"CustomPolicyReplacedIsRefused":    {swapPolicy(custom("/o/a.png", statement(base+"/p/*", until(soon))), custom("/o/a.png", statement(base+"/o/*", until(soon)))), "AccessDenied"},
		"CustomPolicyQuestionMarkOpensOne": {custom("/o/b.png", statement(base+"/o/?.png", until(soon))), ""},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, test.link, nil)
			if err != nil {
				t.Fatal(err)
			}
			status, body, err := send(request)
			if err != nil {
				t.Fatal(err)
			}
			if test.code == "" {
				if status != http.StatusOK || body != "from the gateway" {
					t.Errorf("GET %s: got %d %q, want 200 from the gateway", test.link, status, body)
				}
				return
			}
			if want := "<Code>" + test.code + "</Code>"; status != http.StatusForbidden || !strings.Contains(body, want) {
				t.Errorf("GET %s: got %d %q, want 403 with %s", test.link, status, body, want)
			}
		})
	}
}

func newECDSA(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// tamper changes one letter in the middle of a link's signature.
func tamper(link string) string {
	at := strings.Index(link, "Signature=") + len("Signature=") + 20
	letter := byte('A')
	if link[at] == letter {
		letter = 'B'
	}
	return link[:at] + string(letter) + link[at+1:]
}

// swapPolicy puts the policy of one link into another, whose signature stays.
func swapPolicy(signed, policy string) string {
	cut := func(link string) (before, value, after string) {
		before, rest, _ := strings.Cut(link, "Policy=")
		value, after, _ = strings.Cut(rest, "&")
		return before, value, after
	}
	before, _, after := cut(signed)
	_, value, _ := cut(policy)
	return before + "Policy=" + value + "&" + after
}
