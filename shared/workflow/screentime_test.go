package workflow_test

import (
	"context"
	"testing"
	"time"

	"darkroom/shared/moderation"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/upload"
	"darkroom/shared/workflow/simtest"
)

// Whoever makes an input slow to open must not get the prompt past its screen.
func TestPreparingLeavesTimeForTheScreen(t *testing.T) {
	t.Parallel()
	w, d := newDrawer()
	var prepared, checked time.Duration
	c := &critic{inputs: func(ctx context.Context, _ int) (moderation.Verdict, error) {
		end, _ := ctx.Deadline()
		checked = time.Until(end)
		return moderation.Verdict{}, nil
	}}
	w.Submitter.Screening.Screen = c
	w.Submitter.Inputs = limited{d, &prepared}
	w.Submitter.CallLimit = 20 * time.Second
	created, err := w.Creator.Create(ctx, simtest.Alice, "", edit(d.ready(t, w, upload.Source, drawing(t, 64, 64))))
	if err != nil {
		t.Fatal(err)
	}
	w.Drain()
	if got := w.Task(t, created.Tasks[0]); got.State != task.Completed || prepared <= 0 || prepared > 14*time.Second || checked < 6*time.Second {
		t.Errorf("it is %s; of 20 s preparing may take %s, and the screen had %s; want at most two thirds, and at least two thirds of what is left", got.State, prepared, checked)
	}
}

// limited tells what time a read has.
type limited struct {
	*drawer
	left *time.Duration
}

func (l limited) GetSame(ctx context.Context, key, etag string, limit int64) ([]byte, error) {
	end, _ := ctx.Deadline()
	*l.left = time.Until(end)
	return l.drawer.GetSame(ctx, key, etag, limit)
}

// A screen that hangs may have two thirds of what a step has left, and no more.
func TestAScreenThatHangsLeavesTimeForTheCall(t *testing.T) {
	t.Parallel()
	w := screened(&critic{inputs: func(ctx context.Context, _ int) (moderation.Verdict, error) {
		<-ctx.Done()
		return moderation.Verdict{}, &provider.Error{Class: provider.TransientRead, Message: "no", Err: ctx.Err()}
	}}, true)
	w.Submitter.CallLimit = 400 * time.Millisecond
	if got := until(t, w, w.Create(t, simtest.JobModel)); got.State != task.Completed || got.Att != 1 || calls(w) != 1 {
		t.Errorf("it is %s in attempt %d after %d provider calls", got.State, got.Att, calls(w))
	}
}
