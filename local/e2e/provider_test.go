package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"testing"

	"darkroom/local/client"
	"darkroom/local/simulator"
	"darkroom/shared/catalog"
)

// oneOfEach is a model of each provider, the first of its routes, and what one image of it costs: from text, and for each input image.
var oneOfEach = []struct {
	provider, model string
	cost, input     int64
}{
	{"bfl", jobModel, 3, 1},
	{"openai", syncModel, 1, 2},
	{"gemini", "nano-banana-2", 11, 1},
	{"fal", "flux-2-dev", 3, 2},
	{"replicate", "flux-2-klein-4b", 3, 1},
}

// drawing is a PNG of a disc on a sheet; hollow: the disc is a hole, as in a mask.
func drawing(t *testing.T, width, height int, tint color.NRGBA, hollow bool) []byte {
	t.Helper()
	made := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			dx, dy := x-width/2, y-height/2
			switch inside := dx*dx+dy*dy < height*height/9; {
			case inside && hollow: // left transparent
			case inside:
				made.SetNRGBA(x, y, tint)
			default:
				made.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), 90, 255})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, made); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// upload takes a drawing the whole way and returns it as an input.
func (p *person) upload(role string, file []byte) client.Input {
	p.t.Helper()
	done, err := p.Upload(p.ctx, "image/png", file)
	if err != nil {
		p.t.Fatalf("upload: %v", err)
	}
	if done.State != "ready" || done.Bytes != int64(len(file)) {
		p.t.Fatalf("upload %+v, want it ready with %d bytes", done, len(file))
	}
	return client.Input{UploadID: done.UploadID, Role: role}
}

var (
	amber = color.NRGBA{230, 160, 30, 255}
	teal  = color.NRGBA{20, 140, 140, 255}
)

func TestEveryProviderDoesEveryModeAndIsPaidOnce(t *testing.T) {
	t.Parallel()
	var tried []string
	for _, each := range oneOfEach {
		tried = append(tried, each.provider)
	}
	if slices.Sort(tried); !slices.Equal(tried, catalog.Load().ProviderNames()) {
		t.Errorf("tried are %v, but the catalogue's providers are %v", tried, catalog.Load().ProviderNames())
	}
	for _, each := range oneOfEach {
		model, known := catalog.Load().Model(each.model)
		if !known {
			t.Fatalf("the catalogue has no %s", each.model)
		}
		for mode, inputs := range map[string]func(p *person) []client.Input{
			"text": func(*person) []client.Input { return nil },
			"edit": func(p *person) []client.Input {
				return []client.Input{p.upload("source", drawing(t, 640, 480, amber, false))}
			},
			"reference": func(p *person) []client.Input {
				return []client.Input{p.upload("reference", drawing(t, 320, 200, amber, false)), p.upload("reference", drawing(t, 200, 320, teal, false))}
			},
		} {
			if !slices.Contains(model.Modes, mode) {
				continue
			}
			t.Run(each.provider+"/"+mode, func(t *testing.T) {
				t.Parallel()
				p := newPerson(t)
				w := wish(t, each.model, "")
				w.Mode, w.Inputs = mode, inputs(p)
				done := p.ended(p.create(calm(w)).IDs()...)[0]
				p.expect(done, completed, "")
				cost := each.cost + each.input*int64(len(w.Inputs))
				p.settled(signupGrant, cost)
				checkImages(t, p, done)
				if fmt.Sprint(done.Inputs) != fmt.Sprint(w.Inputs) && len(w.Inputs) > 0 {
					t.Errorf("the task shows the inputs %v, want %v", done.Inputs, w.Inputs)
				}
				calls, err := sim.Calls(p.ctx, simulator.Filter{Prompt: w.Prompt, Operation: simulator.Submit})
				if err != nil || len(calls.Calls) != 1 || calls.Calls[0].Provider != each.provider {
					t.Errorf("calls %+v, %v; want one, of %s", calls.Calls, err, each.provider)
				}
			})
		}
	}
}

// The first task uses up its tries, so that its retry, which has the same prompt, is the one that gets an image.
func TestARetrySendsTheSameImagesInTheSameRoles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		model, mode string
		tries       int
		cost        int64
		inputs      func(p *person) []client.Input
		reach       []string // what the provider takes them for
	}{
		{syncModel, "edit", 2, 3, func(p *person) []client.Input {
			return []client.Input{p.upload("source", drawing(t, 512, 512, amber, false)), p.upload("mask", drawing(t, 512, 512, amber, true))}
		}, []string{"input 1", "mask"}},
		{jobModel, "reference", 3, 5, func(p *person) []client.Input {
			return []client.Input{p.upload("reference", drawing(t, 320, 200, amber, false)), p.upload("reference", drawing(t, 200, 320, teal, false))}
		}, []string{"input 1", "input 2"}},
	} {
		t.Run(c.mode, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			w := wish(t, c.model, fmt.Sprintf("job_error=%d", c.tries))
			w.Mode, w.Inputs = c.mode, c.inputs(p)
			first := p.ended(p.create(w).IDs()...)[0]
			p.expect(first, failed, "provider_unavailable")
			p.settled(signupGrant, 0)
			again, err := p.Retry(p.ctx, first.ID)
			if err != nil {
				t.Fatal(err)
			}
			done := p.ended(again.IDs()...)[0]
			p.expect(done, completed, "")
			p.settled(signupGrant, c.cost)
			checkImages(t, p, done)
			if fmt.Sprint(done.Inputs) != fmt.Sprint(w.Inputs) || done.Mode != c.mode {
				t.Errorf("the retry is a %s of %v; want a %s of %v", done.Mode, done.Inputs, c.mode, w.Inputs)
			}
			calls, err := sim.Calls(p.ctx, simulator.Filter{Prompt: w.Prompt, Operation: simulator.Submit})
			if err != nil || len(calls.Calls) != c.tries+1 {
				t.Fatalf("%d calls, %v; want %d and one more", len(calls.Calls), err, c.tries)
			}
			for _, call := range calls.Calls {
				if !slices.Equal(call.Inputs, c.reach) {
					t.Errorf("the provider got %q, want %q", call.Inputs, c.reach)
				}
			}
		})
	}
}
