package httpapi

import (
	"fmt"
	"testing"
	"time"

	"darkroom/shared/fault"
)

func TestALoopThatRunsWildIsBrakedAndOthersAreNot(t *testing.T) {
	t.Parallel()
	var b brake
	now := time.Unix(1_800_000_000, 0)
	for i := range rateBurst {
		if err := b.take("wild", now); err != nil {
			t.Fatalf("call %d of the burst: %v", i+1, err)
		}
	}
	if err := b.take("wild", now); fault.CodeOf(err) != fault.RateLimited {
		t.Errorf("a call beyond the burst: %v", err)
	}
	if err := b.take("calm", now); err != nil {
		t.Errorf("another account: %v", err)
	}
	now = now.Add(time.Second)
	for i := range ratePerSec {
		if err := b.take("wild", now); err != nil {
			t.Errorf("call %d a second later: %v", i+1, err)
		}
	}
	if err := b.take("wild", now); fault.CodeOf(err) != fault.RateLimited {
		t.Errorf("one more than a second gives: %v", err)
	}
}

func TestTheBrakeForgetsRatherThanGrows(t *testing.T) {
	t.Parallel()
	var b brake
	for i := range 3 * rateAccounts {
		if err := b.take(fmt.Sprint(i), time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.calls) > rateAccounts {
		t.Errorf("it remembers %d accounts", len(b.calls))
	}
}
