package simulator

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Server is a simulator that listens.
type Server struct {
	*Simulator
	URL string // http://127.0.0.1:<port>

	http *http.Server
	done chan struct{} // closed when nothing of it runs any more
	stop context.CancelFunc
}

// Start serves a new simulator on addr, a loopback address such as "127.0.0.1:0" (0: a free port), until ctx ends or Close is
// called. Links carry opts.BaseURL, or else the address it listens on.
func Start(ctx context.Context, addr string, opts Options) (*Server, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("simulator address %q: %w (use 127.0.0.1:<port>, port 0 for a free one)", addr, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("simulator address %q: only loopback addresses are served (use 127.0.0.1:<port>)", addr)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("simulator: %w", err)
	}
	url := "http://" + listener.Addr().String()
	if opts.BaseURL == "" {
		opts.BaseURL = url
	}
	s := New(opts)
	ctx, stop := context.WithCancel(ctx)
	server := &Server{
		Simulator: s,
		URL:       url,
		http:      &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second},
		done:      make(chan struct{}),
		stop:      stop,
	}
	go server.http.Serve(listener) //nolint:errcheck // it returns when Shutdown is called below
	go func() {
		defer close(server.done)
		<-ctx.Done()
		s.stop() // frees hanging calls, so that the server can end in peace
		grace, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if server.http.Shutdown(grace) != nil {
			server.http.Close()
		}
		s.Close()
	}()
	return server, nil
}

// Close stops the server and everything it runs, and waits for that: at most about two seconds.
func (s *Server) Close() {
	s.stop()
	<-s.done
}
