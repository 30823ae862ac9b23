package providertest

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"darkroom/shared/provider"
)

var update = flag.Bool("update", false, "write the golden request bodies in testdata anew")

// ReplayKey is the key that drivers under replay hold. No error may repeat it.
const ReplayKey = "sk-replayed"

// Recorded is one documented answer of a provider.
type Recorded struct {
	Status int
	Header map[string]string
	File   string // in testdata; empty: Body
	Body   []byte // nil: no body
}

// Replay answers every call of a driver with one recorded answer, so that the simulator and the driver cannot agree on the
// same mistake. It keeps the last call.
type Replay struct {
	Driver *provider.Provider
	Method string
	Path   string // with the query; empty: not called
	Header http.Header
	Body   []byte
}

// NewReplay puts a driver before a recorded answer.
func NewReplay(t *testing.T, build func(key provider.KeySource, simulator *url.URL) provider.Driver, answer Recorded) *Replay {
	t.Helper()
	body := answer.Body
	if answer.File != "" {
		body = Testdata(t, answer.File)
	}
	replay := &Replay{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("the call's body cannot be read: %v", err)
		}
		replay.Method, replay.Path, replay.Header, replay.Body = r.Method, r.URL.RequestURI(), r.Header, sent
		for name, value := range answer.Header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(answer.Status)
		w.Write(body) //nolint:errcheck // the driver sees what is missing
	}))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	replay.Driver = provider.New(build(provider.FixedKey(ReplayKey), address), provider.Settings{Simulator: address})
	return replay
}

// Golden compares a JSON body with a file in testdata, white space aside. Run the test with -update to write the file, and
// review the change as code.
func Golden(t *testing.T, file string, body []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, body, "", "  "); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	got.WriteByte('\n')
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", file), got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := Testdata(t, file); !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s: sent\n%s\nwant\n%s", file, got.Bytes(), want)
	}
}

// Testdata reads a file in testdata.
func Testdata(t *testing.T, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
