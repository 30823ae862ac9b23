package providertest

import (
	"errors"
	"testing"

	"darkroom/local/simulator"
	"darkroom/shared/provider"
)

// longJob is a job that does not end by itself while the suite runs.
const longJob = "delay=600000"

// testCancel checks that a job can be stopped at any time, and that nothing but the job's own end follows from it.
func testCancel(t *testing.T, subject Subject) {
	if b := newBench(t, subject, rightKey); !b.driver.CanCancel() {
		if err := b.driver.Cancel(t.Context(), provider.Job{ID: "any"}); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("error = %v, want ErrUnsupported", err)
		}
		return
	}
	// wantStopped checks that a canceled job ends without an image. Whoever canceled it has settled the task already.
	wantStopped := func(b bench, job provider.Job) {
		b.Helper()
		if err := b.driver.Cancel(b.Context(), job); err != nil {
			b.Fatalf("cancel: %v", err)
		}
		report := b.pollUntilFinal(job)
		if report.State != provider.Failed || report.Err == nil || report.Err.Class != provider.JobFailed {
			b.Errorf("report = %+v, want a failure of class %q", report, provider.JobFailed)
		}
	}
	t.Run("BeforeItStartsItNeverRuns", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		wantStopped(b, *b.submit(longJob).Job)
	})
	t.Run("WhileItRunsItStops", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		job := *b.submit(longJob).Job
		for range 3 {
			if report, err := b.driver.Poll(t.Context(), job); err != nil || report.State != provider.Running {
				t.Fatalf("report = %+v, %v; want running", report, err)
			}
		}
		wantStopped(b, job)
	})
	t.Run("TwiceIsOnce", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		job := *b.submit(longJob).Job
		wantStopped(b, job)
		wantStopped(b, job)
	})
	t.Run("AfterTheEndTheResultStands", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		job := *b.submit("").Job
		b.pollUntilFinal(job)
		if err := b.driver.Cancel(t.Context(), job); err != nil {
			t.Errorf("cancel: %v, want none: there is nothing left to stop", err)
		}
		if report := b.pollUntilFinal(job); report.State != provider.Succeeded {
			t.Errorf("report = %+v, want the success as before", report)
		}
	})
	t.Run("WithoutHandleItFindsTheJob", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		wantStopped(b, provider.Job{ID: b.submit(longJob).Job.ID})
	})
	t.Run("WithWrongKeyItIsDown", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		job := *b.submit(longJob).Job
		stranger := provider.New(subject.New(provider.FixedKey("sk-unknown"), b.address), provider.Settings{})
		b.wantClass(stranger.Cancel(t.Context(), job), provider.Down)
		if report, err := b.driver.Poll(t.Context(), job); err != nil || report.State != provider.Running {
			t.Errorf("report = %+v, %v; want running: nobody with a right canceled it", report, err)
		}
		if seen := b.calls(simulator.Submit); seen.Accepted != 1 {
			t.Errorf("the provider ran %d submits, want 1", seen.Accepted)
		}
	})
}
