package provider

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

var bflHosts = []string{"api.bfl.ai", "*.delivery.bfl.ai"}

func mustURL(t testing.TB, raw string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestGuardAllowsTheListedHostsOverHTTPSOnly(t *testing.T) {
	guard := Guard{Hosts: bflHosts}
	for _, raw := range []string{
		"https://api.bfl.ai/v1/x?id=1", "https://api.bfl.ai:443/", "HTTPS://API.BFL.AI/v1", "https://eu1.delivery.bfl.ai/a.png",
		"https://a.b.delivery.bfl.ai/", "https://xn--bcher-kva.delivery.bfl.ai/", "https://api.bfl.ai/%E2%80%A6",
	} {
		if _, err := guard.Check(raw); err != nil {
			t.Errorf("%s: %v, want allowed", raw, err)
		}
	}
	for rule, list := range map[string][]string{
		"other hosts": {
			"https://example.com/", "https://delivery.bfl.ai/", "https://evilapi.bfl.ai/", "https://api.bfl.ai.example.com/",
			"https://bfl.ai/", "https://x-delivery.bfl.ai/",
		},
		"other schemes": {
			"http://api.bfl.ai/", "file:///etc/passwd", "gopher://api.bfl.ai/", "data:image/png;base64,AA", "ftp://api.bfl.ai/",
			"//api.bfl.ai/", "api.bfl.ai/x", "javascript:alert(1)", "https:api.bfl.ai",
		},
		"other ports": {
			"https://api.bfl.ai:80/", "https://api.bfl.ai:8443/", "https://api.bfl.ai:/", "https://api.bfl.ai:0443/",
			"https://api.bfl.ai:https/",
		},
		"credentials": {
			"https://u@api.bfl.ai/", "https://u:p@api.bfl.ai/", "https://@api.bfl.ai/", "https://api.bfl.ai@example.com/",
			"https://example.com#@api.bfl.ai/",
		},
		"trailing dots": {"https://api.bfl.ai./", "https://api.bfl.ai../", "https://.api.bfl.ai/", "https://a..delivery.bfl.ai/"},
		"addresses": {
			"https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/",
			"https://127.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/",
			"https://169.254.169.254/latest/meta-data",
		},
		"unicode": {
			"https://api.bfl.aı/", "https://１２７.０.０.１/", "https://ａpi.bfl.ai/", "https://api。bfl。ai/",
			"https://%EF%BC%91.delivery.bfl.ai/", "https://ap\u200bi.bfl.ai/",
		},
		"odd characters": {
			"https://api.bfl.ai\\@example.com/", "https://api.bfl.ai\t/", "https://api.bfl.ai/ x", "https://api.bfl.ai/\r\nX-Key:1",
			"https://api.bfl.ai%00.example.com/", "https://a_b.delivery.bfl.ai/", "https://-a.delivery.bfl.ai/",
			"https://*.delivery.bfl.ai/",
		},
		"nothing":           {"", "https://", "https:///x", "https://localhost/", ":", "https://[/"},
		"too long":          {"https://api.bfl.ai/" + strings.Repeat("x", maxURL)},
		"the Lambda itself": {"http://localhost:9001/2018-06-01/runtime/invocation/next", "http://127.0.0.1:2773/secretsmanager/get"},
	} {
		for _, raw := range list {
			if _, err := guard.Check(raw); !errors.Is(err, ErrForbiddenURL) {
				t.Errorf("%s: %q: error = %v, want ErrForbiddenURL", rule, raw, err)
			} else if raw != "" && len(raw) > 10 && strings.Contains(err.Error(), raw) {
				t.Errorf("%s: error %q holds the address", rule, err)
			}
		}
	}
}

func TestGuardWithoutHostsAllowsNothing(t *testing.T) {
	for _, hosts := range [][]string{nil, {""}, {"*"}, {"*."}, {"*.ai"}, {"https://api.bfl.ai"}, {"api.*.ai"}, {"bfl.ai"}, {"*.*.ai"}} {
		if _, err := (Guard{Hosts: hosts}).Check("https://api.bfl.ai/"); !errors.Is(err, ErrForbiddenURL) {
			t.Errorf("hosts %q: error = %v, want ErrForbiddenURL", hosts, err)
		}
	}
}

func TestGuardTakesNoAddressForAHostEvenWhenListed(t *testing.T) {
	guard := Guard{Hosts: []string{"8.8.8.8", "a.0x7f", "*.8.8", "localhost", "::1", "[::1]"}}
	for _, raw := range []string{"https://8.8.8.8/", "https://a.0x7f/", "https://localhost/", "https://[::1]/"} {
		if _, err := guard.Check(raw); !errors.Is(err, ErrForbiddenURL) {
			t.Errorf("%s: error = %v, want ErrForbiddenURL", raw, err)
		}
	}
}

func TestGuardAllowsTheSimulatorExactly(t *testing.T) {
	guard := Guard{Hosts: bflHosts, Simulator: mustURL(t, "http://127.0.0.1:8080/base")}
	if _, err := guard.Check("http://127.0.0.1:8080/delivery/x"); err != nil {
		t.Errorf("simulator: %v, want allowed", err)
	}
	for _, raw := range []string{
		"http://127.0.0.1:8081/", "http://127.0.0.1/", "https://127.0.0.1:8080/", "http://localhost:8080/", "http://127.0.0.2:8080/",
		"http://u@127.0.0.1:8080/", "http://api.bfl.ai/", "http://127.0.0.1:8080@example.com/",
	} {
		if _, err := guard.Check(raw); !errors.Is(err, ErrForbiddenURL) {
			t.Errorf("%s: error = %v, want ErrForbiddenURL", raw, err)
		}
	}
	if _, err := (Guard{Simulator: &url.URL{}}).Check("http:///x"); !errors.Is(err, ErrForbiddenURL) {
		t.Errorf("empty simulator address: error = %v, want ErrForbiddenURL", err)
	}
}

func TestOnlyPublicAddressesOnPort443ArePermitted(t *testing.T) {
	for _, good := range []string{"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "198.20.0.1", "::ffff:8.8.8.8", "2606:4700::1111", "2a00:1450:4001::1"} {
		if err := publicAddress(netip.AddrPortFrom(netip.MustParseAddr(good), 443)); err != nil {
			t.Errorf("%s: %v, want permitted", good, err)
		}
	}
	for _, bad := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.169.254", "169.254.170.2", "172.16.0.1",
		"172.31.255.255", "192.0.0.8", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.1.1", "192.175.48.1", "198.18.0.1", "198.19.255.255",
		"198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1", "100:0:0:1::1",
		"2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "2620:4f:8000::1", "3fff::1", "5f00::1", "4000::1",
		"fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "fe80::1%eth0", "2606:4700::1111%1",
	} {
		if err := publicAddress(netip.AddrPortFrom(netip.MustParseAddr(bad), 443)); !errors.Is(err, ErrForbiddenURL) {
			t.Errorf("%s: error = %v, want ErrForbiddenURL", bad, err)
		}
	}
	for _, port := range []uint16{0, 22, 80, 2773, 8443, 9001} {
		if err := publicAddress(netip.AddrPortFrom(netip.MustParseAddr("8.8.8.8"), port)); !errors.Is(err, ErrForbiddenURL) {
			t.Errorf("port %d: error = %v, want ErrForbiddenURL", port, err)
		}
	}
}

