package simulator

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestGeminiSaysFaultsInItsOwnWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		faults   string
		want     []int
		body     string // part of the first answer's
		accepted int
	}{
		{"down=401:1", []int{400, 200}, `"API_KEY_INVALID"`, 1},
		{"down=402:1", []int{400, 200}, `"FAILED_PRECONDITION"`, 1},
		{"down=403:1", []int{403, 200}, `"PERMISSION_DENIED"`, 1},
		{"down=404:1", []int{404, 200}, `"NOT_FOUND"`, 1},
		{"redirect=submit:1", []int{404, 200}, "Nobody should", 1},
		{"cut=submit:1", []int{200, 200}, `"candidates"`, 2},
		{"refuse", []int{0, 200}, "", 1},
		{"throttle retry_after=7", []int{429, 200}, `"retryDelay":"7s"`, 1},
		{"error500", []int{500, 200}, `"INTERNAL"`, 1},
		{"reset", []int{0, 200}, "", 2},
		{"job_error", []int{500, 200}, `"INTERNAL"`, 2},
		{"moderate_input", []int{200}, `"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}`, 0},
		{"moderate_output", []int{200}, `"finishReason":"IMAGE_SAFETY"`, 1},
		{"empty", []int{200}, `"finishReason":"NO_IMAGE"`, 1},
	} {
		t.Run(c.faults, func(t *testing.T) {
			t.Parallel()
			r := newGeminiRig(t)
			var first answered
			got := statuses(len(c.want), func() answered {
				a := r.peelSmall(prompt("trouble", c.faults))
				if first.status == 0 {
					first = a
				}
				return a
			})
			if !slices.Equal(got, c.want) || !strings.Contains(string(first.raw), c.body) {
				t.Errorf("%v %.300s, want %v with %s", got, first.raw, c.want, c.body)
			}
			if wait := first.header.Get("Retry-After"); wait != "" {
				t.Errorf("Retry-After %q, want it in the body only", wait)
			}
			if seen := r.counts("trouble"); seen.Accepted != c.accepted {
				t.Errorf("%d accepted, want %d", seen.Accepted, c.accepted)
			}
		})
	}
}

func TestGeminiProWithoutAnImageStillShowsItsSketch(t *testing.T) {
	t.Parallel()
	finish, parts := geminiParts(t, newGeminiRig(t).peel("gemini-3-pro-image", banana(nil, words(prompt("nothing", "empty")))))
	if finish != "STOP" || len(parts) != 2 || parts[1]["thought"] != true || geminiImage(t, parts[1]) == nil {
		t.Errorf("finished %s with %d parts, want STOP with a thought and a sketch", finish, len(parts))
	}
}

func TestGeminiSpoilsTheImageOnOrder(t *testing.T) {
	t.Parallel()
	r := newGeminiRig(t)
	for faults, is := range map[string]func(raw []byte) bool{
		"truncate": func(raw []byte) bool {
			return http.DetectContentType(raw) == "image/png" && !strings.Contains(string(raw), "IEND")
		},
		"wrong_type":   func(raw []byte) bool { return strings.HasPrefix(http.DetectContentType(raw), "text/html") },
		"lie_type":     func(raw []byte) bool { return http.DetectContentType(raw) == "image/jpeg" },
		"bomb":         func(raw []byte) bool { return len(raw) < 1000 && http.DetectContentType(raw) == "image/png" },
		"oversize=2":   func(raw []byte) bool { return len(raw) == 2<<20 },
		"slow_body=40": func(raw []byte) bool { return http.DetectContentType(raw) == "image/png" },
	} {
		_, parts := geminiParts(t, r.peelSmall(prompt("spoilt", faults)))
		if raw := geminiImage(t, parts[0]); !is(raw) {
			t.Errorf("%s: %d bytes of %s", faults, len(raw), http.DetectContentType(raw))
		}
	}
}
