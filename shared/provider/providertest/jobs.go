package providertest

import (
	"testing"
	"time"

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
