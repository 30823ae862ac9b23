// Package storetest is the suite that every store passes: what a write does, what it answers when it is refused, what reads return, and what must hold
// when many do it at once.
package storetest

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"darkroom/shared/transition"
	"darkroom/shared/workflow"
)

// Store is all that a pair of tables can do.
type Store interface {
	workflow.Store
	workflow.DueReader
}

// Size bounds the parts of the suite that can be as long as one likes.
type Size struct {
	Programs int // random programs, compared with the interpreter step by step
	Races    int // races of two finishers on one task
}

// Run runs the suite. newStore makes an empty store.
func Run(t *testing.T, newStore func(*testing.T) Store, size Size) {
	for name, test := range map[string]func(*testing.T, Store){
		"PutsOnlyWhereNothingIs":                  putsOnlyWhereNothingIs,
		"RefusesAnUpdateOfNothing":                refusesAnUpdateOfNothing,
		"NamesEveryRefusedWriteWithItsOldItem":    namesEveryRefusedWrite,
		"WritesAllOrNone":                         writesAllOrNone,
		"ReadsManyInTheOrderOfTheirKeys":          readsManyInOrder,
		"QueriesAPartitionFromItsEnd":             queriesFromTheEnd,
		"ListsWhatIsDueLongestOverdueFirst":       listsWhatIsDue,
		"LeavesTheDueIndexWithTheMove":            leavesTheDueIndex,
		"OneKeyMakesOneRequest":                   oneKeyMakesOneRequest,
		"TheLastCreditsAreSpentOnce":              theLastCreditsAreSpentOnce,
		"TheLastSlotIsTakenOnce":                  theLastSlotIsTakenOnce,
		"AMoveMadeAgainChangesNothing":            aMoveMadeAgainChangesNothing,
		"TwoStepsWithOneHintCallTheProviderOnce":  twoStepsCallOnce,
		"EightTasksOfOneRequestSettleAtOnce":      eightTasksSettleAtOnce,
		"AnAccountIsOpenedOnceWithItsSignUpGrant": anAccountIsOpenedOnce,
		"UploadsAtOnceDoNotPassTheBoundOfADay":    uploadsAtOnceAreBounded,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newStore(t))
		})
	}
	t.Run("BehavesLikeTheInterpreter", func(t *testing.T) {
		t.Parallel()
		behavesLikeTheInterpreter(t, newStore(t), size.Programs)
	})
	t.Run("OfTwoFinishersOneSettles", func(t *testing.T) {
		t.Parallel()
		ofTwoFinishersOneSettles(t, newStore(t), size.Races)
	})
}

// must fails the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refusal returns how a write was refused, and fails the test if it was not.
func refusal(t *testing.T, err error) *transition.RefusedError {
	t.Helper()
	var refused *transition.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want a refusal", err)
	}
	return refused
}

// holds fails the test unless an item lies at a key; nil: nothing does.
func holds(t *testing.T, s Store, key transition.Key, want transition.Item) {
	t.Helper()
	got, err := s.Get(context.Background(), key)
	must(t, err)
	if !same(got, want) {
		t.Errorf("%s holds %v, want %v", key, got, want)
	}
}

// same compares items; nil and empty are different.
func same(a, b transition.Item) bool { return (a == nil) == (b == nil) && reflect.DeepEqual(a, b) }

func key(pk, sk string) transition.Key {
	return transition.Key{Table: transition.Tasks, PK: pk, SK: sk}
}

func ledgerKey(pk, sk string) transition.Key {
	return transition.Key{Table: transition.Ledger, PK: pk, SK: sk}
}
