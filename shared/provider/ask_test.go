package provider

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

func TestAskSendsItsBodyAndAnyAnswerIsOne(t *testing.T) {
	for _, status := range []int{200, 302, 400, 429, 500} {
		server, guard := tlsServer(t, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if r.Method != http.MethodPost || r.Header.Get("X-Key") != theKey || string(body) != `"a fox"` || err != nil {
				t.Errorf("got %s with key %q and %q, want POST with the key and the body", r.Method, r.Header.Get("X-Key"), body)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		})
		answer, err := NewClient(guard).Ask(t.Context(), Request{URL: "https://" + allowedHost + "/ask", Header: http.Header{"X-Key": {theKey}}, Body: "a fox"})
		if err != nil || answer.Status != status {
			t.Errorf("status %d: answer %d, %v; want it as it came", status, answer.Status, err)
		}
		server.Close()
	}
}

// What a create call would leave in doubt is only a question that was not answered.
func TestAskThatIsNotAnsweredMayBeRepeated(t *testing.T) {
	guard := rawServer(t, func(conn *net.TCPConn) {
		readRequest(conn)
		conn.Close()
	})
	for link, want := range map[string]Class{
		guard.Simulator.String() + "/ask?sig=1": TransientRead,
		"https://elsewhere.example.com/?sig=1":  Down,
	} {
		_, err := NewClient(guard).Ask(t.Context(), Request{URL: link, Header: http.Header{"X-Key": {theKey}}, Body: thePrompt})
		if ClassOf(err) != want {
			t.Errorf("class = %q (%v), want %q", ClassOf(err), err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "sig=")) {
			t.Errorf("error %q holds the key, the prompt or the address", err)
		}
	}
}

// A check of many images would otherwise shake hands for each. A function's process is frozen between events, and its connections die meanwhile.
func TestAskKeepsItsConnectionAndRepeatsWhatADeadOneSwallowed(t *testing.T) {
	var connections atomic.Int32
	guard := rawServer(t, func(conn *net.TCPConn) {
		defer conn.Close()
		requests := bufio.NewReader(conn)
		for n := range 3 {
			request, err := http.ReadRequest(requests)
			if err != nil {
				return
			}
			body, err := io.ReadAll(request.Body)
			if _, named := request.Header["Idempotency-Key"]; named || err != nil || string(body) != `"a fox"` {
				t.Errorf("got %q with %v, %v; want the body and no header that the API does not know", body, request.Header, err)
			}
			if n == 0 {
				connections.Add(1)
			}
			if n == 2 {
				return
			}
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") //nolint:errcheck // the client sees what is missing
		}
	})
	client := NewClient(guard)
	for n := range 3 {
		answer, err := client.Ask(t.Context(), Request{URL: guard.Simulator.String(), Body: "a fox"})
		if want := map[bool]int32{false: 1, true: 2}[n == 2]; err != nil || !answer.OK() || connections.Load() != want {
			t.Errorf("question %d: %d, %v over %d connections, want an answer over %d", n, answer.Status, err, connections.Load(), want)
		}
	}
}
