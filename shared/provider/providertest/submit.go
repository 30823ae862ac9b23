package providertest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"darkroom/local/simulator"
	"darkroom/shared/provider"
)

func testSuccess(t *testing.T, subject Subject) {
	b := newBench(t, subject, rightKey)
	made := b.submit("")
	image, told := made.Output, made.Usage
	if subject.Jobs {
		if made.Job == nil || made.Output != nil {
			t.Fatalf("submission = %+v, want a job", made)
		}
		report := b.pollUntilFinal(*made.Job)
		if report.State != provider.Succeeded {
			t.Fatalf("report = %+v, want success", report)
		}
		raw, err := b.fetcher.Fetch(t.Context(), subject.Name, report.Output.URL, 64<<20)
		if err != nil {
			t.Fatalf("fetch: %v", err)
		}
		image = &provider.Output{Data: raw}
		if told == (provider.Usage{}) {
			told = report.Usage
		}
	}
	if image == nil || !isImage(image.Data) {
		t.Errorf("output = %v, want an image", image)
	}
	if told == (provider.Usage{}) {
		t.Error("neither the submit nor the end told any usage; every provider documents some")
	}
	if seen := b.calls(simulator.Submit); seen.Accepted != 1 || len(seen.Calls) != 1 {
		t.Errorf("the provider ran %d of %d submits, want 1 of 1: a driver never retries", seen.Accepted, len(seen.Calls))
	}
}

func isImage(raw []byte) bool {
	text := string(raw)
	return strings.HasPrefix(text, "\x89PNG") || strings.HasPrefix(text, "\xff\xd8\xff") || strings.HasPrefix(text, "RIFF")
}

// testRefusals checks the answers that say that nothing was executed.
func testRefusals(t *testing.T, subject Subject) {
	for _, test := range []struct {
		rule, faults string
		want         provider.Class
		retryAfter   time.Duration
	}{
		{"WrongKeyIsDown", "down=401", provider.Down, 0},
		{"NoBalanceIsDown", "down=402", provider.Down, 0},
		{"NoAccessIsDown", "down=403", provider.Down, 0},
		{"RetiredModelIsDown", "down=404", provider.Down, 0},
		{"RedirectIsDownAndNotFollowed", "redirect=submit", provider.Down, 0},
		{"ThrottledSaysWhenToComeBack", "throttle retry_after=7", provider.Throttled, 7 * time.Second},
		{"ServerErrorAfterTheBodyIsAmbiguous", "error500", provider.Ambiguous, 0},
		{"CallThatIsNotUnderstoodIsRejected", "no_such_fault", provider.Rejected, 0},
	} {
		t.Run(test.rule, func(t *testing.T) {
			b := newBench(t, subject, rightKey)
			_, err := b.driver.Submit(t.Context(), b.call(test.faults))
			b.wantClass(err, test.want)
			var failure *provider.Error
			if errors.As(err, &failure) && failure.RetryAfter != test.retryAfter {
				t.Errorf("RetryAfter = %v, want %v", failure.RetryAfter, test.retryAfter)
			}
			if failure == nil || failure.Message == "" {
				t.Errorf("error %v has no message for the user", err)
			}
			if err != nil && (strings.Contains(err.Error(), t.Name()) || strings.Contains(err.Error(), rightKey)) {
				t.Errorf("error %q holds the prompt or the key", err)
			}
			if seen := b.calls(simulator.Submit); seen.Accepted != 0 {
				t.Errorf("the provider ran %d submits, want none", seen.Accepted)
			}
			b.wantNoStrays()
		})
	}
	t.Run("SecondCallAfterAThrottleSucceeds", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		call := b.call("throttle=1")
		_, err := b.driver.Submit(t.Context(), call)
		b.wantClass(err, provider.Throttled)
		if _, err := b.driver.Submit(t.Context(), call); err != nil {
			t.Errorf("second submit: %v", err)
		}
		if seen := b.calls(simulator.Submit); seen.Accepted != 1 || len(seen.Calls) != 2 {
			t.Errorf("the provider ran %d of %d submits, want 1 of 2", seen.Accepted, len(seen.Calls))
		}
	})
	t.Run("UnsupportedModeIsRejectedUnsent", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		call := b.call("")
		call.Mode = "hologram"
		_, err := b.driver.Submit(t.Context(), call)
		b.wantClass(err, provider.Rejected)
		if seen := b.calls(""); len(seen.Calls) != 0 {
			t.Errorf("%d calls were made, want none", len(seen.Calls))
		}
	})
}

