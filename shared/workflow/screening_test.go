package workflow_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"darkroom/shared/catalog"
	"darkroom/shared/moderation"
	"darkroom/shared/picture"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/upload"
	"darkroom/shared/workflow"
	"darkroom/shared/workflow/simtest"
)

// critic looks at content as its function says, which gets the number of the check, from 1; nil lets everything pass. Outputs come without a prompt.
type critic struct {
	inputs, outputs func(ctx context.Context, n int) (moderation.Verdict, error)

	mu            sync.Mutex
	seen          []moderation.Content
	asked, stored int
}

func (c *critic) Check(ctx context.Context, content moderation.Content) (moderation.Verdict, error) {
	c.mu.Lock()
	c.seen = append(c.seen, content)
	judge, n := c.inputs, &c.asked
	if content.Prompt == "" {
		judge, n = c.outputs, &c.stored
	}
	*n++
	at := *n
	c.mu.Unlock()
	if judge == nil {
		return moderation.Verdict{}, nil
	}
	return judge(ctx, at)
}

func flags(context.Context, int) (moderation.Verdict, error) {
	return moderation.Verdict{Flagged: true, Categories: []string{"violence"}}, nil
}

// silent does not answer the first times.
func silent(times int, class provider.Class, wait time.Duration) func(context.Context, int) (moderation.Verdict, error) {
	return func(_ context.Context, n int) (moderation.Verdict, error) {
		if n <= times {
			return moderation.Verdict{}, &provider.Error{Class: class, Message: "no", RetryAfter: wait}
		}
		return moderation.Verdict{}, nil
	}
}

// screened makes a world in which a critic is asked by both steps.
func screened(c *critic, pass bool) *simtest.World {
	w := simtest.NewWorld()
	done(w)
	w.Submitter.Screening = workflow.Screening{Screen: c, Pass: pass}
	w.Storer.Screening = w.Submitter.Screening
	return w
}

var bothModels = []string{simtest.JobModel, simtest.AtOnceModel}

func calls(w *simtest.World) int { return len(w.Jobs.Calls()) + w.AtOnce.Calls() }

// refused checks that a task ended as moderated, that everything was given back, and that nothing of an image is kept.
func refused(t *testing.T, w *simtest.World, got *task.Task) {
	t.Helper()
	if got.State != task.Failed || got.Error == nil || got.Error.Code != task.Moderated || got.Asset != nil {
		t.Errorf("it is %s, %+v with %+v; want failed, moderated, no asset", got.State, got.Error, got.Asset)
	}
	if b := w.Balance(t, simtest.Alice); b.Available != simtest.Credits || b.Held != 0 || b.Spent != 0 || b.Slots != simtest.Slots {
		t.Errorf("the balance is %+v, want everything back", b)
	}
	if objects := w.Bucket.Keys(); len(objects) != 0 {
		t.Errorf("left %v", objects)
	}
	if n := w.Counts.Of("ModerationFlagged"); n != 1 {
		t.Errorf("counted %v times, want once", n)
	}
}

func TestAFlaggedPromptReachesNoProvider(t *testing.T) {
	t.Parallel()
	for _, model := range bothModels {
		c := &critic{inputs: flags}
		w := screened(c, true)
		refused(t, w, until(t, w, w.Create(t, model)))
		if calls(w) != 0 || len(c.seen) != 1 || c.seen[0].Prompt != simtest.Wish(model, 1).Prompt {
			t.Errorf("%s: %d provider calls, seen %+v; want none, and the prompt once", model, calls(w), c.seen)
		}
	}
}

