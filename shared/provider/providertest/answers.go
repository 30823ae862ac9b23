package providertest

import (
	"context"
	"testing"
	"time"

	"darkroom/local/simulator"
	"darkroom/shared/provider"
)

// testAnswers checks the failures of a synchronous answer, which other providers report about a job.
func testAnswers(t *testing.T, subject Subject) {
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
	t.Run("TokensAreReported", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		if used := b.submit("").Usage; used.InputTokens <= 0 || used.OutputTokens <= 0 {
			t.Errorf("usage = %+v, want tokens in and out", used)
		}
	})
}
