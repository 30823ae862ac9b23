package provider

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// The bounds of getting through. A server that was reached gets as long as the caller's deadline says.
const (
	connectTimeout   = 5 * time.Second
	handshakeTimeout = 5 * time.Second
)

// transport carries calls to addresses that Check has allowed, and refuses the connection when the name leads elsewhere. It
// uses no proxy from the environment, which would resolve names behind our back, and never inflates: 51 KB of gzip can
// become 52 MB.
func (g Guard) transport() *http.Transport {
	return &http.Transport{
		DialContext:            g.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: g.roots},
		TLSHandshakeTimeout:    handshakeTimeout,
		ForceAttemptHTTP2:      true, // an own dialer turns it off otherwise
		DisableCompression:     true,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// dial connects, checking the resolved address itself: a name that was public a moment ago may be private now.
func (g Guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	permit := publicAddress
	if g.permit != nil {
		permit = g.permit
	}
	if address == g.simulatorAddress() {
		permit = loopbackAddress
	}
	dialer := net.Dialer{
		Timeout: connectTimeout,
		ControlContext: func(_ context.Context, network, resolved string, _ syscall.RawConn) error {
			target, err := netip.ParseAddrPort(resolved)
			if err != nil || (network != "tcp4" && network != "tcp6") {
				return fmt.Errorf("%w: %s %s is not an address", ErrForbiddenURL, network, resolved)
			}
			return permit(target)
		},
	}
	if g.resolve != nil {
		address = g.resolve(address)
	}
	return dialer.DialContext(ctx, network, address)
}

// noRedirect leaves a redirect to the caller: Go would follow it with the credentials of the first call, and tell the next
// host the address of the last, which may be signed.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
