package e2e

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"strings"
	"testing"

	"darkroom/local/client"
	"darkroom/local/simulator"
)

// What the moderation endpoint says and does, whichever provider the image is of. None of it costs a try, or a second image.
var screenFaults = []faultCase{
	{"screen_input", failed, "moderated", 0},
	{"screen_output", failed, "moderated", 1},
	{"screen_down=401:1", completed, "", 1},
	{"screen_down=429:2", completed, "", 1},
	{"screen_down=500:2", completed, "", 1},
	{"screen_down=hang:1", completed, "", 1},
	{"screen_down=cut:2", completed, "", 1},
}

func TestEveryFaultOfModerationEndsAsItShould(t *testing.T) {
	t.Parallel()
	for model, cost := range map[string]int64{jobModel: 3, syncModel: 1} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			runFaults(t, model, cost, screenFaults)
		})
	}
}

func TestWhatModerationFlagsIsNeitherMadeNorKept(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		model, faults string
		images        int // made
	}{
		"prompt":              {jobModel, "screen_input", 0},
		"prompt, synchronous": {syncModel, "screen_input", 0},
		"output of a job":     {jobModel, "screen_output", 1},
		"output, synchronous": {syncModel, "screen_output", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			w := wish(t, c.model, c.faults)
			p.moderated(w, c.images)
		})
	}
	t.Run("input", func(t *testing.T) {
		t.Parallel()
		p := newPerson(t)
		w := wish(t, syncModel, "")
		w.Mode, w.Inputs = "edit", []client.Input{p.upload("source", framed(t))}
		p.moderated(w, 0)
	})
}

// moderated checks that a wish fails for its content: with the credits back, this many images made, and no object of it anywhere.
func (p *person) moderated(w client.Wish, images int) {
	p.t.Helper()
	done := p.ended(p.create(w).IDs()...)[0]
	p.expect(done, failed, "moderated")
	if strings.Contains(done.Error.Message, "violence") {
		p.t.Errorf("the user is told %q: that is a manual for what passes", done.Error.Message)
	}
	p.settled(signupGrant, 0)
	calls, err := sim.Calls(p.ctx, simulator.Filter{Prompt: w.Prompt, Operation: simulator.Submit})
	if err != nil || len(calls.Calls) != images {
		p.t.Errorf("%d provider calls, %v; want %d", len(calls.Calls), err, images)
	}
	until(p.t, p.ctx, "its staged bytes are erased", func() bool { return p.item(done.ID).Get("due") == nil })
	if left := objectsOf(p.t, p, done.ID); len(left) != 0 {
		p.t.Errorf("objects are left: %v", left)
	}
}

// framed is a drawing in the frame that the simulated endpoint flags.
func framed(t *testing.T) []byte {
	t.Helper()
	drawn, err := png.Decode(bytes.NewReader(drawing(t, 640, 480, teal, false)))
	if err != nil {
		t.Fatal(err)
	}
	made := image.NewNRGBA(drawn.Bounds())
	draw.Draw(made, made.Rect, drawn, drawn.Bounds().Min, draw.Src)
	simulator.Frame(made)
	var out bytes.Buffer
	if err := png.Encode(&out, made); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Not side by side with others: about an output the endpoint is told no prompt, so the second order strikes whoever asks next.
func TestAnOutageOfModerationCostsTimeOnly(t *testing.T) {
	for _, model := range []string{jobModel, syncModel} {
		t.Run(model, func(t *testing.T) {
			p := newPerson(t)
			w := wish(t, model, "screen_down=500:1 delay=2000")
			id := p.create(calm(w)).Tasks[0].ID
			until(t, p.ctx, "the provider makes the image", func() bool { return accepted(t, w.Prompt) == 1 })
			if _, err := sim.Order(p.ctx, simulator.Order{Times: 1, Faults: "screen_down=500"}); err != nil {
				t.Fatal(err)
			}
			done := p.ended(id)[0]
			p.expect(done, completed, "")
			checkImages(t, p, done)
			p.settled(signupGrant, done.Credits.Captured)
			asked, err := sim.Calls(p.ctx, simulator.Filter{Prompt: w.Prompt, Operation: simulator.Moderate})
			if err != nil || len(asked.Calls) != 2 {
				t.Errorf("%d checks of the prompt, %v; want one that fails and one that passes", len(asked.Calls), err)
			}
			if tries := p.item(id).Int("store_tries"); tries != 2 {
				t.Errorf("%d tries at storing, want one that was held back and one more", tries)
			}
		})
	}
}
