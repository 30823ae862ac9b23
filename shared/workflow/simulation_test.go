package workflow_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/workflow/simtest"
)

// parts is in how many parts the seeds are run side by side.
const parts = 4

func TestNothingThatGoesWrongBreaksAnInvariant(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	moves := map[string]int{}
	t.Run("seeds", func(t *testing.T) {
		for part := range uint64(parts) {
			t.Run(fmt.Sprint(part), func(t *testing.T) {
				t.Parallel()
				wrote := func(row string) {
					mu.Lock()
					defer mu.Unlock()
					moves[row]++
				}
				for seed := part; seed < seeds; seed += parts {
					if err := simtest.Simulate(seed, simtest.Options{Wrote: wrote}); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	})
	for _, move := range task.Transitions {
		if seeds >= 2000 && moves[move.ID] == 0 && !slices.Contains([]string{"T15", "T16", "T21c", "T21f"}, move.ID) { // crashes of our own code, and alarms, have tests of their own
			t.Errorf("no seed led to %s %s", move.ID, move.Name)
		}
	}
}

func TestARunIsRepeatedFromItsSeed(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		var first, second []string
		for _, trace := range []*[]string{&first, &second} {
			if err := simtest.Simulate(seed, simtest.Options{Trace: func(line string) { *trace = append(*trace, line) }}); err != nil {
				t.Fatal(err)
			}
			slices.Sort(*trace) // by step: within one, a process of several goroutines has no certain order
		}
		if !slices.Equal(first, second) {
			t.Errorf("seed %d went two ways: %d and %d events", seed, len(first), len(second))
		}
	}
}

// TestTheSimulationFindsMistakes breaks rows in ways that real systems got wrong. A simulation that passes them is broken itself.
func TestTheSimulationFindsMistakes(t *testing.T) {
	t.Parallel()
	timeOut := widened(task.T8.Row, "STORING")
	timeOut.Guards = slices.Clone(timeOut.Guards[:1]) // the grace is about SUBMITTING
	for name, broken := range map[string]*transition.Row{
		"TimeOutAfterASuccess":   timeOut,
		"FailureAfterASuccess":   widened(task.T6.Row, "STORING"),
		"SuccessAfterTheTimeOut": widened(task.T5.Row, "FAILED"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const seeds = 3000
			for seed := range uint64(seeds) {
				if err := simtest.Simulate(seed, simtest.Options{Brief: true, Broken: map[string]*transition.Row{broken.ID: broken}}); err != nil {
					t.Logf("found by seed %d: %v", seed, err)
					return
				}
			}
			t.Errorf("%d seeds found nothing wrong", seeds)
		})
	}
}

// TestMoneyStaysRightWithoutTheFirstGuard lets a task settle from states it has settled in before. The settle entry and the balance are guards of their own.
func TestMoneyStaysRightWithoutTheFirstGuard(t *testing.T) {
	t.Parallel()
	broken := map[string]*transition.Row{}
	for _, move := range task.Transitions {
		if move.Money != task.NoMoney {
			broken[move.ID] = widened(move.Row, "COMPLETED", "FAILED")
		}
	}
	for seed := range uint64(seeds / 10) {
		if err := simtest.Simulate(seed, simtest.Options{Broken: broken}); err != nil {
			t.Fatal(err)
		}
	}
}

func widened(row transition.Row, states ...string) *transition.Row {
	row.From = append(slices.Clone(row.From), states...)
	return &row
}
