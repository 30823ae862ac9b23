package budget_test

import (
	"strings"
	"testing"

	"darkroom/shared/transition"
	"darkroom/shared/workflow/budget"
)

var key = transition.Key{Table: transition.Tasks, PK: "A#1", SK: "T#1"} // pk and sk with their values: 10 bytes

// sized is an item of this many bytes, key included.
func sized(bytes int) transition.Item {
	return transition.Item{"a": strings.Repeat("x", bytes-11)}
}

func TestItemsAreSizedByThePublishedRules(t *testing.T) {
	for name, c := range map[string]struct {
		value any
		want  int // besides the attribute's name and the key
	}{
		"TextIsCountedInUTF8":           {"café", 5},
		"EmptyTextIsNothing":            {"", 0},
		"TwoDigitsAreAByteAndOneMore":   {int64(42), 2},
		"AnOddDigitTakesAByte":          {int64(421), 3},
		"ZerosAtTheEndAreLeftOut":       {int64(42000), 2},
		"ZeroIsADigit":                  {int64(0), 2},
		"AMinusIsAByte":                 {int64(-42), 3},
		"ATimeInMilliseconds":           {int64(1763900000123), 8},
		"ABooleanIsAByte":               {true, 1},
		"AnEmptyMapIsThree":             {transition.Item{}, 3},
		"AMapMemberIsOneMore":           {transition.Item{"ab": "c"}, 3 + 1 + 3},
		"AListMemberIsOneMore":          {[]string{"ab", "c"}, 3 + 2 + 3},
		"AMapInAMapIsThreeAndOneMember": {transition.Item{"1": transition.Item{"p": "bfl"}}, 3 + 1 + 1 + 3 + 1 + 4},
	} {
		t.Run(name, func(t *testing.T) {
			if got, want := budget.Size(key, transition.Item{"name": c.value}), 10+len("name")+c.want; got != want {
				t.Errorf("%v: got %d bytes, want %d", c.value, got, want)
			}
		})
	}
}

func TestWritesCostByTheRulesOfTheirKind(t *testing.T) {
	indexed := func(bytes int, due int64) transition.Item {
		item := sized(bytes)
		item["shard"], item["due"] = "D#1", due
		return item
	}
	for name, c := range map[string]struct {
		before, after transition.Item
		transaction   bool
		want          budget.Units
	}{
		"AKilobyteIsOneUnit":              {nil, sized(1024), false, budget.Units{Item: 1}},
		"AByteMoreIsAnother":              {nil, sized(1025), false, budget.Units{Item: 2}},
		"ATransactionCostsTwice":          {nil, sized(1025), true, budget.Units{Item: 4}},
		"GrowingCountsTheItemAfter":       {sized(100), sized(1025), false, budget.Units{Item: 2}},
		"ShrinkingCountsTheItemBefore":    {sized(1025), sized(100), false, budget.Units{Item: 2}},
		"EnteringTheIndexIsAUnit":         {nil, indexed(100, 5), false, budget.Units{Item: 1, Index: 1}},
		"StayingInTheIndexIsFree":         {indexed(100, 5), indexed(200, 5), false, budget.Units{Item: 1}},
		"MovingInTheIndexIsTwo":           {indexed(100, 5), indexed(100, 6), false, budget.Units{Item: 1, Index: 2}},
		"LeavingTheIndexIsAUnit":          {indexed(100, 5), sized(100), false, budget.Units{Item: 1, Index: 1}},
		"ATransactionLeavesTheIndexOnce":  {indexed(100, 5), sized(100), true, budget.Units{Item: 2, Index: 1}},
		"AnItemThatIsNotIndexedCostsNone": {sized(100), sized(200), false, budget.Units{Item: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := budget.Write(key, c.before, c.after, c.transaction); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
