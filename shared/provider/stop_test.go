package provider

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestStopSendsTheKeyAndNoBodyAndAnyAnswerIsOne(t *testing.T) {
	for status, method := range map[int]string{202: http.MethodPut, 200: http.MethodPost, 302: http.MethodPut, 400: http.MethodPut, 404: http.MethodPost, 500: http.MethodPut} {
		server, guard := tlsServer(t, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if r.Method != method || r.Header.Get("X-Key") != theKey || len(body) > 0 || err != nil {
				t.Errorf("got %s with key %q and %d bytes, want %s with the key and none", r.Method, r.Header.Get("X-Key"), len(body), method)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		})
		answer, err := NewClient(guard).Stop(t.Context(), method, Request{URL: "https://" + allowedHost + "/stop", Header: http.Header{"X-Key": {theKey}}})
		if err != nil || answer.Status != status {
			t.Errorf("status %d: answer %d, %v; want it as it came", status, answer.Status, err)
		}
		server.Close()
	}
}

func TestStopThatFailsMayBeRepeated(t *testing.T) {
	guard := rawServer(t, reset)
	for link, want := range map[string]Class{
		guard.Simulator.String() + "/stop?sig=1": TransientRead,
		"https://elsewhere.example.com/?sig=1":   Down,
	} {
		_, err := NewClient(guard).Stop(t.Context(), http.MethodPost, Request{URL: link, Header: http.Header{"X-Key": {theKey}}})
		if ClassOf(err) != want {
			t.Errorf("class = %q (%v), want %q", ClassOf(err), err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "sig=")) {
			t.Errorf("error %q holds the key or the address", err)
		}
	}
}
