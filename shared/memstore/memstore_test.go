package memstore_test

import (
	"context"
	"testing"

	"darkroom/shared/memstore"
	"darkroom/shared/transition"
	"darkroom/shared/workflow/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Store { return memstore.New() }, storetest.Size{Programs: 300, Races: 1000})
}

// Items are shared with their readers to spare a copy per read. What a reader has is a picture of one moment all the same: writes make new items.
func TestWhatWasReadStaysAsItWasWhenTheStoreChanges(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := memstore.New()
	key := transition.Key{Table: transition.Tasks, PK: "A#a", SK: "T#1"}
	answered, err := s.Update(ctx, transition.Write{Key: key, Put: transition.Item{"sub": transition.Item{"n": int64(1)}}})
	if err != nil {
		t.Fatal(err)
	}
	read, _ := s.Get(ctx, key)                                                          // never fails
	queried, _ := s.Query(ctx, transition.Query{Table: key.Table, PK: "A#a", Limit: 1}) // never fails
	row := &transition.Row{Effects: []transition.Effect{transition.Add("sub.n", transition.Const(int64(1))), transition.Set("new", transition.Const("x"))}}
	if _, err := s.Update(ctx, transition.Write{Key: key, Row: row, Args: transition.Args{}}); err != nil {
		t.Fatal(err)
	}
	for _, item := range []transition.Item{answered, read, queried[0].Item} {
		if item.Int("sub.n") != 1 || item["new"] != nil {
			t.Errorf("what was read has changed to %v", item)
		}
	}
}
