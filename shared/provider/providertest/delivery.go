package providertest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"darkroom/shared/provider"
)

// secret is what a call brings for its webhook.
const secret = "whsec-conformance-suite"

// delivery is a webhook as it came.
type delivery struct {
	header http.Header
	body   []byte
}

// deliveries submits a call with a webhook and returns the job and its first deliveries, as many as wanted.
func (b bench) deliveries(faults string, want int) (provider.Job, []delivery) {
	b.Helper()
	came := make(chan delivery, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			came <- delivery{r.Header, body}
		}
	}))
	b.Cleanup(receiver.Close)
	call := b.call(faults)
	call.Webhook = &provider.Webhook{URL: receiver.URL + "/webhooks/token", Secret: secret}
	made, err := b.driver.Submit(b.Context(), call)
	if err != nil {
		b.Fatalf("submit: %v", err)
	}
	var got []delivery
	for range want {
		select {
		case one := <-came:
			got = append(got, one)
		case <-time.After(30 * time.Second):
			b.Fatalf("%d webhooks came, want %d", len(got), want)
		}
	}
	return *made.Job, got
}
