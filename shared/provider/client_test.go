package provider

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// rawServer hands accepted connections to a function, at an address that passes for the simulator's.
func rawServer(t *testing.T, handle func(*net.TCPConn)) Guard {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go handle(conn.(*net.TCPConn))
		}
	}()
	return Guard{Simulator: mustURL(t, "http://"+listener.Addr().String())}
}

func reset(conn *net.TCPConn) {
	conn.SetLinger(0)
	conn.Close()
}

const thePrompt, theKey = "SECRET PROMPT", "SECRET KEY"

// create makes a create call that must fail, and checks that the error tells nothing that it should not.
func create(t *testing.T, ctx context.Context, guard Guard, link, prompt string) error {
	t.Helper()
	_, err := NewClient(guard).Create(ctx, Request{URL: link, Header: http.Header{"X-Key": {theKey}}, Body: map[string]string{"prompt": prompt}})
	if err == nil {
		t.Fatal("no error")
	}
	if strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "sig=") {
		t.Errorf("error %q holds the key, the prompt or the address", err)
	}
	return err
}

// Every failure of a create call, by what can be known about the work.
func TestCreateTellsNotExecutedFromNobodyKnows(t *testing.T) {
	hour := func(t *testing.T) context.Context { return t.Context() }
	for _, test := range []struct {
		rule   string
		want   Class
		guard  func(t *testing.T) Guard
		prompt string
		ctx    func(t *testing.T) context.Context
	}{
		{"nobody listens", Transient, func(t *testing.T) Guard {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close() // nothing else gets this port while the guard is made
			return Guard{Simulator: mustURL(t, "http://"+listener.Addr().String())}
		}, thePrompt, hour},
		{"reset in the middle of the request", Transient, func(t *testing.T) Guard {
			return rawServer(t, func(conn *net.TCPConn) {
				conn.Read(make([]byte, 100))
				reset(conn)
			})
		}, strings.Repeat("x", 32<<20), hour}, // more than any buffer on the way takes
		{"reset after the whole request", Ambiguous, func(t *testing.T) Guard {
			return rawServer(t, func(conn *net.TCPConn) {
				readRequest(conn)
				reset(conn)
			})
		}, thePrompt, hour},
		{"closed without an answer", Ambiguous, func(t *testing.T) Guard {
			return rawServer(t, func(conn *net.TCPConn) {
				readRequest(conn)
				conn.Close()
			})
		}, thePrompt, hour},
		{"no answer until the deadline", Ambiguous, func(t *testing.T) Guard {
			return rawServer(t, func(conn *net.TCPConn) {
				readRequest(conn)
				io.Copy(io.Discard, conn)
				conn.Close()
			})
		}, thePrompt, func(t *testing.T) context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			t.Cleanup(cancel)
			return ctx
		}},
		{"answer cut in its head", Ambiguous, func(t *testing.T) Guard {
			return rawServer(t, func(conn *net.TCPConn) {
				readRequest(conn)
				io.WriteString(conn, "HTTP/1.1 200 O")
				conn.Close()
			})
		}, thePrompt, hour},
		{"success cut in its body", Ambiguous, func(t *testing.T) Guard {
			return rawServer(t, func(conn *net.TCPConn) {
				readRequest(conn)
				io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
				conn.Close()
			})
		}, thePrompt, hour},
		{"no TLS on the other side", Transient, func(t *testing.T) Guard {
			guard := rawServer(t, func(conn *net.TCPConn) { conn.Close() })
			guard.Simulator.Scheme = "https"
			return guard
		}, thePrompt, hour},
	} {
		t.Run(test.rule, func(t *testing.T) {
			guard := test.guard(t)
			err := create(t, test.ctx(t), guard, guard.Simulator.String()+"/v1?sig=1", test.prompt)
			if ClassOf(err) != test.want {
				t.Errorf("error = %v, want class %q", err, test.want)
			}
		})
	}
}

func readRequest(conn net.Conn) {
	request, err := http.ReadRequest(bufio.NewReader(conn))
	if err == nil {
		io.Copy(io.Discard, request.Body)
	}
}

