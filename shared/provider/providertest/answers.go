package providertest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"darkroom/local/simulator"
	"darkroom/shared/provider"
)

// testAnswers checks what a driver makes of the bytes in a synchronous answer, beyond the failures of testImages.
func testAnswers(t *testing.T, subject Subject) {
	// The picture is judged before it is stored, once for all providers. What no driver may do is to lose a paid answer over
	// it, or to name a type that a browser runs.
	for _, test := range []struct{ rule, faults, is string }{
		{"CutPictureIsPassedOn", "truncate", "image/"},
		{"PictureOfAbsurdSizeIsPassedOn", "bomb", "image/png"},
		{"PageInPlaceOfAPictureIsNotCalledHTML", "wrong_type", "text/html"},
		{"AnswerOfManyMegabytesIsRead", "oversize=8", "image/"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			b := newBench(t, subject, rightKey)
			out := b.submit(test.faults).Output
			if kind := http.DetectContentType(out.Data); !strings.HasPrefix(kind, test.is) {
				t.Errorf("%d bytes of %s, want %s as ordered", len(out.Data), kind, test.is)
			}
			if strings.HasPrefix(out.ContentType, "text/") || strings.HasSuffix(out.ContentType, "xml") {
				t.Errorf("content type = %s, want none that a browser runs", out.ContentType)
			}
		})
	}
	t.Run("SlowAnswerIsWaitedFor", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		if out := b.submit("delay=30 slow_body=30").Output; !isImage(out.Data) {
			t.Errorf("%d bytes, want an image", len(out.Data))
		}
	})
	t.Run("TokensAreReported", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		if used := b.submit("").Usage; used.InputTokens <= 0 || used.OutputTokens <= 0 {
			t.Errorf("usage = %+v, want tokens in and out", used)
		}
	})
	t.Run("AnswerCutInTheMiddleIsNoSuccess", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		go func() {
			for {
				seen, err := b.control.Calls(t.Context(), simulator.Filter{Prompt: t.Name(), Operation: simulator.Submit})
				if err != nil {
					return
				}
				if len(seen.Calls) == 1 && len(seen.Calls[0].Faults) == 1 { // the body has begun
					b.server.Close()
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
		}()
		_, err := b.driver.Submit(t.Context(), b.call("slow_body=600000"))
		if class := provider.ClassOf(err); class != provider.Ambiguous && class != provider.JobFailed {
			t.Errorf("class = %q (%v), want ambiguous, or job_failed when it is seen that the answer was begun", class, err)
		}
	})
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
}
