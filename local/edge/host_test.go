package edge

import (
	"crypto"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
)

func TestAPIIsReachedUnderItsOwnHostOverHTTPS(t *testing.T) {
	gateway := newGateway(t)
	api := NewAPI(gateway.url)
	api.Deployed("abc.execute-api.localhost:4566")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, serve(t, api)+"/v1/tasks?b=2&a=%2F", strings.NewReader(`{"x":1}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Idempotency-Key", "k")
	if status, body, err := send(request); status != http.StatusOK || body != "from the gateway" || err != nil {
		t.Fatalf("got %d %q, %v, want 200 from the gateway", status, body, err)
	}
	got := gateway.seen()[0]
	if got.host != "abc.execute-api.localhost:4566" || got.uri != "/v1/tasks?b=2&a=%2F" || got.body != `{"x":1}` {
		t.Errorf("the gateway got %q %q %q, want the API's host and everything else untouched", got.host, got.uri, got.body)
	}
	if got.header.Get("X-Forwarded-Proto") != "https" || got.header.Get("Idempotency-Key") != "k" {
		t.Errorf("the gateway got headers %v, want X-Forwarded-Proto: https and the caller's own", got.header)
	}
}

func TestHostEdgesAnswer503UntilTheStackIsDeployed(t *testing.T) {
	key := newECDSA(t)
	gateway := newGateway(t)
	for name, handler := range map[string]http.Handler{
		"API": NewAPI(gateway.url),
		"CDN": NewCDN(gateway.url, map[string]crypto.PublicKey{"K1": &key.PublicKey}),
	} {
		t.Run(name, func(t *testing.T) {
			link, err := sign.NewURLSigner("K1", key).Sign(serve(t, handler)+"/o/a", time.Now().Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
			if err != nil {
				t.Fatal(err)
			}
			if status, body, err := send(request); status != http.StatusServiceUnavailable || err != nil {
				t.Errorf("got %d %q, %v, want 503", status, body, err)
			}
		})
	}
	if got := gateway.seen(); len(got) > 0 {
		t.Errorf("the gateway got %v, want nothing", got)
	}
}

func TestCDNKeepsTheSignatureFromTheOrigin(t *testing.T) {
	key := newECDSA(t)
	gateway := newGateway(t)
	cdn := NewCDN(gateway.url, map[string]crypto.PublicKey{"K1": &key.PublicKey})
	cdn.Deployed("d1.cloudfront.net")
	link, err := sign.NewURLSigner("K1", key).Sign(serve(t, cdn)+"/o/a.png?v=1", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, _, err := send(request); status != http.StatusOK || err != nil {
		t.Fatalf("got %d, %v, want 200", status, err)
	}
	if got := gateway.seen()[0]; got.uri != "/o/a.png?v=1" || got.host != "d1.cloudfront.net" {
		t.Errorf("the origin got %q %q, want d1.cloudfront.net and only the query that is not CloudFront's own", got.host, got.uri)
	}
}

func TestPreflightNeedsNoSignature(t *testing.T) {
	cdn := NewCDN(newGateway(t).url, nil)
	cdn.Deployed("d1.cloudfront.net")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, serve(t, cdn)+"/o/a.png", nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, body, err := send(request); status != http.StatusOK || err != nil {
		t.Errorf("got %d %q, %v, want 200", status, body, err)
	}
}

func TestADeadGatewayIsA502ThatSaysSo(t *testing.T) {
	api := NewAPI(parse(t, "http://127.0.0.1:1")) // no program may listen there without being root
	api.Deployed("abc.execute-api.localhost")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, serve(t, api), nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, body, err := send(request); status != http.StatusBadGateway || !strings.Contains(body, "local AWS did not answer") || err != nil {
		t.Errorf("got %d %q, %v, want 502 that names the local AWS", status, body, err)
	}
}