func TestInputsAreScreenedExactlyAsTheirProviderWouldGetThem(t *testing.T) {
	t.Parallel()
	for name, judge := range map[string]func(context.Context, int) (moderation.Verdict, error){"Flagged": flags, "Harmless": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, d := newDrawer()
			c := &critic{inputs: judge}
			w.Submitter.Screening.Screen = c
			var given provider.Call
			w.AtOnce.OnSubmit = func(call provider.Call, n int) (provider.Submission, error) {
				given = call
				return provider.Submission{Output: &provider.Output{Data: simtest.Picture(n), ContentType: "image/png"}}, nil
			}
			mask, source := d.ready(t, w, upload.Mask, drawing(t, 2400, 600)), d.ready(t, w, upload.Source, drawing(t, 2400, 600))
			created, err := w.Creator.Create(ctx, simtest.Alice, "", edit(mask, source))
			if err != nil {
				t.Fatal(err)
			}
			got := until(t, w, created.Tasks[0])
			if len(c.seen) != 1 || len(c.seen[0].Images) != 1 {
				t.Fatalf("%d checks, want one of one image: a mask has nothing to look at", len(c.seen))
			}
			if judge != nil {
				refused(t, w, got)
				if w.AtOnce.Calls() != 0 {
					t.Error("the provider was called")
				}
				return
			}
			if seen := c.seen[0].Images[0]; got.State != task.Completed || len(given.Inputs) != 2 || string(seen.Data) != string(given.Inputs[1].Data) || seen.ContentType != given.Inputs[1].ContentType {
				t.Errorf("it is %s; the provider got something else than was looked at", got.State)
			}
		})
	}
}

// closed is a bucket that nothing may be put into for users.
type closed struct {
	*simtest.Bucket
	t *testing.T
}

func (c closed) PutAsset(_ context.Context, key string, _ []byte, _, _ string) error {
	c.t.Errorf("%s was written", key)
	return errBroken
}

func TestAFlaggedOutputIsNeverWrittenAndItsStagedBytesAreErased(t *testing.T) {
	t.Parallel()
	for _, model := range bothModels {
		c := &critic{outputs: flags}
		w := screened(c, true)
		w.Storer.Objects = closed{w.Bucket, t}
		made := w.Create(t, model)
		got := until(t, w, made)
		refused(t, w, got)
		if calls(w) != 1 || c.stored != 1 || got.Erase || got.Due != 0 {
			t.Errorf("%s: %d provider calls, %d checks of the output; to erase %t, due %d", model, calls(w), c.stored, got.Erase, got.Due)
		}
		if last := c.seen[len(c.seen)-1]; len(last.Images) != 1 || last.Images[0].ContentType != "image/jpeg" && last.Images[0].ContentType != "image/png" {
			t.Errorf("%s: looked at %+v, want one image", model, last)
		}
	}
}

// What is hidden under transparency is plain to whoever drops that.
func TestATransparentOutputIsScreenedInAllThatItCanLookLike(t *testing.T) {
	t.Parallel()
	c := &critic{}
	w := screened(c, false)
	made := drawing(t, 64, 64)
	w.OnFetch = func(string) ([]byte, error) { return made, nil }
	if got := until(t, w, w.Create(t, simtest.JobModel)); got.State != task.Completed || got.Asset.PreviewType != "image/png" {
		t.Fatalf("it is %s, %+v; want a transparent image", got.State, got.Asset)
	}
	seen := c.seen[len(c.seen)-1].Images
	if len(seen) != 3 {
		t.Fatalf("%d images were looked at; want it on white, on black and without its transparency", len(seen))
	}
	for _, image := range seen {
		if info, err := picture.Inspect(image.Data); err != nil || info.Alpha || info.ContentType != image.ContentType {
			t.Errorf("looked at %+v, %v; want an opaque %s", info, err, image.ContentType)
		}
	}
}

// unheard checks that the breaker of the image provider knows nothing of it all.
func unheard(t *testing.T, w *simtest.World) {
	t.Helper()
	for _, name := range []string{"bfl", "openai"} {
		if item, err := w.Store.Get(ctx, catalog.SwitchKey(name)); err != nil || item != nil {
			t.Errorf("the breaker of %s heard of it: %v, %v", name, item, err)
		}
	}
}

