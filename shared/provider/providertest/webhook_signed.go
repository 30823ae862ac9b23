package providertest

import (
	"bytes"
	"errors"
	"net/http"
	"testing"
	"time"

	"darkroom/shared/provider"
)

// testSigned checks deliveries that prove their own body, so that what they report counts.
func testSigned(t *testing.T, subject Subject) {
	t.Run("SuccessSettlesWithoutAPoll", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		job, came := b.deliveries("", 1)
		event, err := b.read(came[0], time.Now())
		if err != nil || !event.Signed || event.JobID != job.ID || event.Report == nil || event.Report.State != provider.Succeeded {
			t.Fatalf("event = %+v, %v; want a signed success of job %s", event, err, job.ID)
		}
		if _, err := b.fetcher.Fetch(t.Context(), subject.Name, event.Report.Output.URL, 64<<20); err != nil {
			t.Errorf("fetch: %v", err)
		}
	})
	for _, test := range []struct {
		rule, faults string
		want         provider.Class
	}{
		{"PictureRefusedIsModerated", "moderate_output", provider.Moderated},
		{"JobThatFailsIsJobFailed", "job_error", provider.JobFailed},
		{"SuccessWithoutImageIsJobFailed", "empty", provider.JobFailed},
	} {
		t.Run(test.rule, func(t *testing.T) {
			b := newBench(t, subject, rightKey)
			job, came := b.deliveries(test.faults, 1)
			event, err := b.read(came[0], time.Now())
			if err != nil || event.JobID != job.ID {
				t.Fatalf("event = %+v, %v; want job %s", event, err, job.ID)
			}
			// A driver may leave the verdict to a poll when the body does not tell enough.
			if event.Report != nil && (event.Report.State != provider.Failed || event.Report.Err.Class != test.want) {
				t.Errorf("report = %+v, want a failure of class %q or none", event.Report, test.want)
			}
		})
	}
	t.Run("TheSenderMustBeProven", func(t *testing.T) { testForgeries(t, subject) })
}

// testForgeries changes a good delivery in every way that a stranger could.
func testForgeries(t *testing.T, subject Subject) {
	b := newBench(t, subject, rightKey)
	_, came := b.deliveries("", 1)
	_, another := b.deliveries("", 1)
	good, now := came[0], time.Now()
	if _, err := b.read(good, now); err != nil {
		t.Fatalf("the delivery itself: %v", err)
	}
	for rule, body := range map[string][]byte{
		"changed body":            bytes.Replace(good.body, []byte("http"), []byte("HTTP"), 1),
		"space after the body":    append(bytes.Clone(good.body), ' '),
		"another delivery's body": another[0].body,
		"no body":                 nil,
	} {
		b.wantRefused(rule, delivery{good.header, body}, now)
	}
	b.wantRefused("no header", delivery{http.Header{}, good.body}, now)
	b.wantRefused("another delivery's header", delivery{another[0].header, good.body}, now)
	proofs := 0
	for name := range good.header {
		if !bytes.Contains(bytes.ToLower([]byte(name)), []byte("webhook")) {
			continue // the usual headers of HTTP prove nothing
		}
		proofs++
		without := good.header.Clone()
		without.Del(name)
		b.wantRefused("without "+name, delivery{without, good.body}, now)
		spaced := good.header.Clone()
		spaced.Set(name, good.header.Get(name)[1:])
		b.wantRefused("with a cut "+name, delivery{spaced, good.body}, now)
	}
	if proofs == 0 {
		t.Errorf("none of the headers %v is one of webhooks: no proof was tried without one", good.header)
	}
	if subject.WebhookSecret == "" {
		return // no secret of ours decides
	}
	for rule, secrets := range map[string][]string{
		"another secret": {otherSecret}, "no secret": nil, "empty secret": {""}, "secret that is none": {"whsec_", "whsec_*", "hush"},
	} {
		if event, err := b.driver.ReadWebhook(good.header, good.body, secrets, now); !errors.Is(err, provider.ErrBadSignature) {
			t.Errorf("%s: event = %+v, %v; want ErrBadSignature", rule, event, err)
		}
	}
}