func TestCreateOfAForbiddenAddressIsDownAndUnsent(t *testing.T) {
	guard := Guard{Hosts: []string{allowedHost}, resolve: func(string) string { return "10.0.0.1:443" }}
	for _, link := range []string{"https://example.org/", "http://" + allowedHost + "/", "https://" + allowedHost + "/"} {
		if err := create(t, t.Context(), guard, link, thePrompt); ClassOf(err) != Down || !errors.Is(err, ErrForbiddenURL) {
			t.Errorf("%s: error = %v, want Down for ErrForbiddenURL", link, err)
		}
		if _, err := NewClient(guard).Read(t.Context(), Request{URL: link}); ClassOf(err) != Down {
			t.Errorf("%s: read: error = %v, want Down", link, err)
		}
	}
}

func TestCreateOverHTTP2ThatIsCutIsAmbiguous(t *testing.T) {
	var protocol atomic.Value
	_, guard := tlsServer(t, func(_ http.ResponseWriter, r *http.Request) {
		protocol.Store(r.Proto)
		io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	})
	err := create(t, t.Context(), guard, "https://"+allowedHost+"/", thePrompt)
	if ClassOf(err) != Ambiguous || protocol.Load() != "HTTP/2.0" {
		t.Errorf("error = %v over %v, want Ambiguous over HTTP/2.0", err, protocol.Load())
	}
}

func TestUntrustedCertificateIsTransient(t *testing.T) {
	_, guard := tlsServer(t, func(http.ResponseWriter, *http.Request) { t.Error("the request got through") })
	guard.roots = nil
	if err := create(t, t.Context(), guard, "https://"+allowedHost+"/", thePrompt); ClassOf(err) != Transient {
		t.Errorf("error = %v, want Transient", err)
	}
}

// A kept connection may be dead, and then nobody knows what became of a request written into it.
func TestEveryCreateHasAFreshConnection(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	client := NewClient(Guard{Simulator: mustURL(t, server.URL)})
	for range 3 {
		if _, err := client.Create(t.Context(), Request{URL: server.URL, Body: struct{}{}}); err != nil {
			t.Fatal(err)
		}
	}
	if got := connections.Load(); got != 3 {
		t.Errorf("%d connections for 3 creates, want 3", got)
	}
	for range 3 {
		if _, err := client.Read(t.Context(), Request{URL: server.URL}); err != nil {
			t.Fatal(err)
		}
	}
	if got := connections.Load(); got != 4 {
		t.Errorf("%d connections after 3 reads, want 1 more", got)
	}
}

func TestKeyDoesNotFollowARedirect(t *testing.T) {
	var followed atomic.Bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Store(true) }))
	t.Cleanup(elsewhere.Close)
	server := httptest.NewServer(redirect(elsewhere.URL))
	t.Cleanup(server.Close)
	client := NewClient(Guard{Simulator: mustURL(t, server.URL)})
	request := Request{URL: server.URL, Header: http.Header{"X-Key": {theKey}}}
	answer, err := client.Read(t.Context(), request)
	if err != nil || answer.Status != http.StatusFound {
		t.Errorf("read: %+v, %v; want the redirect itself", answer, err)
	}
	if answer, err = client.Create(t.Context(), request); err != nil || answer.Status != http.StatusFound {
		t.Errorf("create: %+v, %v; want the redirect itself", answer, err)
	}
	if followed.Load() {
		t.Error("a redirect was followed")
	}
}

func TestAnswersAreReadUpToTheLimit(t *testing.T) {
	code := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		io.WriteString(w, strings.Repeat("x", JobAnswer+1))
	}))
	t.Cleanup(server.Close)
	client := NewClient(Guard{Simulator: mustURL(t, server.URL)})
	if _, err := client.Create(t.Context(), Request{URL: server.URL}); ClassOf(err) != Ambiguous || !errors.Is(err, ErrAnswerTooLarge) {
		t.Errorf("create: %v, want Ambiguous for ErrAnswerTooLarge: it was executed", err)
	}
	if _, err := client.Read(t.Context(), Request{URL: server.URL}); ClassOf(err) != TransientRead {
		t.Errorf("read: %v, want TransientRead", err)
	}
	if answer, err := client.Read(t.Context(), Request{URL: server.URL, Limit: JobAnswer + 1}); err != nil || len(answer.Body) != JobAnswer+1 {
		t.Errorf("read with a higher limit: %d bytes, %v", len(answer.Body), err)
	}
	code = http.StatusTooManyRequests
	if answer, err := client.Create(t.Context(), Request{URL: server.URL}); err != nil || answer.Status != code || len(answer.Body) != errorAnswer {
		t.Errorf("refusal: status %d with %d bytes, %v; want the status, and the body's beginning", answer.Status, len(answer.Body), err)
	}
}
