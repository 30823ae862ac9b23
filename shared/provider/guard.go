package provider

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// ErrForbiddenURL reports an address that must not be called. The text says why; it never holds the address, which may be
// signed.
var ErrForbiddenURL = errors.New("forbidden address")

// Guard decides which addresses may be called: https on port 443 of the allowed hosts, and only where those resolve to a
// public address at the moment of the call. The zero value allows nothing.
type Guard struct {
	// Hosts are exact names ("api.bfl.ai") and wildcards ("*.bfl.ai": every name below, not bfl.ai itself). A wildcard
	// above the second level allows nothing.
	Hosts []string
	// Simulator, in stage local only, is a base address such as http://127.0.0.1:8080: exactly this scheme, host and
	// port is allowed as well, as long as it resolves to loopback.
	Simulator *url.URL

	// For tests, which use no network; nil outside of them.
	resolve func(address string) string // stands in for DNS: from host:port to ip:port
	permit  func(netip.AddrPort) error  // stands in for publicAddress
	roots   *x509.CertPool              // stands in for the system's certificates
}

// maxURL bounds an address; browsers and CDNs stop near here.
const maxURL = 4096

// Check reads an address and refuses it with ErrForbiddenURL unless it may be called. Where its name leads is checked later,
// when the connection is made: a name can resolve to something else by then.
func (g Guard) Check(raw string) (*url.URL, error) {
	if len(raw) > maxURL {
		return nil, forbidden("longer than %d bytes", maxURL)
	}
	// Go would map a full-width digit in a host to an ASCII one, so the bytes are checked before anything reads them.
	for i := range len(raw) {
		if raw[i] <= ' ' || raw[i] > '~' {
			return nil, forbidden("has a character that is not printable ASCII")
		}
	}
	target, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, forbidden("not a URL")
	case target.User != nil:
		return nil, forbidden("has credentials in it")
	case target.Opaque != "" || target.Host == "":
		return nil, forbidden("has no host")
	case g.isSimulator(target):
		return target, nil
	case target.Scheme != "https":
		return nil, forbidden("not https")
	case target.Host != target.Hostname() && target.Host != target.Hostname()+":443":
		return nil, forbidden("not port 443") // an address in brackets ends here too
	}
	host := strings.ToLower(target.Hostname())
	if !isHostName(host) {
		return nil, forbidden("the host is not a plain DNS name")
	}
	for _, pattern := range g.Hosts {
		if matchHost(pattern, host) {
			target.Host = host
			return target, nil
		}
	}
	return nil, forbidden("host %s is not on the list", host)
}

// TakesKey says whether an address that a provider gave may be kept as a job's handle and be called with our key, and names its host. At the simulator,
// which plays all providers and their delivery hosts, only what lies below the base address may.
func (g Guard) TakesKey(raw, base string) (host string, takes bool) {
	target, err := g.Check(raw)
	if err != nil || len(raw) > MaxHandle || (g.isSimulator(target) && !strings.HasPrefix(raw, base+"/")) {
		return "", false
	}
	return target.Hostname(), true
}

func forbidden(format string, values ...any) error {
	return fmt.Errorf("%w: %s", ErrForbiddenURL, fmt.Sprintf(format, values...))
}

func (g Guard) isSimulator(target *url.URL) bool {
	return g.Simulator != nil && g.Simulator.Host != "" && target.Scheme == g.Simulator.Scheme && target.Host == g.Simulator.Host
}

// simulatorAddress is the simulator's host:port as the dialer sees it; empty when there is none.
func (g Guard) simulatorAddress() string {
	if g.Simulator == nil {
		return ""
	}
	port := g.Simulator.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[g.Simulator.Scheme]
	}
	return net.JoinHostPort(g.Simulator.Hostname(), port)
}

// isHostName accepts lower-case names of at least two labels whose last begins with a letter: no form of an IP address does.
func isHostName(host string) bool {
	labels := strings.Split(host, ".")
	if len(host) > 253 || len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
		}
	}
	first := labels[len(labels)-1][0]
	return 'a' <= first && first <= 'z'
}

// matchHost says whether a pattern of Guard.Hosts covers a host name that isHostName accepts.
func matchHost(pattern, host string) bool {
	parent, wild := strings.CutPrefix(pattern, "*.")
	if !wild {
		return pattern == host
	}
	return isHostName(parent) && strings.HasSuffix(host, "."+parent)
}
