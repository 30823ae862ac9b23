package picture_test

import (
	"context"
	"errors"
	"image"
	"testing"

	"darkroom/shared/picture"
)

// A decoder has no context of its own.
func TestADecodeEndsWithItsContextForTheReasonOfThat(t *testing.T) {
	t.Parallel()
	why := errors.New("its time is up")
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	for _, as := range []string{"png", "jpeg", "webp"} {
		data := encoded(t, as, holed(60, 40))
		info := inspected(t, data)
		_, preview := picture.MakePreview(ended, data, info)
		_, prepared := picture.Prepare(ended, data, info, picture.Want{})
		for what, err := range map[string]error{"preview": preview, "input": prepared} {
			if !errors.Is(err, why) || errors.Is(err, picture.ErrUnusable) {
				t.Errorf("%s of %s: %v, want %v", what, as, err, why)
			}
		}
	}
	mask := encoded(t, "png", holed(60, 40))
	if _, err := picture.PrepareMask(ended, mask, inspected(t, mask), inspected(t, mask), picture.Prepared{Width: 60, Height: 40}, 0); !errors.Is(err, why) {
		t.Errorf("mask: %v, want %v", err, why)
	}
}

// stopping is a context that ends after it has been asked so often.
type stopping struct {
	context.Context
	left int
}

func (s *stopping) Err() error {
	if s.left--; s.left < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

func TestADecodeEndsInTheMiddleOfItsBytes(t *testing.T) {
	t.Parallel()
	for as, img := range map[string]image.Image{"png": noise(600, 400), "jpeg": noise(600, 400), "webp": painted(1500, 1000, 255)} {
		data := encoded(t, as, img)
		info := inspected(t, data)
		ctx := &stopping{Context: t.Context(), left: 3}
		if _, err := picture.MakePreview(ctx, data, info); err == nil || errors.Is(err, picture.ErrUnusable) || ctx.left > -2 {
			t.Errorf("%s: %v with %d left, want it stopped", as, err, ctx.left)
		}
	}
}
