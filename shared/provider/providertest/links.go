package providertest

import (
	"context"
	"errors"
	"testing"
	"time"

	"darkroom/shared/provider"
)

// testLinks checks the errors of a fetch, which the workflow tells apart.
func testLinks(t *testing.T, subject Subject) {
	link := func(b bench, faults string) (provider.Job, string) {
		b.Helper()
		job := *b.submit(faults).Job
		report := b.pollUntilFinal(job)
		if report.Output == nil {
			b.Fatalf("report = %+v, want a link", report)
		}
		return job, report.Output.URL
	}
	t.Run("DeadLinkIsGoneAndTheNextReportHasAFreshOne", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		job, dead := link(b, "dead_link")
		if _, err := b.fetcher.Fetch(t.Context(), subject.Name, dead, 64<<20); !errors.Is(err, provider.ErrGone) {
			t.Fatalf("fetch: %v, want ErrGone", err)
		}
		if _, err := b.fetcher.Fetch(t.Context(), subject.Name, b.pollUntilFinal(job).Output.URL, 64<<20); err != nil {
			t.Errorf("fetch of the fresh link: %v", err)
		}
	})
	t.Run("OversizeIsTooLarge", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		_, big := link(b, "oversize=2")
		if _, err := b.fetcher.Fetch(t.Context(), subject.Name, big, 1<<20); !errors.Is(err, provider.ErrTooLarge) {
			t.Errorf("fetch: %v, want ErrTooLarge", err)
		}
	})
	t.Run("SlowBodyEndsAtTheFetchersTimeout", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		_, slow := link(b, "slow_body=600000")
		b.fetcher.Timeout = 100 * time.Millisecond
		_, err := b.fetcher.Fetch(t.Context(), subject.Name, slow, 64<<20)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("fetch: %v, want a deadline", err)
		}
		wantPassing(t, err)
	})
	t.Run("BodyCutInTheMiddleMayPass", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		_, half := link(b, "cut=fetch:1")
		raw, err := b.fetcher.Fetch(t.Context(), subject.Name, half, 64<<20)
		wantPassing(t, err)
		if len(raw) > 0 {
			t.Errorf("%d bytes of half an image", len(raw))
		}
		if raw, err = b.fetcher.Fetch(t.Context(), subject.Name, half, 64<<20); err != nil || !isImage(raw) {
			t.Errorf("second fetch: %d bytes, %v; want the image", len(raw), err)
		}
	})
	t.Run("RedirectToAnotherHostIsForbidden", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		_, away := link(b, "redirect=fetch")
		if _, err := b.fetcher.Fetch(t.Context(), subject.Name, away, 64<<20); !errors.Is(err, provider.ErrForbiddenURL) {
			t.Errorf("fetch: %v, want ErrForbiddenURL", err)
		}
		b.wantNoStrays()
	})
	t.Run("RedirectsWithinTheHostsAreFollowedThreeTimes", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		if out := b.image("redirect=hop:3"); !isImage(out.Data) {
			t.Errorf("%d bytes, want an image", len(out.Data))
		}
		_, far := link(b, "redirect=hop:4")
		if _, err := b.fetcher.Fetch(t.Context(), subject.Name, far, 64<<20); !errors.Is(err, provider.ErrForbiddenURL) {
			t.Errorf("fetch: %v, want ErrForbiddenURL", err)
		}
	})
	t.Run("LinkOfAnotherHostIsForbidden", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		if _, err := b.fetcher.Fetch(t.Context(), subject.Name, "https://example.com/x.png", 1<<20); !errors.Is(err, provider.ErrForbiddenURL) {
			t.Errorf("fetch: %v, want ErrForbiddenURL", err)
		}
	})
}

// wantPassing checks that an error of a fetch is one after which the fetch is tried again.
func wantPassing(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Error("no error, want one that may pass")
	}
	for _, final := range []error{provider.ErrGone, provider.ErrTooLarge, provider.ErrForbiddenURL} {
		if errors.Is(err, final) {
			t.Errorf("fetch: %v, want an error that may pass", err)
		}
	}
}
