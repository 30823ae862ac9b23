package providertest

import (
	"bytes"
	"errors"
	"net/http"
	"reflect"
	"testing"
	"time"

	"darkroom/shared/provider"
)

// otherSecret is a well-formed secret that nobody signs with.
const otherSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

// tolerance is how old or how far ahead a signed delivery may be.
const tolerance = 5 * time.Minute

// secrets are what a deployment knows: a rotation leaves the old secret beside the new one for a while.
func (s Subject) secrets() []string {
	if s.WebhookSecret != "" {
		return []string{otherSecret, s.WebhookSecret}
	}
	return []string{otherSecret, secret}
}

// read reads a delivery with the secrets of the deployment.
func (b bench) read(came delivery, now time.Time) (provider.Event, error) {
	return b.driver.ReadWebhook(came.header, came.body, b.subject.secrets(), now)
}

// wantRefused checks that a delivery has no effect at all, not even as a hint.
func (b bench) wantRefused(rule string, came delivery, now time.Time) {
	b.Helper()
	if event, err := b.read(came, now); !errors.Is(err, provider.ErrBadSignature) {
		b.Errorf("%s: event = %+v, %v; want ErrBadSignature", rule, event, err)
	}
}

// testSignedWebhooks checks who is believed, and what, where a delivery proves itself.
func testSignedWebhooks(t *testing.T, subject Subject) {
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
		if report := b.pollUntilFinal(job); report.State != provider.Succeeded {
			t.Errorf("report = %+v, want success: a webhook must not be the only way to the result", report)
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
	t.Run("SignedWithAnotherKeyItIsRefused", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		_, came := b.deliveries("webhook=bad_signature", 1)
		b.wantRefused("another key", came[0], time.Now())
	})
	t.Run("ReplayedItSaysTheSameUntilItIsTooOld", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		_, came := b.deliveries("", 1)
		now := time.Now()
		first, err := b.read(came[0], now)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := b.read(came[0], now.Add(tolerance/2)); err != nil || !reflect.DeepEqual(first, again) {
			t.Errorf("replayed: %+v, %v; want %+v: the task's own condition keeps out the second effect", again, err, first)
		}
		b.wantRefused("too old", came[0], now.Add(tolerance+time.Minute))
		b.wantRefused("from the future", came[0], now.Add(-tolerance-time.Minute))
	})
	t.Run("DoubledItSaysTheSameTwice", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		_, came := b.deliveries("webhook=double", 2)
		one, errOne := b.read(came[0], time.Now())
		two, errTwo := b.read(came[1], time.Now())
		if errOne != nil || errTwo != nil || !reflect.DeepEqual(one, two) {
			t.Errorf("%+v, %v and %+v, %v; want the same event twice", one, errOne, two, errTwo)
		}
	})
	t.Run("ReorderedEachKeepsItsOwnJobAndReport", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		first, early := b.deliveries("", 1)
		second, late := b.deliveries("job_error", 1)
		for _, next := range []struct {
			job  provider.Job
			came delivery
		}{{second, late[0]}, {first, early[0]}, {second, late[0]}} {
			if event, err := b.read(next.came, time.Now()); err != nil || event.JobID != next.job.ID {
				t.Errorf("event = %+v, %v; want job %s", event, err, next.job.ID)
			}
		}
	})
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
	for name := range good.header {
		if !bytes.Contains(bytes.ToLower([]byte(name)), []byte("webhook")) {
			continue // the usual headers of HTTP prove nothing
		}
		without := good.header.Clone()
		without.Del(name)
		b.wantRefused("without "+name, delivery{without, good.body}, now)
		spaced := good.header.Clone()
		spaced.Set(name, good.header.Get(name)[1:])
		b.wantRefused("with a cut "+name, delivery{spaced, good.body}, now)
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
