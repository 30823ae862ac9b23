package simulator

import (
	"bytes"
	"encoding/json"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

const (
	bflKey    = "bfl-key-of-the-tests"
	openaiKey = "openai-key-of-the-tests"
)

// rig is a running simulator and what tests do with it.
type rig struct {
	*testing.T
	*Server
	Client
}

func newRig(t *testing.T, change ...func(*Options)) rig {
	t.Helper()
	opts := Options{
		Keys:           map[string][]string{"bfl": {bflKey}, "openai": {openaiKey}},
		WebhookRetries: []time.Duration{5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond},
		HangLimit:      5 * time.Second,
	}
	for _, c := range change {
		c(&opts)
	}
	server, err := Start(t.Context(), "127.0.0.1:0", opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return rig{T: t, Server: server, Client: Client{URL: server.URL}}
}

// object is a JSON object, as sent or as answered.
type object = map[string]any

// answered is what came back; status 0 means that no answer came.
type answered struct {
	status int
	header http.Header
	raw    []byte
	object object // of a JSON answer
	err    error
}

// mostRead is how much of an answer the rig reads, more than anything but an answer that is too large on order.
const mostRead = 4 << 20

// do sends one request with the provider's key.
func (r rig) do(method, path string, body any, change ...func(*http.Request)) answered {
	r.Helper()
	var sent io.Reader
	if raw, ok := body.(string); ok {
		sent = bytes.NewBufferString(raw)
	} else if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			r.Fatal(err)
		}
		sent = bytes.NewReader(raw)
	}
	if path[0] == '/' {
		path = r.Server.URL + path
	}
	request, err := http.NewRequestWithContext(r.Context(), method, path, sent)
	if err != nil {
		r.Fatal(err)
	}
	for _, c := range change {
		c(request)
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		return answered{err: err}
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, mostRead))
	got := answered{status: response.StatusCode, header: response.Header, raw: raw, err: err}
	json.Unmarshal(raw, &got.object) //nolint:errcheck // images are not JSON; tests look at the object only where there is one
	return got
}

func withBFLKey(r *http.Request)    { r.Header.Set("x-key", bflKey) }
func withOpenAIKey(r *http.Request) { r.Header.Set("Authorization", "Bearer "+openaiKey) }

func (r rig) submitBFL(body object) answered {
	r.Helper()
	return r.do(http.MethodPost, "/bfl/v1/flux-2-pro", body, withBFLKey)
}

func (r rig) poll(id string) answered {
	r.Helper()
	return r.do(http.MethodGet, "/bfl/v1/get_result?id="+id, nil, withBFLKey)
}

// pollUntilFinal polls until the job is no longer pending.
func (r rig) pollUntilFinal(id string) object {
	r.Helper()
	for range 500 {
		if got := r.poll(id); got.object["status"] != "Pending" {
			return got.object
		}
		time.Sleep(2 * time.Millisecond)
	}
	r.Fatalf("job %s is still pending after 500 polls", id)
	return nil
}

// sampleOf makes a BFL job and returns its id and link.
func (r rig) sampleOf(body object) (id, link string) {
	r.Helper()
	got := r.submitBFL(body)
	if got.status != http.StatusOK {
		r.Fatalf("submit: %d %s, want 200", got.status, got.raw)
	}
	id = got.object["id"].(string)
	return id, linkIn(r.pollUntilFinal(id))
}

func linkIn(report object) string {
	result, _ := report["result"].(map[string]any)
	link, _ := result["sample"].(string)
	return link
}

func (r rig) generate(body object) answered {
	r.Helper()
	if _, has := body["model"]; !has {
		body["model"] = "gpt-image-2"
	}
	return r.do(http.MethodPost, "/openai/v1/images/generations", body, withOpenAIKey)
}

// counts returns how many calls of each kind the simulator saw for a prompt.
func (r rig) counts(prompt string) Calls {
	r.Helper()
	found, err := r.Calls(r.Context(), Filter{Prompt: prompt})
	if err != nil {
		r.Fatal(err)
	}
	return found
}

// waitForWebhooks waits until as many webhooks as wanted are on record for a prompt, answered or not.
func (r rig) waitForWebhooks(prompt string, want int) []Call {
	r.Helper()
	for range 1000 {
		found, err := r.Calls(r.Context(), Filter{Prompt: prompt, Operation: WebhookEvent})
		if err != nil {
			r.Fatal(err)
		}
		if len(found.Calls) >= want {
			return found.Calls
		}
		time.Sleep(2 * time.Millisecond)
	}
	r.Fatalf("fewer than %d webhooks for %q within 2 s", want, prompt)
	return nil
}

// decodes checks that bytes are a whole image and returns its format and size.
func decodes(t *testing.T, raw []byte) (format string, size image.Point) {
	t.Helper()
	img, format, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("image of %d bytes does not decode: %v", len(raw), err)
	}
	return format, img.Bounds().Size()
}

// receiver takes webhooks. answer chooses the status by the number of the delivery, from 1.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	got  []delivered
	Come chan delivered
}

type delivered struct {
	path   string
	header http.Header
	raw    []byte
	object object
}

func newReceiver(t *testing.T, answer func(n int) int) *receiver {
	rec := &receiver{Come: make(chan delivered, 100)}
	rec.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		d := delivered{path: r.URL.Path, header: r.Header, raw: raw}
		json.Unmarshal(raw, &d.object) //nolint:errcheck // the tests look at the fields
		rec.mu.Lock()
		rec.got = append(rec.got, d)
		n := len(rec.got)
		rec.mu.Unlock()
		w.WriteHeader(answer(n))
		rec.Come <- d
	}))
	t.Cleanup(rec.Close)
	return rec
}

func taken(int) int { return http.StatusOK }

// next waits for a delivery.
func (rec *receiver) next(t *testing.T) delivered {
	t.Helper()
	select {
	case d := <-rec.Come:
		return d
	case <-time.After(5 * time.Second):
		t.Fatal("no webhook came within 5 s")
		return delivered{}
	}
}

func (rec *receiver) count() int {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return len(rec.got)
}
