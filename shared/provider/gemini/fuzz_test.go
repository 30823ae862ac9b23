package gemini

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"darkroom/shared/provider"
)

// Whatever comes with status 200: an image, or a failure that says what it means, and a cost that is not negative.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no recorded answers: %v", err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		image, used, err := read(provider.Answer{Status: 200, Body: body}, "gemini-3-pro-image")
		var failure *provider.Error
		switch {
		case err == nil && len(image) == 0:
			t.Error("neither an image nor an error")
		case err != nil && (!errors.As(err, &failure) || (failure.Class != provider.Moderated && failure.Class != provider.JobFailed) || failure.Message == "" || image != nil):
			t.Errorf("image of %d bytes with %v, want a failure of class moderated or job_failed with a message", len(image), err)
		}
		if failure != nil {
			used = failure.Usage
		}
		if used.CostMicroUSD < 0 || used.InputTokens < 0 || used.OutputTokens < 0 {
			t.Errorf("usage = %+v, want none below zero", used)
		}
		if refused := createFailure(provider.Answer{Status: 429, Body: body}); refused.RetryAfter < 0 || refused.Message == "" {
			t.Errorf("refusal = %+v, want a message and no negative wait", refused)
		}
	})
}
