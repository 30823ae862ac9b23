package storetest

import (
	"context"
	"testing"

	"darkroom/shared/transition"
)

// fill moves an item from A to B and counts.
var fill = &transition.Row{ID: "F", Name: "fill", From: []string{"A"}, To: "B", Guards: []transition.Guard{transition.Less("n", transition.Param("limit"))},
	Effects: []transition.Effect{transition.Add("n", transition.Const(int64(1)))}}

func limit(n int64) transition.Args { return transition.Args{"limit": n} }

// rich has a value of every kind.
func rich() transition.Item {
	return transition.Item{"text": "é", "empty": "", "n": int64(-9007199254740993), "yes": true, "no": false, "list": []string{"a", "", "b"}, "none": []string{},
		"sub": transition.Item{"deep": transition.Item{"n": int64(1)}, "bare": transition.Item{}}}
}

func putsOnlyWhereNothingIs(t *testing.T, s Store) {
	ctx := context.Background()
	k := key("A#a", "T#1")
	holds(t, s, k, nil)
	got, err := s.Update(ctx, transition.Write{Key: k, Put: rich()})
	must(t, err)
	if !same(got, rich()) {
		t.Errorf("the answer is %v, want the new item", got)
	}
	holds(t, s, k, rich())

	_, err = s.Update(ctx, transition.Write{Key: k, Put: transition.Item{"other": true}})
	if part := refusal(t, err).Of(0); part == nil || part.Key != k || !same(part.Old, rich()) {
		t.Errorf("refused with %+v, want the item that is there", part)
	}
	holds(t, s, k, rich())
	holds(t, s, ledgerKey("A#a", "T#1"), nil) // the tables are two
}

func refusesAnUpdateOfNothing(t *testing.T, s Store) {
	ctx := context.Background()
	k := key("A#a", "T#1")
	always := &transition.Row{ID: "X", Effects: []transition.Effect{transition.Set("a", transition.Const(true))}}
	for name, row := range map[string]*transition.Row{"conditional": fill, "unconditional": always} {
		_, err := s.Update(ctx, transition.Write{Key: k, Row: row, Args: limit(5)})
		if part := refusal(t, err).Of(0); part == nil || part.Old != nil {
			t.Errorf("%s: refused with %+v, want no old item", name, part)
		}
	}
	err := s.Transact(ctx, transition.Write{Key: k, Row: always, Args: limit(5)}, transition.Write{Key: key("A#a", "T#2"), Put: rich()})
	if part := refusal(t, err).Of(0); part == nil || part.Old != nil {
		t.Errorf("in a set: refused with %+v, want no old item", part)
	}
	holds(t, s, k, nil)
	holds(t, s, key("A#a", "T#2"), nil)
}

func namesEveryRefusedWrite(t *testing.T, s Store) {
	ctx := context.Background()
	full := transition.Item{"state": "A", "n": int64(5)}
	gone := transition.Item{"state": "B", "n": int64(0)}
	must(t, s.Transact(ctx, transition.Write{Key: key("A#a", "1"), Put: full}, transition.Write{Key: key("A#a", "2"), Put: gone},
		transition.Write{Key: ledgerKey("A#a", "3"), Put: rich()}))
	refused := refusal(t, s.Transact(ctx,
		transition.Write{Key: key("A#a", "1"), Row: fill, Args: limit(5)}, // its guard fails
		transition.Write{Key: key("A#a", "4"), Put: rich()},               // this alone would do
		transition.Write{Key: key("A#a", "2"), Row: fill, Args: limit(5)}, // its state is another
		transition.Write{Key: ledgerKey("A#a", "3"), Put: full},           // taken
		transition.Write{Key: key("A#a", "5"), Row: fill, Args: limit(5)}, // nothing is there
	))
	if len(refused.Refusals) != 4 {
		t.Errorf("%d writes are refused, want 4: %v", len(refused.Refusals), refused)
	}
	for at, want := range map[int]transition.Item{0: full, 2: gone, 3: rich(), 4: nil} {
		if part := refused.Of(at); part == nil || !same(part.Old, want) {
			t.Errorf("write %d: refused with %+v, want the old item %v", at, part, want)
		}
	}
	holds(t, s, key("A#a", "4"), nil)
}

func writesAllOrNone(t *testing.T, s Store) {
	ctx := context.Background()
	one, two := key("A#a", "1"), ledgerKey("A#a", "2")
	set := func(n int64) []transition.Write {
		return []transition.Write{{Key: one, Row: fill, Args: limit(n)}, {Key: two, Put: rich()}}
	}
	must(t, s.Transact(ctx, transition.Write{Key: one, Put: transition.Item{"state": "A", "n": int64(1)}}))
	refusal(t, s.Transact(ctx, set(1)...))
	holds(t, s, one, transition.Item{"state": "A", "n": int64(1)})
	holds(t, s, two, nil)
	must(t, s.Transact(ctx, set(2)...))
	holds(t, s, one, transition.Item{"state": "B", "n": int64(2)})
	holds(t, s, two, rich())
}