// testLostAnswers checks the cases in which nobody can know, and their opposites.
func testLostAnswers(t *testing.T, subject Subject) {
	tooLarge, tooLargeIs := "oversize_answer=submit", provider.Ambiguous
	if !subject.Jobs { // it is the image that is too large, so it is known that one was made
		tooLarge, tooLargeIs = "oversize=64", provider.JobFailed
	}
	for _, test := range []struct {
		rule, faults string
		want         provider.Class
	}{
		{"ConnectionCutAfterAcceptanceIsAmbiguous", "reset", provider.Ambiguous},
		{"AnswerCutInTheMiddleIsAmbiguous", "cut=submit", provider.Ambiguous},
		{"AnswerTooLargeIsNotTakenForNothing", tooLarge, tooLargeIs},
	} {
		t.Run(test.rule, func(t *testing.T) {
			b := newBench(t, subject, rightKey)
			_, err := b.driver.Submit(t.Context(), b.call(test.faults))
			b.wantClass(err, test.want)
			if seen := b.calls(simulator.Submit); seen.Accepted != 1 {
				t.Errorf("the provider ran %d submits, want 1", seen.Accepted)
			}
		})
	}
	// From here it looks the same as the case above: the whole request had gone out.
	t.Run("ConnectionCutAfterTheWholeRequestIsAmbiguous", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		_, err := b.driver.Submit(t.Context(), b.call("refuse"))
		b.wantClass(err, provider.Ambiguous)
	})
	t.Run("HangUntilTheDeadlineIsAmbiguous", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		ctx, leave := context.WithCancelCause(t.Context())
		defer leave(nil)
		go func() {
			for ctx.Err() == nil {
				seen, err := b.control.Calls(ctx, simulator.Filter{Prompt: t.Name(), Operation: simulator.Submit})
				if err == nil && seen.Accepted == 1 {
					leave(context.DeadlineExceeded)
				}
				time.Sleep(5 * time.Millisecond)
			}
		}()
		_, err := b.driver.Submit(ctx, b.call("hang"))
		b.wantClass(err, provider.Ambiguous)
	})
	t.Run("NobodyListeningIsTransient", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		b.submit("") // it has listened, so that closing frees the port
		b.server.Close()
		_, err := b.driver.Submit(t.Context(), b.call(""))
		b.wantClass(err, provider.Transient)
	})
	t.Run("DeadlineBeforeTheCallIsTransient", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := b.driver.Submit(ctx, b.call(""))
		b.wantClass(err, provider.Transient)
		if seen := b.calls(""); len(seen.Calls) != 0 {
			t.Errorf("%d calls were made, want none", len(seen.Calls))
		}
	})
}

func testKeys(t *testing.T, subject Subject) {
	t.Run("UnknownKeyIsDown", func(t *testing.T) {
		b := newBench(t, subject, "sk-unknown")
		_, err := b.driver.Submit(t.Context(), b.call(""))
		b.wantClass(err, provider.Down)
		if strings.Contains(err.Error(), "sk-unknown") {
			t.Errorf("error %q holds the key", err)
		}
	})
	t.Run("KeyThatCannotBeReadIsTransient", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		vault := func(context.Context) (string, error) { return "", errors.New("the vault is shut") }
		_, err := provider.New(subject.New(vault, b.address), provider.Settings{}).Submit(t.Context(), b.call(""))
		b.wantClass(err, provider.Transient)
	})
	t.Run("KeyGoesToTheAPIOnly", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		if made := b.submit(""); made.Job != nil {
			if report := b.pollUntilFinal(*made.Job); report.Output != nil {
				if _, err := b.fetcher.Fetch(t.Context(), subject.Name, report.Output.URL, 64<<20); err != nil {
					t.Errorf("fetch: %v", err)
				}
				// A handle that points to the delivery host must not carry the key there.
				b.driver.Poll(t.Context(), provider.Job{ID: made.Job.ID, Handle: report.Output.URL}) //nolint:errcheck // the record below tells
			}
		}
		for _, call := range b.calls("").Calls {
			if call.KeyLeaked {
				t.Errorf("a %s call showed the key to another host", call.Operation)
			}
		}
	})
}
