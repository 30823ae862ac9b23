package fal_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/fal"
	"darkroom/shared/provider/providertest"
)

const requestID = "764cabcf-b745-4b3e-ae38-1200304cf45b"

// build makes the driver before a server that passes for the simulator.
func build(key provider.KeySource, simulator *url.URL) provider.Driver {
	return fal.New(fal.Settings{Key: key, Simulator: simulator})
}

type recorded = providertest.Recorded

func newReplay(t *testing.T, answer recorded) *providertest.Replay {
	t.Helper()
	return providertest.NewReplay(t, build, answer)
}

// stage answers calls by their path, for what a driver finds out in more than one call. It keeps the calls in order.
type stage struct {
	driver  *provider.Provider
	address *url.URL

	mu    sync.Mutex
	calls []string // method and path with the query
}

// newStage makes a stage from the answers by path; a path without one is not found.
func newStage(t *testing.T, answers map[string]recorded) *stage {
	t.Helper()
	return newLiveStage(t, func(r *http.Request) recorded {
		if answer, has := answers[r.URL.Path]; has {
			return answer
		}
		return recorded{Status: http.StatusNotFound}
	})
}

// newLiveStage makes a stage that decides at every call.
func newLiveStage(t *testing.T, answer func(*http.Request) recorded) *stage {
	t.Helper()
	s := &stage{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.calls = append(s.calls, r.Method+" "+r.URL.RequestURI())
		s.mu.Unlock()
		if r.URL.Path == "/fal/rest/.well-known/jwks.json" && r.Header.Get("Authorization") != "" {
			t.Error("the API key went to the address of the published keys")
		}
		said := answer(r)
		for name, value := range said.Header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(said.Status)
		w.Write(said.Body)
		if said.File != "" {
			raw, err := os.ReadFile(filepath.Join("testdata", said.File))
			if err != nil {
				t.Error(err)
			}
			w.Write(raw)
		}
	}))
	t.Cleanup(server.Close)
	var err error
	if s.address, err = url.Parse(server.URL); err != nil {
		t.Fatal(err)
	}
	s.driver = provider.New(build(provider.FixedKey(providertest.ReplayKey), s.address), provider.Settings{Simulator: s.address})
	return s
}

func (s *stage) called() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.calls...)
}

// atQueue is the path of a request of FLUX.2 [pro].
const atQueue = "/fal/queue/fal-ai/flux-2-pro/requests/" + requestID

// job is a request with the address that a submit would have given.
func (s *stage) job() provider.Job {
	return provider.Job{ID: requestID, Handle: s.address.String() + atQueue}
}
