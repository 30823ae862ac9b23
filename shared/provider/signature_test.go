package provider

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestASignedTimeCountsForFiveMinutes(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	for stamp, want := range map[string]bool{
		"1700000000": true, "1699999700": true, "1700000300": true, "1699999699": false, "1700000301": false,
		"": false, " 1700000000": false, "1700000000.0": false, "now": false, "9223372036854775807": false, "-9223372036854775808": false,
	} {
		if SignedLately(stamp, now) != want {
			t.Errorf("%q: want it taken: %t", stamp, want)
		}
	}
}

// The first case of RFC 4231.
func TestAMACIsOfItsPartsInOneAndOfNoOther(t *testing.T) {
	t.Parallel()
	key := slices.Repeat([]byte{0x0b}, 20)
	const want = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
	if got := hex.EncodeToString(MAC(key, []byte("Hi "), []byte("There"))); got != want {
		t.Errorf("MAC = %s, want %s", got, want)
	}
}

func TestEverySecretIsTriedAndAnEmptyOneProvesNobody(t *testing.T) {
	t.Parallel()
	tried := 0
	everybody := func(string) bool { tried++; return true }
	if !ProvenByOne([]string{"new", "", "old"}, everybody) || tried != 2 {
		t.Errorf("%d secrets were tried, want 2 that are not empty", tried)
	}
	if ProvenByOne([]string{""}, everybody) || ProvenByOne(nil, everybody) {
		t.Error("no secret proved somebody")
	}
	if got := ProofHeader(http.Header{"X-Proof": {"a", "b"}}, "x-proof"); got != "a,b" {
		t.Errorf("header that came twice = %q, want both, which proves nothing", got)
	}
}

func TestProblemsAreNamedWithoutWhatWasSent(t *testing.T) {
	t.Parallel()
	detail := json.RawMessage(`[{"loc":["body","images",0],"type":"too_large","msg":"SECRET","input":"SECRET"},{"loc":["SECRET PROMPT"],"type":"SECRET PROMPT"}]`)
	found := Problems(detail)
	if got := ProblemCodes(found); got != "body.images.0:too_large :" || !found[0].Names("images") || found[0].Names("prompt") {
		t.Errorf("codes = %q of %+v", got, found)
	}
	for _, other := range []string{``, `null`, `"a text"`, `{"loc":["body"]}`} {
		if got := Problems(json.RawMessage(other)); got != nil {
			t.Errorf("%s: %+v, want none", other, got)
		}
	}
}
