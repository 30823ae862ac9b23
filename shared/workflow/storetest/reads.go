package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"darkroom/shared/credit"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// put stores items that hold nothing but a number.
func put(t *testing.T, s Store, keys ...transition.Key) {
	t.Helper()
	for i, k := range keys {
		_, err := s.Update(context.Background(), transition.Write{Key: k, Put: transition.Item{"n": int64(i)}})
		must(t, err)
	}
}

func readsManyInOrder(t *testing.T, s Store) {
	ctx := context.Background()
	a, b, c := key("A#a", "1"), ledgerKey("A#a", "1"), key("A#b", "1")
	put(t, s, a, b, c)
	got, err := s.GetAll(ctx, c, key("A#a", "not there"), b, a, c)
	must(t, err)
	want := []transition.Item{{"n": int64(2)}, nil, {"n": int64(1)}, {"n": int64(0)}, {"n": int64(2)}}
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, err := s.GetAll(ctx); err != nil || len(got) != 0 {
		t.Errorf("of no keys: got %v, %v", got, err)
	}
	var many []transition.Key
	for i := range 100 {
		many = append(many, key("A#c", fmt.Sprintf("%03d", i)))
	}
	put(t, s, many...)
	if got, err = s.GetAll(ctx, many...); err != nil || len(got) != 100 {
		t.Fatalf("of 100 keys: %d items, %v", len(got), err)
	}
	for i, item := range got {
		if item.Int("n") != int64(i) || item == nil {
			t.Errorf("place %d holds %v", i, item)
		}
	}
}

func queriesFromTheEnd(t *testing.T, s Store) {
	ctx := context.Background()
	for _, sk := range []string{"BAL", "R#1", "T#1", "T#2", "T#3", "T#30", "U#1"} {
		put(t, s, key("A#a", sk), ledgerKey("A#a", sk))
	}
	put(t, s, key("A#aa", "T#9"), key("A#", "T#9"))
	for _, c := range []struct {
		prefix, below string
		limit         int
		want          []string
	}{
		{"", "", 100, []string{"U#1", "T#30", "T#3", "T#2", "T#1", "R#1", "BAL"}},
		{"T#", "", 100, []string{"T#30", "T#3", "T#2", "T#1"}},
		{"T#", "", 2, []string{"T#30", "T#3"}},
		{"T#", "T#3", 100, []string{"T#2", "T#1"}},
		{"T#", "T#30", 1, []string{"T#3"}},
		{"T#", "T#2", 1, []string{"T#1"}},
		{"T#", "T#25", 100, []string{"T#2", "T#1"}}, // a bound need not be there
		{"T#", "T#1", 100, nil},
		{"T#", "T#", 100, nil},
		{"T#", "A", 100, nil},                                   // below the whole prefix
		{"T#", "Z", 100, []string{"T#30", "T#3", "T#2", "T#1"}}, // above it
		{"", "T#1", 100, []string{"R#1", "BAL"}},
		{"", "A", 100, nil},
		{"X#", "", 100, nil},
	} {
		for _, table := range []transition.Table{transition.Tasks, transition.Ledger} {
			rows, err := s.Query(ctx, transition.Query{Table: table, PK: "A#a", Prefix: c.prefix, Below: c.below, Limit: c.limit})
			must(t, err)
			var got []string
			for _, row := range rows {
				got = append(got, row.Key.SK)
				if row.Key.Table != table || row.Key.PK != "A#a" || len(row.Item) != 1 {
					t.Errorf("row %+v of %s", row, table)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("prefix %q below %q limit %d of %s: got %v, want %v", c.prefix, c.below, c.limit, table, got, c.want)
			}
		}
	}
}

func listsWhatIsDue(t *testing.T, s Store) {
	ctx := context.Background()
	add := func(sk, shard string, due int64) {
		_, err := s.Update(ctx, transition.Write{Key: key("A#a", sk), Put: transition.Item{"shard": shard, "due": due}})
		must(t, err)
	}
	add("T#1", "D#0", 300)
	add("T#2", "D#0", 100)
	add("T#3", "D#0", 200)
	add("T#4", "D#1", 100)
	put(t, s, key("A#a", "T#5")) // not in the index
	for _, c := range []struct {
		shard string
		until int64
		limit int
		want  []string
	}{
		{"D#0", 300, 10, []string{"T#2 100", "T#3 200", "T#1 300"}},
		{"D#0", 299, 10, []string{"T#2 100", "T#3 200"}},
		{"D#0", 300, 1, []string{"T#2 100"}},
		{"D#0", 99, 10, nil},
		{"D#1", 1000, 10, []string{"T#4 100"}},
		{"D#2", 1000, 10, nil},
	} {
		rows, err := s.Due(ctx, transition.DueQuery{Shard: c.shard, Until: c.until, Limit: c.limit})
		must(t, err)
		var got []string
		for _, row := range rows {
			got = append(got, fmt.Sprintf("%s %d", row.Key.SK, row.Due))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s until %d, at most %d: got %v, want %v", c.shard, c.until, c.limit, got, c.want)
		}
	}
}

func leavesTheDueIndex(t *testing.T, s Store) {
	ctx := context.Background()
	made := seed(t, s, "a", task.Storing, 1)[0]
	due := func() int {
		rows, err := s.Due(ctx, transition.DueQuery{Shard: made.ID.Shard(), Until: made.Due, Limit: 10})
		must(t, err)
		return len(rows)
	}
	if due() != 1 {
		t.Fatal("an open task is not in the index")
	}
	must(t, s.Transact(ctx, moveOf(made, task.Stored{}).Writes()...))
	if due() != 0 {
		t.Error("a completed task is still in the index")
	}
	holds(t, s, credit.SettleKey(made.Account, made.ID.ULID()), transition.Item{"kind": "capture", "amount": made.Cost, "at": task.Millis(epoch), "task": string(made.ID), "v": int64(1)})
}
