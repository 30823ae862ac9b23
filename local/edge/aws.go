package edge

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// maxBuffered bounds the request bodies the edge reads before it forwards them: DynamoDB's largest transaction is 4 MB, SQS's largest
// batch 1 MB. Function packages and objects are not buffered.
const maxBuffered = 8 << 20

// AWS is the edge that SDK clients and the SAM CLI call. The Host header, which they signed, passes untouched.
type AWS struct {
	proxy    *httputil.ReverseProxy
	recorder recorder
	orders   *orderBook
	control  http.Handler
	callers  sync.Map // access key id -> function name
}

// NewAWS returns an AWS edge in front of the gateway.
func NewAWS(gateway *url.URL) *AWS {
	e := &AWS{orders: newOrderBook()}
	e.proxy = newProxy(gateway, func(*httputil.ProxyRequest) {})
	e.control = e.controlHandler()
	return e
}

// NameCaller tells the edge which function an access key id belongs to.
func (e *AWS) NameCaller(accessKey, function string) { e.callers.Store(accessKey, function) }

// ServeHTTP records a call, breaks it if an order says so, and forwards it otherwise.
func (e *AWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPath) { // no bucket can have this name, so no AWS call is hidden
		e.control.ServeHTTP(w, r)
		return
	}
	body, ok := buffer(w, r)
	if !ok {
		return
	}
	call := describe(r, body)
	if name, known := e.callers.Load(call.AccessKey); known {
		call.Function = name.(string)
	}
	e.recorder.add(&call)
	order, cleared := e.orders.strike(&call)
	seen := &statusWriter{ResponseWriter: w}
	fault := ""
	if order != nil {
		fault = order.ID
	}
	defer func() { e.recorder.finish(&call, seen.status, fault) }() // also when a cut connection panics
	if order == nil {
		e.proxy.ServeHTTP(seen, r)
		return
	}
	e.apply(order, cleared, &call, seen, r)
}

// apply does what an order says to one request.
func (e *AWS) apply(order *Order, cleared <-chan struct{}, call *Call, w http.ResponseWriter, r *http.Request) {
	select {
	case <-time.After(time.Duration(order.DelayMS) * time.Millisecond):
	case <-r.Context().Done():
		return
	}
	switch order.Action {
	case Delay:
		e.proxy.ServeHTTP(w, r)
	case FailBefore:
		failure(call, order.Status).write(w)
	case Throttle:
		throttling(call).write(w)
	case Conflict:
		conflict(call).write(w)
	case CutBefore:
		cut()
	case FailAfter:
		e.proxy.ServeHTTP(sink{}, r)
		cut()
	case KillBefore:
		killCaller(r.RemoteAddr)
		cut()
	case KillAfter:
		e.proxy.ServeHTTP(sink{}, r)
		killCaller(r.RemoteAddr)
		cut()
	case Hang:
		select {
		case <-cleared:
		case <-r.Context().Done():
		}
		cut()
	}
}

// cut ends the connection without an answer; net/http knows this panic.
func cut() { panic(http.ErrAbortHandler) }

// buffer reads the body of a call to a JSON or query service, so that orders can look into it, and puts it back.
// Everything else is streamed and yields no bytes.
func buffer(w http.ResponseWriter, r *http.Request) (body []byte, ok bool) {
	kind := r.Header.Get("Content-Type")
	if r.Header.Get("X-Amz-Target") == "" && !strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
		return nil, true
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBuffered))
	if err != nil {
		http.Error(w, "edge: read the request: "+err.Error(), http.StatusRequestEntityTooLarge)
		return nil, false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, true
}

// statusWriter remembers the status an answer began with.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets the proxy flush streamed answers.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// sink swallows an answer nobody is to see.
type sink struct{}

func (sink) Header() http.Header         { return http.Header{} }
func (sink) Write(p []byte) (int, error) { return len(p), nil }
func (sink) WriteHeader(int)             {}
