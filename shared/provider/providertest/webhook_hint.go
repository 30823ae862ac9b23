package providertest

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"darkroom/shared/provider"
)

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
		job, deliveries := b.deliveries("", 1)
		came := deliveries[0]
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
		_, came := b.deliveries("webhook=bad_signature", 1)
		if _, err := b.driver.ReadWebhook(came[0].header, came[0].body, []string{secret}, now); !errors.Is(err, provider.ErrBadSignature) {
			t.Errorf("error = %v, want ErrBadSignature", err)
		}
	})
}
