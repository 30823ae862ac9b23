package workflow_test

import (
	"regexp"
	"slices"
	"testing"

	"darkroom/shared/workflow/simtest"
)

// Every value of a dimension is a metric of its own, which costs and stays for months. People's sentences would make one for each.
func TestMetricsAreToldApartByWordsAndNeverByWhatSomebodyWrote(t *testing.T) {
	t.Parallel()
	w, made, _ := running(t)
	if _, err := w.Operators.Release(ctx, simtest.Alice, made.ID, "olga@example.com", "Stuck since Monday: #4711"); err != nil {
		t.Fatal(err)
	}
	if codes := w.Counts.Dimensions()["Code"]; !slices.Equal(codes, []string{"released"}) {
		t.Errorf("the failure is counted under %q, want released", codes)
	}
	word := regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)
	for name, values := range w.Counts.Dimensions() {
		for _, value := range values {
			if !word.MatchString(value) {
				t.Errorf("%s has the value %q", name, value)
			}
		}
	}
}
