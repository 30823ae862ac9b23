package provider

import (
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// allowedHost is the name that test guards allow, and that the certificate of every httptest server is for.
const allowedHost = "api.example.com"

// tlsServer is a server behind allowedHost, with a guard that reaches it as if it were public. No test looks a name up.
func tlsServer(t *testing.T, handler http.HandlerFunc) (*httptest.Server, Guard) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true // as the real ones do
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, guardFor(server)
}

func guardFor(server *httptest.Server) Guard {
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	listener := netip.MustParseAddrPort(server.Listener.Addr().String())
	return Guard{
		Hosts: []string{allowedHost, "cdn.example.com"},
		roots: roots,
		// The server has no port 443, so the fake DNS gives the port away as well.
		resolve: func(string) string { return listener.String() },
		permit: func(target netip.AddrPort) error {
			if target == listener {
				return nil
			}
			return publicAddress(target)
		},
	}
}
