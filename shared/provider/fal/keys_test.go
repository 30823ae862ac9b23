package fal_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"darkroom/shared/provider"
)

// keyDesk gives out the published keys, or not, and counts how often it was asked.
type keyDesk struct {
	*stage
	shut  atomic.Bool
	empty atomic.Bool
}

func newKeyDesk(t *testing.T) *keyDesk {
	t.Helper()
	d := &keyDesk{}
	d.stage = newLiveStage(t, func(*http.Request) recorded {
		switch {
		case d.shut.Load():
			return recorded{Status: http.StatusServiceUnavailable}
		case d.empty.Load():
			return recorded{Status: http.StatusOK, File: "jwks_useless.json"}
		}
		return recorded{Status: http.StatusOK, File: "jwks_padded.json"}
	})
	return d
}

// read reads a good delivery, or a forged one, that is signed and comes so long after the first.
func (d *keyDesk) read(forged bool, later time.Duration) error {
	now := vectorNow.Add(later)
	header := sign([]byte(vectorBody), vectorRequest, now)
	if forged {
		header.Set("X-Fal-Webhook-Signature", vectorSignature[2:]+"00")
	}
	_, err := d.driver.ReadWebhook(header, []byte(vectorBody), nil, now)
	return err
}

func (d *keyDesk) want(t *testing.T, rule string, err error, good bool, asked int) {
	t.Helper()
	if (err == nil) != good || (err != nil && !errors.Is(err, provider.ErrBadSignature)) {
		t.Errorf("%s: error = %v, want good: %t", rule, err, good)
	}
	if got := len(d.called()); got != asked {
		t.Errorf("%s: the keys were asked for %d times, want %d", rule, got, asked)
	}
}

func TestKeysAreKeptForAnHour(t *testing.T) {
	d := newKeyDesk(t)
	d.want(t, "first", d.read(false, 0), true, 1)
	d.want(t, "within the hour", d.read(false, 59*time.Minute), true, 1)
	d.want(t, "after an hour", d.read(false, time.Hour), true, 2)
	d.want(t, "after it", d.read(false, 61*time.Minute), true, 2)
}

func TestForgedDeliveriesCauseNoReadingOfKeys(t *testing.T) {
	d := newKeyDesk(t)
	for range 100 {
		d.want(t, "forged", d.read(true, 0), false, 1)
	}
	if _, err := d.driver.ReadWebhook(vectorHeader(), []byte(vectorBody), nil, vectorNow.Add(48*time.Hour)); err == nil {
		t.Error("an old delivery was taken")
	}
	d.want(t, "a good one after them", d.read(false, time.Minute), true, 1)
}

func TestKeysThatCannotBeReadAreAskedForEveryFiveMinutesAtMost(t *testing.T) {
	d := newKeyDesk(t)
	d.shut.Store(true)
	d.want(t, "first", d.read(false, 0), false, 1)
	d.want(t, "soon after", d.read(false, 299*time.Second), false, 1)
	d.want(t, "after five minutes", d.read(false, 300*time.Second), false, 2)
	d.shut.Store(false)
	d.want(t, "soon after that", d.read(false, 400*time.Second), false, 2)
	d.want(t, "once they can be read", d.read(false, 600*time.Second), true, 3)
}

func TestOldKeysCountForADayWhenNoNewOnesCome(t *testing.T) {
	d := newKeyDesk(t)
	d.want(t, "first", d.read(false, 0), true, 1)
	d.shut.Store(true)
	d.want(t, "after two hours", d.read(false, 2*time.Hour), true, 2)
	d.empty.Store(true)
	d.shut.Store(false)
	d.want(t, "with a set that holds none", d.read(false, 3*time.Hour), true, 3)
	d.want(t, "after a day", d.read(false, 24*time.Hour), true, 4)
	d.want(t, "after more than a day", d.read(false, 24*time.Hour+time.Second), false, 4)
}
