package transition_test

import (
	"reflect"
	"testing"

	"darkroom/shared/transition"
)

// ruleRow makes a row of one guard.
func ruleRow(g transition.Guard) *transition.Row {
	return &transition.Row{ID: "X", Guards: []transition.Guard{g}}
}

func TestHoldsReadsEveryOperator(t *testing.T) {
	t.Parallel()
	item := transition.Item{"n": int64(5), "m": int64(7), "word": "red", "flag": true, "sub": transition.Item{"2": transition.Item{"job": "j"}}}
	args := transition.Args{"five": int64(5), "k": int64(2)}
	five := transition.Param("five")
	for name, c := range map[string]struct {
		guard transition.Guard
		want  bool
	}{
		"Equal":                     {transition.Equal("n", five), true},
		"EqualOther":                {transition.Equal("m", five), false},
		"EqualOtherType":            {transition.Equal("word", five), false},
		"EqualFlag":                 {transition.Equal("flag", transition.Const(true)), true},
		"LessIsStrict":              {transition.Less("n", five), false},
		"LessThanAttribute":         {transition.Less("n", transition.Attr("m")), true},
		"AtMostIncludesTheBound":    {transition.AtMost("n", five), true},
		"AtMostAbove":               {transition.AtMost("m", five), false},
		"MoreIsStrict":              {transition.More("n", five), false},
		"More":                      {transition.More("m", five), true},
		"AtLeastIncludesTheBound":   {transition.AtLeast("n", five), true},
		"AtLeastBelow":              {transition.AtLeast("n", transition.Attr("m")), false},
		"TextHasNoOrder":            {transition.Less("word", transition.Const("zzz")), false},
		"In":                        {transition.In("word", "blue", "red"), true},
		"NotIn":                     {transition.In("word", "blue"), false},
		"NumberIsInNoList":          {transition.In("n", "5"), false},
		"Present":                   {transition.Present("n"), true},
		"PresentMissing":            {transition.Present("none"), false},
		"Absent":                    {transition.Absent("none"), true},
		"AbsentThere":               {transition.Absent("n"), false},
		"NestedPath":                {transition.Equal("sub.{k}.job", transition.Const("j")), true},
		"NestedPathMissing":         {transition.Present("sub.3.job"), false},
		"PathThroughAValue":         {transition.Present("n.x"), false},
		"AbsentSatisfiesNoEqual":    {transition.Equal("none", five), false},
		"AbsentSatisfiesNoOrder":    {transition.AtMost("none", five), false},
		"AbsentOperandSatisfiesNot": {transition.AtLeast("n", transition.Attr("none")), false},
		"AnyNeedsOne":               {transition.Any(transition.Present("none"), transition.Present("n")), true},
		"AnyOfNone":                 {transition.Any(transition.Present("none"), transition.Absent("n")), false},
		"AllNeedsEach":              {transition.All(transition.Present("none"), transition.Present("n")), false},
		"AllOfAll":                  {transition.All(transition.Present("m"), transition.Present("n")), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ruleRow(c.guard).Holds(item, args); got != c.want {
				t.Errorf("%+v holds on %v: got %t, want %t", c.guard, item, got, c.want)
			}
		})
	}
}

func TestHoldsTestsTheSourceStates(t *testing.T) {
	t.Parallel()
	row := &transition.Row{ID: "X", From: []string{"A", "B"}}
	for _, c := range []struct {
		item transition.Item
		want bool
	}{
		{transition.Item{"state": "A"}, true}, {transition.Item{"state": "B"}, true},
		{transition.Item{"state": "C"}, false}, {transition.Item{}, false}, {nil, false},
	} {
		if got := row.Holds(c.item, nil); got != c.want {
			t.Errorf("from A or B on %v: got %t, want %t", c.item, got, c.want)
		}
	}
	if (&transition.Row{ID: "X"}).Holds(nil, nil) {
		t.Error("a row without conditions holds on an item that is not there")
	}
}

func TestApplyMakesEveryChangeFromTheOldItem(t *testing.T) {
	t.Parallel()
	row := &transition.Row{ID: "X", To: "B", Effects: []transition.Effect{
		transition.Set("a", transition.Attr("b")), transition.Set("b", transition.Const(int64(9))), // a gets b's old value
		transition.SetOnce("kept", transition.Const("new")), transition.SetOnce("fresh", transition.Const("new")),
		transition.Add("n", transition.Const(int64(-3))), transition.Add("counter", transition.Param("step")),
		transition.Remove("gone"), transition.Remove("sub.1"), transition.Set("sub.{k}.job", transition.Param("job")),
	}}
	before := transition.Item{"state": "A", "a": int64(1), "b": int64(2), "kept": "old", "n": int64(1), "gone": true,
		"sub": transition.Item{"1": transition.Item{"job": "x"}, "2": transition.Item{}}}
	copied := before.Clone()
	got := row.Apply(before, transition.Args{"k": int64(2), "job": "j", "step": int64(4)})
	want := transition.Item{"state": "B", "a": int64(2), "b": int64(9), "kept": "old", "fresh": "new", "n": int64(-2), "counter": int64(4),
		"sub": transition.Item{"2": transition.Item{"job": "j"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if !reflect.DeepEqual(before, copied) {
		t.Errorf("the item it was given changed: %v, was %v", before, copied)
	}
}

func TestApplyPanicsWhereADatabaseWouldRefuse(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]*transition.Row{
		"ValueMissing":  {ID: "X", Effects: []transition.Effect{transition.Set("a", transition.Param("nobody brings it"))}},
		"ParentMissing": {ID: "X", Effects: []transition.Effect{transition.Set("no.parent", transition.Const("v"))}},
		"PathValueOdd":  {ID: "X", Effects: []transition.Effect{transition.Set("sub.{flag}", transition.Const("v"))}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			row.Apply(transition.Item{"sub": transition.Item{}}, transition.Args{"flag": true})
		})
	}
}

func TestExpandPathFillsEveryParameter(t *testing.T) {
	t.Parallel()
	args := transition.Args{"n": int64(12), "name": "job"}
	for path, want := range map[string]string{
		"state": "state", "attempts.{n}.job": "attempts.12.job", "{name}": "job", "a.{n}.{name}.b": "a.12.job.b",
	} {
		if got := transition.ExpandPath(path, args); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}

func TestRefusedErrorFindsARefusalByPosition(t *testing.T) {
	t.Parallel()
	key := transition.Key{Table: transition.Ledger, PK: "A#a", SK: "x#S"}
	err := &transition.RefusedError{Refusals: []transition.Refusal{{Index: 2, Key: key}}}
	if got := err.Of(2); got == nil || got.Key != key {
		t.Errorf("position 2: got %v", got)
	}
	if got := err.Of(0); got != nil {
		t.Errorf("position 0 was not refused, got %v", got)
	}
	if got, want := err.Error(), "refused: write 2 (ledger A#a/x#S)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReadingTheWrongTypeGivesTheZeroValue(t *testing.T) {
	t.Parallel()
	item := transition.Item{"text": "x", "n": int64(1)}
	if item.Int("text") != 0 || item.Text("n") != "" || item.Flag("n") || item.Strings("text") != nil || item.Sub("n") != nil {
		t.Errorf("a value of another type was read from %v", item)
	}
	var none transition.Item
	if none.Text("a.b") != "" || none.Get("a") != nil {
		t.Error("an item that is not there has values")
	}
}
