package provider

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// get makes one GET through a guard's transport.
func get(t *testing.T, guard Guard, link string) (*http.Response, error) {
	t.Helper()
	transport := guard.transport()
	t.Cleanup(transport.CloseIdleConnections)
	response, err := (&http.Client{Transport: transport, CheckRedirect: noRedirect}).Get(link)
	if err == nil {
		t.Cleanup(func() { response.Body.Close() })
	}
	return response, err
}

// The name passed the check; what counts is where it leads when the connection is made.
func TestDialRefusesANameThatLeadsInside(t *testing.T) {
	for _, resolved := range []string{
		"127.0.0.1:443", "10.0.0.1:443", "169.254.169.254:443", "100.64.0.1:443", "[::1]:443", "[fd00:ec2::254]:443", "[64:ff9b::7f00:1]:443",
		"[2002:7f00:1::]:443", "[::ffff:127.0.0.1]:443", "8.8.8.8:80", "0.0.0.0:443",
	} {
		guard := Guard{Hosts: []string{allowedHost}, resolve: func(string) string { return resolved }}
		if _, err := get(t, guard, "https://"+allowedHost+"/"); !errors.Is(err, ErrForbiddenURL) {
			t.Errorf("%s: error = %v, want ErrForbiddenURL", resolved, err)
		}
	}
}

func TestDialRefusesASimulatorThatIsNotThisMachine(t *testing.T) {
	guard := Guard{Simulator: mustURL(t, "http://sim.example.com:8080"), resolve: func(string) string { return "192.0.2.1:8080" }}
	if _, err := get(t, guard, "http://sim.example.com:8080/"); !errors.Is(err, ErrForbiddenURL) {
		t.Errorf("error = %v, want ErrForbiddenURL", err)
	}
}

func TestNoProxyIsUsed(t *testing.T) {
	var asked atomic.Bool
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Store(true) }))
	t.Cleanup(proxy.Close)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"} {
		t.Setenv(name, proxy.URL)
	}
	_, guard := tlsServer(t, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("direct")) })
	response, err := get(t, guard, "https://"+allowedHost+"/")
	if err != nil || asked.Load() {
		t.Fatalf("error = %v, proxy asked: %t; want a direct answer", err, asked.Load())
	}
	if guard.transport().Proxy != nil {
		t.Error("the transport has a proxy") // net/http reads the environment once per process, so the above may be too late
	}
	if raw, _ := io.ReadAll(response.Body); string(raw) != "direct" {
		t.Errorf("body = %q", raw)
	}
}

func TestCertificateMustBeForTheHost(t *testing.T) {
	_, guard := tlsServer(t, func(http.ResponseWriter, *http.Request) {})
	if _, err := get(t, guard, "https://api.example.org/"); err == nil {
		t.Error("a certificate for another name was taken")
	}
	guard.roots = nil
	if _, err := get(t, guard, "https://"+allowedHost+"/"); err == nil {
		t.Error("a certificate of an unknown authority was taken")
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	if _, err := get(t, guardFor(server), "https://"+allowedHost+"/"); err == nil || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("error = %v, want a refused protocol version", err)
	}
}

func TestNothingIsInflated(t *testing.T) {
	var encoding string
	_, guard := tlsServer(t, func(w http.ResponseWriter, r *http.Request) {
		encoding = r.Header.Get("Accept-Encoding")
		w.Header().Set("Content-Encoding", "gzip")
		w.Write([]byte("\x1f\x8b"))
	})
	response, err := get(t, guard, "https://"+allowedHost+"/")
	if err != nil || encoding != "" {
		t.Fatalf("error = %v, Accept-Encoding %q; want none asked for", err, encoding)
	}
	if raw, _ := io.ReadAll(response.Body); string(raw) != "\x1f\x8b" {
		t.Errorf("body = %q, want it as sent", raw)
	}
}