// FuzzGuard: whatever gets through is https to a listed host, by the reading of net/url after a round trip too.
func FuzzGuard(f *testing.F) {
	for _, raw := range []string{
		"https://api.bfl.ai/v1", "https://x.delivery.bfl.ai/a?b#c", "https://api.bfl.ai:443", "https://a@api.bfl.ai", "http://127.0.0.1:8080/x", "https://api.bfl.ai\\.example.com",
		"https://api.bfl.ai%2eexample.com/", "https://[::1]/", "https://１.delivery.bfl.ai", "https://api.bfl.ai/..//@x:1",
	} {
		f.Add(raw)
	}
	guard := Guard{Hosts: bflHosts}
	f.Fuzz(func(t *testing.T, raw string) {
		target, err := guard.Check(raw)
		if err != nil {
			if !errors.Is(err, ErrForbiddenURL) {
				t.Errorf("%q: error = %v, want ErrForbiddenURL", raw, err)
			}
			return
		}
		again, err := url.Parse(target.String())
		if err != nil {
			t.Fatalf("%q: allowed as %q, which does not parse: %v", raw, target, err)
		}
		host := again.Hostname()
		if again.Scheme != "https" || again.User != nil || (again.Port() != "" && again.Port() != "443") ||
			(host != "api.bfl.ai" && !strings.HasSuffix(host, ".delivery.bfl.ai")) {
			t.Errorf("%q: allowed as %q", raw, target)
		}
		if _, err := guard.Check(target.String()); err != nil {
			t.Errorf("%q: allowed as %q, which is refused: %v", raw, target, err)
		}
	})
}
