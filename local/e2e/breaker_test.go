package e2e

import (
	"slices"
	"testing"
	"time"

	"darkroom/local/simulator"
	"darkroom/shared/catalog"
	"darkroom/shared/transition"
)

// offered tells whether the catalogue offers a model at the moment.
func (p *person) offered(model string) bool {
	p.t.Helper()
	models, err := p.Models(p.ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, m := range models.Models {
		if m.ID == model {
			return m.Available
		}
	}
	p.t.Fatalf("the catalogue has no %s", model)
	return false
}

// Not side by side with others: the breaker closes the provider to everybody.
func TestAProviderThatRefusesOurKeyIsLeftAloneUntilAProbeSucceeds(t *testing.T) {
	for _, refusal := range []string{"down=401:1", "down=402:1", "down=403:1"} {
		t.Run(refusal, func(t *testing.T) {
			p := newPerson(t)
			w := wish(t, jobModel, refusal)
			id := p.create(w).Tasks[0].ID
			key := catalog.SwitchKey("bfl")
			breaker := func() catalog.Breaker {
				item, err := store.Get(p.ctx, key)
				if err != nil {
					t.Fatal(err)
				}
				return catalog.BreakerFrom(item)
			}
			until(t, p.ctx, "the breaker opens", func() bool { return breaker().Down })
			until(t, p.ctx, "the catalogue no longer offers the model", func() bool { return !p.offered(jobModel) })
			if _, err := p.Create(p.ctx, w, ""); problem(err).Status != 503 || problem(err).RetryAfter == 0 {
				t.Errorf("a create call meanwhile: %v, want 503 with Retry-After", err)
			}
			put(t, key, transition.Set("open_until", transition.Const(time.Now().UnixMilli()))) // its time is over
			p.expect(p.ended(id)[0], completed, "")
			until(t, p.ctx, "the breaker is closed", func() bool { return breaker().Failures == 0 && breaker().OpenUntil == 0 })
			until(t, p.ctx, "the catalogue offers the model again", func() bool { return p.offered(jobModel) })
			if got := accepted(t, w.Prompt); got != 1 {
				t.Errorf("%d calls were executed, want 1", got)
			}
			p.settled(signupGrant, 3)
			time.Sleep(switchAge)
		})
	}
}

// Not side by side with others either. BFL, the first of this model's routes, refuses our key; fal makes the image of the same task.
func TestAModelFallsBackToItsNextProviderAndReturnsOnceTheFirstWorksAgain(t *testing.T) {
	p := newPerson(t)
	const model = "flux-2-pro" // by BFL, fal and Replicate, in this order
	w := wish(t, model, "")
	if _, err := sim.Order(p.ctx, simulator.Order{Provider: "bfl", Prompt: w.Prompt, Times: 1, Faults: "down=401"}); err != nil {
		t.Fatal(err)
	}
	done := p.ended(p.create(w).IDs()...)[0]
	p.expect(done, completed, "")
	p.madeBy(w.Prompt, "fal")
	if !p.offered(model) {
		t.Error("the model is not offered although fal can make it")
	}
	put(t, catalog.SwitchKey("bfl"), transition.Set("open_until", transition.Const(time.Now().UnixMilli())))
	time.Sleep(switchAge)
	w = wish(t, model, "")
	w.Prompt += ", again"
	p.expect(p.ended(p.create(w).IDs()...)[0], completed, "")
	p.madeBy(w.Prompt, "bfl")
	time.Sleep(switchAge)
}

// madeBy checks that one image was made for a prompt, and by whom.
func (p *person) madeBy(prompt, provider string) {
	p.t.Helper()
	calls, err := sim.Calls(p.ctx, simulator.Filter{Prompt: prompt, Operation: simulator.Submit})
	if err != nil {
		p.t.Fatal(err)
	}
	made := slices.DeleteFunc(calls.Calls, func(c simulator.Call) bool { return !c.Accepted })
	if len(made) != 1 || made[0].Provider != provider {
		p.t.Errorf("executed calls %+v, want one of %s", made, provider)
	}
}
