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
	"time"

	"darkroom/shared/provider"
)

var update = flag.Bool("update", false, "write the golden request bodies in testdata anew")

// ReplayKey is the key that drivers under replay hold. No error may repeat it.
const ReplayKey = "sk-replayed"

// Recorded is one documented answer of a provider, and what is to be told of it.
type Recorded struct {
	Status int
	Header map[string]string
	File   string // in testdata; empty: Body
	Body   []byte // nil: no body

	// For the tables in Recordings.
	RetryAfter time.Duration // of the failure that it is
	Tells      string        // part of the failure's text for the log, or of the link to the image
	Then       *Recorded     // the answer to the question that follows from it; nil: none does
}

// Replay answers the calls of a driver with recorded answers, in order and the last again and again, so that the simulator and the
// driver cannot agree on the same mistake. It keeps the last call.
type Replay struct {
	Driver *provider.Provider
	Calls  int
	Method string
	Path   string // with the query; empty: not called
	Header http.Header
	Body   []byte
}

// NewReplay puts a driver before recorded answers.
func NewReplay(t *testing.T, build func(key provider.KeySource, simulator *url.URL) provider.Driver, answers ...Recorded) *Replay {
	t.Helper()
	bodies := make([][]byte, len(answers))
	for i, answer := range answers {
		if bodies[i] = answer.Body; answer.File != "" {
			bodies[i] = Testdata(t, answer.File)
		}
	}
	replay := &Replay{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("the call's body cannot be read: %v", err)
		}
		turn := min(replay.Calls, len(answers)-1)
		replay.Calls++
		replay.Method, replay.Path, replay.Header, replay.Body = r.Method, r.URL.RequestURI(), r.Header, sent
		for name, value := range answers[turn].Header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(answers[turn].Status)
		w.Write(bodies[turn]) //nolint:errcheck // the driver sees what is missing
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
