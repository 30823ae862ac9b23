package simulator

import (
	"net/http"
	"time"
)

// cancelPrediction answers POST /replicate/v1/predictions/{id}/cancel. A prediction that has ended stays as it is.
func (p *replicate) cancelPrediction(w http.ResponseWriter, r *http.Request) {
	made, v, refused := p.find(w, r, Cancel)
	if refused {
		return
	}
	p.stopNow(made, canceled)
	v.json(w, http.StatusOK, p.show(made, made.stands()))
}

// stopAt keeps the deadline of a prediction; none when after is 0.
func (p *replicate) stopAt(made *prediction, after time.Duration) {
	if after == 0 {
		return
	}
	p.work.Go(func() {
		timer := time.NewTimer(after)
		defer timer.Stop()
		select {
		case <-made.told:
		case <-p.ctx.Done():
		case <-timer.C:
			end := canceled
			if !made.runs() {
				end = aborted
			}
			p.stopNow(made, end)
		}
	})
}

// stopNow ends a prediction that still runs, and announces that. The webhook comes again when its usual time is over: Replicate,
// too, may send the same one twice.
func (p *replicate) stopNow(made *prediction, end outcome) {
	if !made.cancel(p.opts.Now().UTC(), end) {
		return
	}
	p.work.Go(func() { p.announce(made.job) })
}

// stands is how a prediction stands, without counting as a report of its end.
func (made *prediction) stands() outcome {
	made.mu.Lock()
	defer made.mu.Unlock()
	if made.finished.IsZero() {
		return pending
	}
	return made.ends
}
