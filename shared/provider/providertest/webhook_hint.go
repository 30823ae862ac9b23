package providertest

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"darkroom/shared/provider"
)

// testHints checks deliveries that prove their sender and not their body.
func testHints(t *testing.T, subject Subject) {
	t.Run("TheSenderMustBeProven", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		_, deliveries := b.deliveries("", 1)
		came := deliveries[0]
		for name, secrets := range map[string][]string{"another secret": {"another"}, "no secret": nil, "empty secret": {""}} {
			if _, err := b.driver.ReadWebhook(came.header, came.body, secrets, time.Now()); !errors.Is(err, provider.ErrBadSignature) {
				t.Errorf("%s: error = %v, want ErrBadSignature", name, err)
			}
		}
		b.wantRefused("no header", delivery{http.Header{}, came.body}, time.Now())
	})
	t.Run("WhatTheBodySaysCountsForNothing", func(t *testing.T) {
		b := newBench(t, subject, rightKey)
		job, came := b.deliveries("success_then_failure", 1)
		b.wantAbout("a success that the provider takes back", job, came[0], time.Now())
		if report := b.pollUntilFinal(job); report.State != provider.Failed {
			t.Errorf("report = %+v, want the failure that the provider tells when asked", report)
		}
	})
}
