package providertest

import (
	"context"
	"errors"
	"testing"
	"time"

	"darkroom/local/simulator"
	"darkroom/shared/provider"
)

// pollUntilFinal polls until the job is no longer running.
func (b bench) pollUntilFinal(job provider.Job) provider.Report {
	b.Helper()
	for range 2000 {
		report, err := b.driver.Poll(b.Context(), job)
		if err != nil {
			b.Fatalf("poll: %v", err)
		}
		if report.State != provider.Running {
			return report
		}
		time.Sleep(2 * time.Millisecond)
	}
	b.Fatal("the job still runs after 2000 polls")
	return provider.Report{}
}

// testReports checks what is made of the provider's words about a job.
func testReports(t *testing.T, subject Subject) {
	for _, test := range []struct {
		rule, faults string
		want         provider.Class
	}{
		{"PromptRefusedIsModerated", "moderate_input", provider.Moderated},
		{"PictureRefusedIsModerated", "moderate_output", provider.Moderated},
		{"JobThatFailsIsJobFailed", "job_error", provider.JobFailed},
		{"SuccessWithoutImageIsJobFailed", "empty", provider.JobFailed},
	} {
		t.Run(test.rule, func(t *testing.T) {
			b := newBench(t, subject, rightKey)
			report := b.pollUntilFinal(*b.submit(test.faults).Job)
			if report.State != provider.Failed || report.Err == nil || report.Err.Class != test.want || report.Err.Message == "" {
				t.Errorf("report = %+v, want a failure of class %q with a message", report, test.want)
			}
		})
	}
	t.Run("RunningUntilItEnds", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		report, err := b.driver.Poll(t.Context(), *b.submit("delay=600000").Job)
		if err != nil || report.State != provider.Running {
			t.Errorf("report = %+v, %v; want running", report, err)
		}
	})
	t.Run("UnknownJobIsRunning", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		job := *b.submit("not_found").Job
		if report, err := b.driver.Poll(t.Context(), job); err != nil || report.State != provider.Running {
			t.Errorf("report = %+v, %v; want running: a young job may not be known everywhere yet", report, err)
		}
		if report := b.pollUntilFinal(job); report.State != provider.Succeeded {
			t.Errorf("report = %+v, want success in the end", report)
		}
	})
	t.Run("PollThatFailsTeachesNothing", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		_, err := b.driver.Poll(t.Context(), *b.submit("poll_error").Job)
		b.wantClass(err, provider.TransientRead)
	})
	t.Run("PollWithoutHandleFindsTheJob", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		if report := b.pollUntilFinal(provider.Job{ID: b.submit("").Job.ID}); report.State != provider.Succeeded {
			t.Errorf("report = %+v, want success", report)
		}
	})
	t.Run("PollWithWrongKeyIsDown", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		job := *b.submit("").Job
		stranger := provider.New(subject.New(provider.FixedKey("sk-unknown"), b.address), provider.Settings{})
		_, err := stranger.Poll(t.Context(), job)
		b.wantClass(err, provider.Down)
	})
}

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
		for _, other := range []error{provider.ErrGone, provider.ErrTooLarge, provider.ErrForbiddenURL} {
			if errors.Is(err, other) {
				t.Errorf("fetch: %v, want an error that may pass", err)
			}
		}
	})
	t.Run("LinkOfAnotherHostIsForbidden", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		if _, err := b.fetcher.Fetch(t.Context(), subject.Name, "https://example.com/x.png", 1<<20); !errors.Is(err, provider.ErrForbiddenURL) {
			t.Errorf("fetch: %v, want ErrForbiddenURL", err)
		}
	})
}

// testImages checks the failures of a synchronous answer, which other providers report about a job.
func testImages(t *testing.T, subject Subject) {
	withoutImage := subject.NoImage
	if withoutImage == "" {
		withoutImage = provider.Rejected
	}
	for _, test := range []struct {
		rule, faults string
		want         provider.Class
	}{
		{"PromptRefusedIsModerated", "moderate_input", provider.Moderated},
		{"PictureRefusedIsModerated", "moderate_output", provider.Moderated},
		{"WorkThatFailsIsAmbiguous", "job_error", provider.Ambiguous}, // a 500: it may have been paid for
		{"SuccessWithoutImageIsAFailure", "empty", withoutImage},
		{"OversizeAnswerIsJobFailed", "oversize=64", provider.JobFailed},
	} {
		t.Run(test.rule, func(t *testing.T) {
			b := newBench(t, subject, rightKey)
			_, err := b.driver.Submit(t.Context(), b.call(test.faults))
			b.wantClass(err, test.want)
		})
	}
	t.Run("BodyThatNeverEndsIsAmbiguous", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		go func() {
			for ctx.Err() == nil {
				seen, err := b.control.Calls(ctx, simulator.Filter{Prompt: t.Name(), Operation: simulator.Submit})
				if err == nil && len(seen.Calls) == 1 && len(seen.Calls[0].Faults) == 1 { // the body has begun
					leave()
				}
				time.Sleep(5 * time.Millisecond)
			}
		}()
		_, err := b.driver.Submit(ctx, b.call("slow_body=600000"))
		b.wantClass(err, provider.Ambiguous)
	})
	t.Run("FormatIsReadFromTheBytes", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		call := b.call("lie_type")
		call.Params.OutputFormat = "png"
		made, err := b.driver.Submit(t.Context(), call)
		if err != nil || made.Output.ContentType != "image/jpeg" {
			t.Errorf("output = %+v, %v; want image/jpeg", made.Output, err)
		}
	})
}
