package simulator

import (
	"net/http"
	"testing"
	"time"
)

func (r rig) cancelPrediction(id any) answered {
	r.Helper()
	return r.do(http.MethodPost, "/replicate/v1/predictions/"+id.(string)+"/cancel", nil, withReplicateKey)
}

func TestReplicateCancelEndsAPredictionAndTellsItsWebhook(t *testing.T) {
	t.Parallel()
	r, rec := newReplicateRig(t), newReceiver(t, taken)
	id := r.predict(little(prompt("unwanted", "delay=600000"), rec)).object["id"]
	if got := r.cancelPrediction(id); got.status != 200 || got.object["status"] != "canceled" {
		t.Errorf("cancel: %d %s, want 200 canceled", got.status, got.raw)
	}
	if event := rec.next(t); event.object["id"] != id || event.object["status"] != "canceled" || event.object["output"] != nil {
		t.Errorf("event = %s, want canceled without an output", event.raw)
	}
	if got := r.prediction(id); got.object["status"] != "canceled" || got.object["completed_at"] == nil {
		t.Errorf("prediction = %s, want canceled", got.raw)
	}
	if seen := r.counts("unwanted"); seen.Counts[Cancel] != 1 {
		t.Errorf("counts = %v, want one cancel", seen.Counts)
	}
}

func TestReplicateCancelLeavesAnEndAsItIs(t *testing.T) {
	t.Parallel()
	r := newReplicateRig(t)
	id, _ := r.outputOf(little("too late", nil))
	if got := r.cancelPrediction(id); got.status != 200 || got.object["status"] != "succeeded" {
		t.Errorf("cancel: %d %s, want 200 succeeded", got.status, got.raw)
	}
}

// Within the first half of its time a prediction waits for a machine.
func TestReplicateDeadlineAbortsWhatWaitsAndCancelsWhatRuns(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	t.Cleanup(s.Close)
	p := newReplicate(s)
	for want, starts := range map[outcome]time.Time{aborted: time.Now().Add(time.Hour), canceled: time.Now().Add(-time.Hour)} {
		made := &prediction{job: &job{id: string(want), told: make(chan struct{}), tell: func() {}}, starts: starts}
		p.stopAt(made, time.Millisecond)
		for made.stands() == pending {
			time.Sleep(time.Millisecond)
		}
		shown := p.show(made, made.stands())
		if shown.Status != string(want) || (shown.StartedAt == nil) != (want == aborted) {
			t.Errorf("%+v, want %s", shown, want)
		}
	}
}

func TestReplicateReadsCancelAfter(t *testing.T) {
	t.Parallel()
	clock := newClock()
	r := newReplicateRig(t, func(o *Options) { o.Now = clock.now })
	for header, want := range map[string]time.Duration{
		"5s": 5 * time.Second, "900s": 15 * time.Minute, "5m": 5 * time.Minute, "1h30m": 90 * time.Minute,
		"4s": 0, "900": 0, "1.5m": 0, "5000ms": 0, "-5m": 0, "soon": 0,
	} {
		got := r.predict(little("in time", nil), func(q *http.Request) { q.Header.Set("Cancel-After", header) })
		if want == 0 {
			if got.status != 400 {
				t.Errorf("%s: %d %s, want 400", header, got.status, got.raw)
			}
			continue
		}
		created, err := time.Parse(time.RFC3339, got.object["created_at"].(string))
		deadline, errDeadline := time.Parse(time.RFC3339, got.object["deadline"].(string))
		if err != nil || errDeadline != nil || deadline.Sub(created) != want {
			t.Errorf("%s: created %v, deadline %v; want %v between them", header, created, deadline, want)
		}
	}
}
