// Package edge holds the small reverse proxies that stand in front of the local AWS.
//
// The local AWS speaks plain HTTP on one port. AWS itself speaks HTTPS on many names. The edges make up the difference, so that the
// deployed template's own rules (TLS only, signed links only) hold on a laptop exactly as they do in an AWS account:
//
//   - [AWS] takes SDK and SAM calls; it also records them and can break them on order, which is how tests reach the crash windows.
//   - [API] is the HTTP API under a plain loopback address.
//   - [CDN] is the CloudFront distribution; it checks signed links, which the local AWS does not.
package edge

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

// Server serves one edge on a free port of the loopback interface.
type Server struct {
	// URL is where the edge answers, "http://127.0.0.1:<port>", without a slash at the end.
	URL  string
	http http.Server
}

// Listen starts serving handler on 127.0.0.1 at a free port. Errors of single connections go to logger.
func Listen(handler http.Handler, logger *log.Logger) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a loopback port for an edge proxy: %w", err)
	}
	server := &Server{
		URL:  "http://" + listener.Addr().String(),
		http: http.Server{Handler: handler, ErrorLog: logger, ReadHeaderTimeout: 10 * time.Second},
	}
	go server.http.Serve(listener) // returns when Close is called
	return server, nil
}

// Close stops the edge at once and cuts the connections that are open.
func (s *Server) Close() error { return s.http.Close() }

// newProxy forwards requests to gateway, unchanged but for what rewrite does and one header: X-Forwarded-Proto says https, because
// on AWS every caller comes over TLS and the deployed policies insist on it.
func newProxy(gateway *url.URL, rewrite func(*httputil.ProxyRequest)) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = gateway.Scheme, gateway.Host
			p.Out.URL.RawQuery = p.In.URL.RawQuery // signed: must arrive byte for byte
			p.Out.Header.Set("X-Forwarded-Proto", "https")
			rewrite(p)
		},
		Transport: &http.Transport{
			Proxy:               nil, // the environment's proxy must never see loopback traffic
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			DisableCompression:  true, // Accept-Encoding is part of what S3 clients sign
			MaxIdleConnsPerHost: 256,
			IdleConnTimeout:     30 * time.Second, // below the local AWS's own 75 s, so that no dying connection is picked
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == context.Canceled {
				return // the caller has gone: nobody to answer
			}
			http.Error(w, "the local AWS did not answer: "+err.Error(), http.StatusBadGateway)
		},
		ErrorLog: log.New(io.Discard, "", 0), // ErrorHandler has said it already
	}
}
