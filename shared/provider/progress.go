package provider

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"
)

// progress watches how far a request gets, to tell "certainly not executed" from "nobody knows". It never guesses the first:
// only a connection that was not made, or a write that failed, proves it.
type progress struct {
	connections atomic.Int32 // net/http may use a second one, when the server refused the request unread
	failedOnes  atomic.Int32 // on which the request was not written whole
}

// watch returns a context that reports to p.
func (p *progress) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { p.connections.Add(1) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err != nil {
				p.failedOnes.Add(1)
			}
		},
	})
}

// executable says whether a server may have the whole request. The news that it was written can come later than the
// connection's end, so every connection counts as having carried it unless its write is known to have failed.
func (p *progress) executable() bool { return p.connections.Load() > p.failedOnes.Load() }
