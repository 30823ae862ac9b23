package providertest

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"darkroom/shared/provider"
)

const secret = "whsec-conformance-suite"

// delivery is a webhook as it came.
type delivery struct {
	header http.Header
	body   []byte
}

// deliver submits a call with a webhook and returns the job and its delivery.
func (b bench) deliver(faults string) (provider.Job, delivery) {
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
	select {
	case got := <-came:
		return *made.Job, got
	case <-time.After(30 * time.Second):
		b.Fatal("no webhook came")
		return provider.Job{}, delivery{}
	}
}

// testWebhooks checks who is believed. A driver that reads no webhooks has nobody to believe.
func testWebhooks(t *testing.T, subject Subject) {
	b := newBench(t, subject, rightKey)
	now := time.Now()
	if !b.driver.CanReadWebhook() {
		if _, err := b.driver.ReadWebhook(http.Header{}, []byte("{}"), []string{secret}, now); !errors.Is(err, provider.ErrBadSignature) {
			t.Errorf("error = %v, want ErrBadSignature", err)
		}
		return
	}
	t.Run("WithTheSecretItNamesTheJob", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		job, came := b.deliver("")
		// A rotation leaves the old secret in the list for a while.
		event, err := b.driver.ReadWebhook(came.header, came.body, []string{"the-new-one", secret}, now)
		if err != nil || event.JobID != job.ID {
			t.Errorf("event = %+v, %v; want job %s", event, err, job.ID)
		}
		if report := b.pollUntilFinal(job); report.State != provider.Succeeded {
			t.Errorf("report = %+v, want success: a webhook must not be the only way to the result", report)
		}
		for name, wrong := range map[string]func() (http.Header, []byte, []string){
			"another secret": func() (http.Header, []byte, []string) { return came.header, came.body, []string{"another"} },
			"no secret":      func() (http.Header, []byte, []string) { return came.header, came.body, nil },
			"empty secret":   func() (http.Header, []byte, []string) { return came.header, came.body, []string{""} },
			"no header":      func() (http.Header, []byte, []string) { return http.Header{}, came.body, []string{secret} },
		} {
			header, body, secrets := wrong()
			if _, err := b.driver.ReadWebhook(header, body, secrets, now); !errors.Is(err, provider.ErrBadSignature) {
				t.Errorf("%s: error = %v, want ErrBadSignature", name, err)
			}
		}
	})
	t.Run("SignedWithAnotherSecretItIsRefused", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		_, came := b.deliver("webhook=bad_signature")
		if _, err := b.driver.ReadWebhook(came.header, came.body, []string{secret}, now); !errors.Is(err, provider.ErrBadSignature) {
			t.Errorf("error = %v, want ErrBadSignature", err)
		}
	})
}
