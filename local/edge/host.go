package edge

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
)

// hostProxy forwards to the local AWS under a host name that is known only after the deployment.
type hostProxy struct {
	host  atomic.Pointer[string]
	proxy *httputil.ReverseProxy
}

func newHostProxy(gateway *url.URL) *hostProxy {
	h := &hostProxy{}
	h.proxy = newProxy(gateway, func(p *httputil.ProxyRequest) { p.Out.Host = *h.host.Load() })
	return h
}

func (h *hostProxy) serve(w http.ResponseWriter, r *http.Request) {
	if h.host.Load() == nil {
		http.Error(w, "the stack is not deployed yet", http.StatusServiceUnavailable)
		return
	}
	h.proxy.ServeHTTP(w, r)
}

// API is the edge clients call: the deployed HTTP API under a loopback address.
type API struct{ hostProxy *hostProxy }

// NewAPI returns an API edge that answers 503 until Deployed is called.
func NewAPI(gateway *url.URL) *API { return &API{newHostProxy(gateway)} }

// Deployed tells the edge the API's host name, "<api id>.execute-api.localhost:<gateway port>".
func (a *API) Deployed(host string) { a.hostProxy.host.Store(&host) }

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.hostProxy.serve(w, r) }
