package providertest

import (
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

// wantAbout checks that a delivery is taken as one about a job, and returns what it says. One that does not prove its own body is
// only a hint to poll, and so does no harm however often, late or disordered it comes.
func (b bench) wantAbout(rule string, job provider.Job, came delivery, now time.Time) provider.Event {
	b.Helper()
	event, err := b.read(came, now)
	if err != nil || event.JobID != job.ID || event.Signed != b.subject.Signed {
		b.Errorf("%s: event = %+v, %v; want one about job %s, signed: %t", rule, event, err, job.ID, b.subject.Signed)
	}
	if !b.subject.Signed && event.Report != nil {
		b.Errorf("%s: report = %+v, want none of an unproven body", rule, event.Report)
	}
	return event
}

// testWebhooks checks who is believed, and that nothing follows from when and how often a delivery comes. A driver that reads no
// webhooks has nobody to believe.
func testWebhooks(t *testing.T, subject Subject) {
	b := newBench(t, subject, rightKey)
	if !b.driver.CanReadWebhook() {
		b.wantRefused("no webhooks at all", delivery{http.Header{}, []byte("{}")}, time.Now())
		return
	}
	t.Run("TheJobIsFoundByPollingToo", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		job, came := b.deliveries("", 1)
		b.wantAbout("as it came", job, came[0], time.Now())
		if report := b.pollUntilFinal(job); report.State != provider.Succeeded {
			t.Errorf("report = %+v, want success: a webhook must not be the only way to the result", report)
		}
	})
	t.Run("SignedWithAnotherKeyItIsRefused", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		_, came := b.deliveries("webhook=bad_signature", 1)
		b.wantRefused("another key", came[0], time.Now())
	})
	t.Run("ReplayedItSaysTheSameWhileItsProofLasts", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		job, came := b.deliveries("", 1)
		now := time.Now()
		first := b.wantAbout("as it came", job, came[0], now)
		for _, again := range []struct {
			rule  string
			after time.Duration
			fresh bool
		}{
			{"replayed", tolerance / 2, true},
			{"too old", tolerance + time.Minute, false},
			{"from the future", -tolerance - time.Minute, false},
		} {
			if subject.Signed && !again.fresh {
				b.wantRefused(again.rule, came[0], now.Add(again.after))
				continue
			}
			if event := b.wantAbout(again.rule, job, came[0], now.Add(again.after)); !reflect.DeepEqual(first, event) {
				t.Errorf("%s: %+v, want %+v: the task's own condition keeps out the second effect", again.rule, event, first)
			}
		}
	})
	t.Run("DoubledItSaysTheSameTwice", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		job, came := b.deliveries("webhook=double", 2)
		one, two := b.wantAbout("first", job, came[0], time.Now()), b.wantAbout("second", job, came[1], time.Now())
		if !reflect.DeepEqual(one, two) {
			t.Errorf("%+v and %+v, want the same event twice", one, two)
		}
	})
	t.Run("ReorderedEachKeepsItsOwnJobAndReport", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		first, early := b.deliveries("", 1)
		second, late := b.deliveries("job_error", 1)
		for _, next := range []struct {
			rule string
			job  provider.Job
			came delivery
			want provider.ReportState
		}{
			{"the later one first", second, late[0], provider.Failed},
			{"the earlier one after it", first, early[0], provider.Succeeded},
			{"the later one again", second, late[0], provider.Failed},
		} {
			event := b.wantAbout(next.rule, next.job, next.came, time.Now())
			if subject.Signed && (event.Report == nil || event.Report.State != next.want) {
				t.Errorf("%s: report = %+v, want state %v", next.rule, event.Report, next.want)
			}
		}
	})
	if subject.Signed {
		testSigned(t, subject)
	} else {
		testHints(t, subject)
	}
}
