package openai_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"darkroom/shared/moderation"
	"darkroom/shared/provider"
)

// numbered are images whose content is their number, as base64: "AAAA" for the first, then "BBBB".
func numbered(count int) (images []moderation.Image) {
	for i := range count {
		raw, err := base64.StdEncoding.DecodeString(strings.Repeat(string(rune('A'+i)), 4))
		if err != nil {
			panic(err)
		}
		images = append(images, moderation.Image{ContentType: "image/png", Data: raw})
	}
	return images
}

// about answers each image as its letter says; others are harmless.
func about(answers map[string]http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		for letter, answer := range answers {
			if bytes.Contains(body, []byte(strings.Repeat(letter, 4))) {
				answer(w, r)
				return
			}
		}
		says(200, answerOf(`{"flagged":false}`))(w, r)
	}
}

// Whoever adds an image that cannot be read, or one for which the endpoint fails, gets no other image past it.
func TestNoImageHidesAnother(t *testing.T) {
	unreadable, broken, busy, flagged := says(400, `{"error":{"code":"invalid_image"}}`), says(500, ``), says(429, ``), says(200, answerOf(`{"flagged":true}`))
	for name, c := range map[string]struct {
		answers map[string]http.HandlerFunc
		flagged bool
		class   provider.Class
	}{
		"flagged behind an unreadable one": {map[string]http.HandlerFunc{"A": unreadable, "P": flagged}, true, ""},
		"flagged behind a broken one":      {map[string]http.HandlerFunc{"A": broken, "P": flagged}, true, ""},
		"unreadable behind a broken one":   {map[string]http.HandlerFunc{"A": broken, "P": unreadable}, false, provider.Rejected},
		"busy behind a broken one":         {map[string]http.HandlerFunc{"A": broken, "P": busy}, false, provider.Throttled},
		"one that is broken":               {map[string]http.HandlerFunc{"H": broken}, false, provider.TransientRead},
		"none":                             {nil, false, ""},
	} {
		e := newEndpoint(t, about(c.answers))
		verdict, err := e.Check(t.Context(), moderation.Content{Prompt: "a fox", Images: numbered(16)})
		if verdict.Flagged != c.flagged || provider.ClassOf(err) != c.class || !c.flagged && e.asked() != 17 {
			t.Errorf("%s: %+v, %v after %d requests; want flagged %t, class %q", name, verdict, err, e.asked(), c.flagged, c.class)
		}
	}
}

func TestImagesAreLookedAtSideBySideAndNotAllAtOnce(t *testing.T) {
	var now, most atomic.Int32
	four := make(chan struct{})
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if n == 4 {
			select {
			case <-four:
			default:
				close(four)
			}
		}
		<-four
		says(200, answerOf(`{"flagged":false}`))(w, r)
	})
	if _, err := e.Check(t.Context(), moderation.Content{Images: numbered(16)}); err != nil || most.Load() != 4 {
		t.Errorf("%v with %d at once, want 4", err, most.Load())
	}
}

// A time-out of four images is the endpoint's. That the time is too short for sixteen may be the doing of whoever sent them.
func TestTooManyImagesForTheTimeCountAsTooMany(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	hangs := func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-over:
		}
	}
	for count, want := range map[int]provider.Class{4: provider.TransientRead, 16: provider.Throttled} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := newEndpoint(t, hangs).Check(ctx, moderation.Content{Images: numbered(count)}); provider.ClassOf(err) != want {
			t.Errorf("%d images: %v, want class %s", count, err, want)
		}
	}
}
