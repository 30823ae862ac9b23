package workflow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/shared/moderation"
	"darkroom/shared/picture"
	"darkroom/shared/provider"
	"darkroom/shared/task"
)

// Screen looks at what goes to a provider and at what comes back. The error is a *provider.Error of class TransientRead, Throttled or Down: nothing is known
// of the content; or Rejected: the content itself cannot be looked at, however often it is asked about.
type Screen interface {
	Check(ctx context.Context, content moderation.Content) (moderation.Verdict, error)
}

// Screening is how the submit and the store step use a screen. The zero value checks nothing.
type Screening struct {
	Screen Screen // nil: nothing is checked
	Pass   bool   // what could not be checked, for a reason that no user can bring about, goes on; false: it is held back and tried again
}

// What is checked, in the log and in metrics.
const (
	screenedInput  = "input"
	screenedOutput = "output"
)

// screenLimit bounds a check. It also takes at most two thirds of the time that its step has left: when a screen hangs and content may pass, something of that
// must be left for the rest.
const screenLimit = 20 * time.Second

// reserve is what a step keeps of its time for its screen and what comes after that: 30 seconds, or a third of what it has. Fetching and decoding, which take as
// long as somebody else made them take, get the rest of it, and limit at most. why is the cause of their end.
func reserve(ctx context.Context, limit time.Duration, why error) (context.Context, context.CancelFunc) {
	if end, bounded := ctx.Deadline(); bounded {
		left := time.Until(end)
		limit = min(limit, left-min(screenLimit*3/2, left/3))
	}
	return context.WithTimeoutCause(ctx, limit, why)
}

var (
	errFlagged  = errors.New("flagged by moderation")
	errHeldBack = errors.New("held back: moderation did not answer")
	errUnseen   = fmt.Errorf("%w: moderation cannot look at it", picture.ErrUnusable)
)

// screen has content checked, again in every attempt and every try: what was said of it before is kept nowhere. The error is errFlagged, errUnseen,
// which is picture.ErrUnusable, or errHeldBack with its reason.
func (e *Engine) screen(ctx context.Context, t *task.Task, by Screening, what string, content moderation.Content) error {
	if by.Screen == nil {
		return nil
	}
	limit := screenLimit
	if end, bounded := ctx.Deadline(); bounded {
		limit = min(limit, time.Until(end)*2/3)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	verdict, err := by.Screen.Check(ctx, content)
	switch {
	case err != nil:
		return e.unscreened(t, by, what, err)
	case verdict.Flagged:
		e.Log.Warn("flagged by moderation", "task_id", t.ID, "account", t.Account, "attempt", t.Att, "model", t.Model, "content", what, "categories", verdict.Categories)
		e.Metrics.Count("ModerationFlagged", 1, "Content", what)
		return errFlagged
	}
	return nil
}

// unscreened decides about content that could not be checked.
func (e *Engine) unscreened(t *task.Task, by Screening, what string, err error) error {
	class := provider.ClassOf(err)
	e.Log.Warn("moderation did not answer", "task_id", t.ID, "account", t.Account, "attempt", t.Att, "content", what, "class", class, "pass", by.Pass, "error", err)
	e.Metrics.Count("ModerationFailed", 1, "Content", what, "Class", string(class))
	if class == provider.Down {
		e.Log.Error("moderation is down for us: look at its key and what that may do", "error", err)
		e.Metrics.Count("ModerationDown", 1)
	}
	switch {
	case class == provider.Rejected:
		return fmt.Errorf("%w: %w", errUnseen, err)
	case by.Pass && passable[class]:
		e.Metrics.Count("ModerationSkipped", 1, "Content", what)
		return nil
	}
	return fmt.Errorf("%w: %w", errHeldBack, err)
}

// passable are the failures that no user can bring about. Too many questions at once are none of them: whoever makes many images asks them.
var passable = map[provider.Class]bool{provider.TransientRead: true, provider.Down: true}

// shown is what a call would show to its provider: exactly the prepared inputs, so that nothing can look harmless here and otherwise there. A mask has no
// colours to look at.
func shown(call provider.Call) moderation.Content {
	content := moderation.Content{Prompt: call.Prompt}
	for _, in := range call.Inputs {
		if in.Role != provider.MaskImage {
			content.Images = append(content.Images, moderation.Image{ContentType: in.ContentType, Data: in.Data})
		}
	}
	return content
}

// uncalled writes down an attempt that did not get past its screen: for good, or for a while. Its provider was not called and hears nothing of it.
func (s *Submitter) uncalled(ctx context.Context, t *task.Task, err error, leaseID string) error {
	reason := task.NotExecuted
	switch {
	case errors.Is(err, errFlagged):
		reason = task.ModeratedAway
	case errors.Is(err, errUnseen):
		reason = task.BadInput
	}
	return s.report(ctx, t, task.Failing{Attempt: t.Att, Reason: reason, LeaseID: leaseID, RetryAfter: retryAfter(err)})
}
