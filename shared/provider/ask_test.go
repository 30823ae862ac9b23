package provider

import (
	"io"
	"net"
	"net/http"
	"strings"
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
