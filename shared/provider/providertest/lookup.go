package providertest

import (
	"errors"
	"testing"
	"time"

	"darkroom/local/simulator"
	"darkroom/shared/provider"
)

// testLookup checks that a submit whose answer was lost is found by its marker, exactly.
func testLookup(t *testing.T, subject Subject) {
	since := time.Now()
	if b := newBench(t, subject, rightKey); !b.driver.CanLookup() {
		if _, err := b.driver.Lookup(t.Context(), "any", since); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("error = %v, want ErrUnsupported", err)
		}
		return
	}
	// lose submits a call whose answer is lost. The marker also ends the webhook's address, as the workflow makes it.
	lose := func(b bench, marker, faults string) {
		b.Helper()
		call := b.call(faults)
		call.Marker = marker
		call.Webhook = &provider.Webhook{URL: "http://127.0.0.1:9/webhooks/" + subject.Name + "/" + marker, Secret: secret}
		_, err := b.driver.Submit(b.Context(), call)
		b.wantClass(err, provider.Ambiguous)
	}
	// accepted is the one job that the simulator runs for this test.
	accepted := func(b bench) string {
		b.Helper()
		jobs, err := b.control.Jobs(b.Context(), simulator.Filter{Prompt: b.Name()})
		if err != nil || len(jobs) != 1 {
			b.Fatalf("jobs = %+v, %v; want one", jobs, err)
		}
		return jobs[0].ID
	}
	wantNone := func(b bench, rule, marker string, since time.Time) {
		b.Helper()
		if job, err := b.driver.Lookup(b.Context(), marker, since); err != nil || job != nil {
			b.Errorf("%s: job = %+v, %v; want none", rule, job, err)
		}
	}
	t.Run("FoundWhileItRunsAndAfter", func(t *testing.T) {
		for _, faults := range []string{"reset " + longJob, "reset", "cut=submit:1"} {
			b := newBench(t, subject, rightKey)
			lose(b, marker, faults)
			job, err := b.driver.Lookup(t.Context(), marker, since)
			if err != nil || job == nil || job.ID != accepted(b) {
				t.Fatalf("%s: job = %+v, %v; want %s", faults, job, err, accepted(b))
			}
			report, err := b.driver.Poll(t.Context(), *job)
			if err != nil || report.State == provider.Failed {
				t.Errorf("%s: report = %+v, %v; want running or success: what was found can be polled", faults, report, err)
			}
			if seen := b.calls(simulator.Submit); seen.Accepted != 1 {
				t.Errorf("%s: the provider ran %d submits, want 1: a look-up starts nothing", faults, seen.Accepted)
			}
		}
	})
	t.Run("NotFoundWhenNothingWasAccepted", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		lose(b, marker, "refuse")
		wantNone(b, "refused", marker, since)
	})
	t.Run("NotFoundByAnotherMarkerOrTime", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		lose(b, "k1.account.task.11.mac", "reset")
		wantNone(b, "the beginning of it", "k1.account.task.1", since)
		wantNone(b, "another attempt", "k1.account.task.1.mac", since)
		wantNone(b, "longer", "k1.account.task.11.mac2", since)
		wantNone(b, "no marker", "", since)
		wantNone(b, "before the attempt began", "k1.account.task.11.mac", time.Now().Add(time.Hour))
	})
	t.Run("WithWrongKeyItIsDown", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		stranger := provider.New(subject.New(provider.FixedKey("sk-unknown"), b.address), provider.Settings{})
		_, err := stranger.Lookup(t.Context(), "any", since)
		b.wantClass(err, provider.Down)
	})
}
