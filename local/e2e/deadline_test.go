package e2e

import (
	"testing"

	"darkroom/local/simulator"
)

// The job works on when its task's time is over. The credits come back first, then the provider is asked to stop.
func TestATaskWhoseTimeIsOverGivesItsCreditsBackAndHasItsJobCancelled(t *testing.T) {
	t.Parallel()
	for _, each := range []struct{ provider, model string }{{"fal", "flux-2-dev"}, {"replicate", "flux-2-klein-4b"}} {
		t.Run(each.provider, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			w := wish(t, each.model, "delay=180000 webhook=drop")
			p.expect(p.ended(p.create(w).IDs()...)[0], failed, "deadline_exceeded")
			p.settled(signupGrant, 0)
			until(t, p.ctx, "the provider's job has ended", func() bool {
				jobs, err := sim.Jobs(p.ctx, simulator.Filter{Prompt: w.Prompt})
				return err == nil && len(jobs) == 1 && !jobs[0].Finished.IsZero()
			})
			asked, err := sim.Calls(p.ctx, simulator.Filter{Prompt: w.Prompt, Operation: simulator.Cancel})
			if err != nil || len(asked.Calls) == 0 || asked.Calls[0].Provider != each.provider {
				t.Errorf("%v, %s was asked to cancel %+v, want once or more", err, each.provider, asked.Calls)
			}
			if got := accepted(t, w.Prompt); got != 1 {
				t.Errorf("%d calls were executed, want 1", got)
			}
		})
	}
}