func TestInputsThatCannotBeCheckedAreHeldBackAndUseUpNoTry(t *testing.T) {
	t.Parallel()
	for _, model := range bothModels {
		for _, class := range []provider.Class{provider.TransientRead, provider.Throttled, provider.Down} {
			c := &critic{inputs: silent(6, class, 0)}
			w := screened(c, false)
			got := until(t, w, w.Create(t, model))
			if got.State != task.Completed || got.Att != 7 || got.Max < 8 || calls(w) != 1 || c.asked != 7 {
				t.Errorf("%s, %s: %s in attempt %d of %d after %d provider calls and %d checks", model, class, got.State, got.Att, got.Max, calls(w), c.asked)
			}
			down := map[bool]float64{true: 6}[class == provider.Down]
			if w.Counts.Of("ModerationFailed") != 6 || w.Counts.Of("ModerationSkipped") != 0 || w.Counts.Of("ModerationDown") != down {
				t.Errorf("%s: counted %v failed, %v skipped, %v down", class, w.Counts.Of("ModerationFailed"), w.Counts.Of("ModerationSkipped"), w.Counts.Of("ModerationDown"))
			}
			unheard(t, w)
		}
	}
}

func TestAnInputIsNotCheckedAgainBeforeItsTime(t *testing.T) {
	t.Parallel()
	c := &critic{inputs: silent(1, provider.Throttled, 5*time.Minute)}
	w := screened(c, false)
	w.Create(t, simtest.JobModel)
	w.Drain()
	for minute := 1; minute <= 6; minute++ {
		w.Clock.Add(time.Minute)
		if _, err := w.Sweeper.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		w.Drain()
		if want := 1 + minute/5; c.asked != min(2, want) {
			t.Errorf("%d checks after %d of five minutes", c.asked, minute)
		}
	}
}

func TestATaskThatCanNeverBeCheckedFailsUncalledAndGivesItsCreditsBack(t *testing.T) {
	t.Parallel()
	w := screened(&critic{inputs: silent(1000, provider.TransientRead, 0)}, false)
	got := until(t, w, w.Create(t, simtest.JobModel))
	if got.State != task.Failed || got.Error.Code == task.Moderated || calls(w) != 0 {
		t.Errorf("it is %s, %+v after %d provider calls", got.State, got.Error, calls(w))
	}
	if b := w.Balance(t, simtest.Alice); b.Available != simtest.Credits {
		t.Errorf("the balance is %+v", b)
	}
}

// The image is paid for. Its six tries last a quarter of an hour.
func TestAnOutputThatCannotBeCheckedIsHeldBackUntilItCan(t *testing.T) {
	t.Parallel()
	for _, model := range bothModels {
		c := &critic{}
		w := screened(c, false)
		back := simtest.Epoch.Add(12 * time.Minute)
		c.outputs = func(context.Context, int) (moderation.Verdict, error) {
			for _, key := range w.Bucket.Keys() {
				if key[0] != 's' { // stage/
					t.Errorf("%s was written before it was looked at", key)
				}
			}
			if w.Clock.Now().Before(back) {
				return moderation.Verdict{}, &provider.Error{Class: provider.TransientRead, Message: "no"}
			}
			return moderation.Verdict{}, nil
		}
		got := until(t, w, w.Create(t, model))
		if got.State != task.Completed || got.Asset == nil || calls(w) != 1 || got.StoreTries < 3 {
			t.Errorf("%s: it is %s, %+v after %d tries and %d provider calls", model, got.State, got.Error, got.StoreTries, calls(w))
		}
		unheard(t, w)
	}
}

func TestAnOutputThatCanNeverBeCheckedIsGivenUpAndErased(t *testing.T) {
	t.Parallel()
	for _, model := range bothModels {
		c := &critic{outputs: silent(1000, provider.Down, 0)}
		w := screened(c, false)
		w.Storer.Objects = closed{w.Bucket, t}
		got := until(t, w, w.Create(t, model))
		if got.State != task.Failed || got.Error.Code != task.OutputUnusable || c.stored != simtest.Rules.StoreTries || len(w.Bucket.Keys()) != 0 {
			t.Errorf("%s: it is %s, %+v after %d checks; left %v", model, got.State, got.Error, c.stored, w.Bucket.Keys())
		}
		if b := w.Balance(t, simtest.Alice); b.Available != simtest.Credits {
			t.Errorf("the balance is %+v", b)
		}
	}
}

