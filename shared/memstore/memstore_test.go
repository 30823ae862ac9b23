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

func TestCallersCannotReachIntoTheStore(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := memstore.New()
	key := transition.Key{Table: transition.Tasks, PK: "A#a", SK: "T#1"}
	given := transition.Item{"sub": transition.Item{"n": int64(1)}}
	answered, err := s.Update(ctx, transition.Write{Key: key, Put: given})
	if err != nil {
		t.Fatal(err)
	}
	read, _ := s.Get(ctx, key)                                                          // never fails
	queried, _ := s.Query(ctx, transition.Query{Table: key.Table, PK: "A#a", Limit: 1}) // never fails
	for _, item := range []transition.Item{given, answered, read, queried[0].Item, s.All()[0].Item} {
		item["sub"].(transition.Item)["n"] = int64(2)
		now, _ := s.Get(ctx, key) // never fails
		if got := now.Int("sub.n"); got != 1 {
			t.Fatalf("a change from outside reached the store: n is %d", got)
		}
	}
}