func TestWhatCannotBeCheckedGoesOnWhereTheSettingSaysSo(t *testing.T) {
	t.Parallel()
	for _, model := range bothModels {
		c := &critic{inputs: silent(1, provider.Down, time.Hour), outputs: silent(1, provider.TransientRead, 0)}
		w := screened(c, true)
		got := until(t, w, w.Create(t, model))
		if got.State != task.Completed || got.Att != 1 || got.StoreTries != 1 || calls(w) != 1 {
			t.Errorf("%s: it is %s in attempt %d after %d store tries", model, got.State, got.Att, got.StoreTries)
		}
		if w.Counts.Of("ModerationSkipped") != 2 || w.Counts.Of("ModerationDown") != 1 {
			t.Errorf("%s: counted %v skipped and %v down, want 2 and 1", model, w.Counts.Of("ModerationSkipped"), w.Counts.Of("ModerationDown"))
		}
		unheard(t, w)
	}
}

// Were it a pass, whoever sends an image that the endpoint cannot read would go unchecked.
func TestContentThatCannotBeLookedAtIsUnusableWhateverTheSettingSays(t *testing.T) {
	t.Parallel()
	unreadable := silent(1000, provider.Rejected, 0)
	for _, pass := range []bool{false, true} {
		for _, model := range bothModels {
			for _, c := range []struct {
				critic *critic
				want   task.FailureCode
				calls  int
			}{{&critic{inputs: unreadable}, task.InvalidInput, 0}, {&critic{outputs: unreadable}, task.OutputUnusable, 1}} {
				w := screened(c.critic, pass)
				w.Storer.Objects = closed{w.Bucket, t}
				got := until(t, w, w.Create(t, model))
				if got.State != task.Failed || got.Error.Code != c.want || got.Att != 1 || calls(w) != c.calls || len(w.Bucket.Keys()) != 0 {
					t.Errorf("%s, pass %t: it is %s, %+v in attempt %d after %d provider calls; left %v", model, pass, got.State, got.Error, got.Att, calls(w), w.Bucket.Keys())
				}
				if w.Counts.Of("ModerationSkipped") != 0 || w.Counts.Of("ModerationDown") != 0 {
					t.Errorf("%s, pass %t: counted %v skipped and %v down", model, pass, w.Counts.Of("ModerationSkipped"), w.Counts.Of("ModerationDown"))
				}
				if b := w.Balance(t, simtest.Alice); b.Available != simtest.Credits {
					t.Errorf("the balance is %+v", b)
				}
			}
		}
	}
}

// Many questions at once are in users' hands.
func TestWhatIsThrottledIsHeldBackWhateverTheSettingSays(t *testing.T) {
	t.Parallel()
	for _, model := range bothModels {
		c := &critic{inputs: silent(2, provider.Throttled, time.Second), outputs: silent(1, provider.Throttled, 0)}
		w := screened(c, true)
		got := until(t, w, w.Create(t, model))
		if got.State != task.Completed || got.Att != 3 || got.StoreTries != 2 || w.Counts.Of("ModerationSkipped") != 0 {
			t.Errorf("%s: it is %s in attempt %d after %d store tries, %v skipped", model, got.State, got.Att, got.StoreTries, w.Counts.Of("ModerationSkipped"))
		}
	}
}

// What a retried attempt shows its provider is looked at again: nothing is kept of the first verdict.
func TestEveryAttemptIsScreened(t *testing.T) {
	t.Parallel()
	c := &critic{}
	w := screened(c, false)
	w.Jobs.OnSubmit = func(_ provider.Call, n int) (provider.Submission, error) {
		if n == 1 {
			return provider.Submission{}, &provider.Error{Class: provider.Transient, Message: "no"}
		}
		return provider.Submission{Job: &provider.Job{ID: "job"}}, nil
	}
	if got := until(t, w, w.Create(t, simtest.JobModel)); got.State != task.Completed || c.asked != 2 || c.stored != 1 {
		t.Errorf("it is %s after %d checks of the input and %d of the output, want 2 and 1", got.State, c.asked, c.stored)
	}
}
