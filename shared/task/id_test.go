package task_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"darkroom/shared/task"
	tr "darkroom/shared/transition"
)

func TestAnIDSurvivesItsKey(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := genID().Draw(t, "id")
		parsed, err := task.ParseID(string(id))
		if err != nil || parsed != id {
			t.Fatalf("%s: got %s, %v", id, parsed, err)
		}
		gotAccount, gotID, ok := task.OfKey(task.Key(account, id))
		if !ok || gotAccount != account || gotID != id {
			t.Fatalf("%s: its key reads as %s of %s (%t)", id, gotID, gotAccount, ok)
		}
	})
}

func TestShardsAreTheEightOfTheIndexAndAllAreUsed(t *testing.T) {
	t.Parallel()
	names := map[string]int{}
	for n := range task.Shards {
		names[task.ShardName(n)] = 0
	}
	for range 4000 {
		id := task.NewID(rapid.StringMatching(`[0-7][0-9A-HJKMNP-TV-Z]{25}`).Example())
		if _, known := names[id.Shard()]; !known {
			t.Fatalf("%s lies in %s, which nobody reads", id, id.Shard())
		}
		names[id.Shard()]++
	}
	for name, count := range names {
		if count < 250 || count > 750 {
			t.Errorf("%s has %d of 4000 tasks, want about 500", name, count)
		}
	}
}

func TestParseIDRefusesWhatIsNoID(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "tsk_", "req_01JD3YQ5T8Z6M3N0V4W2X7K9BC", "01JD3YQ5T8Z6M3N0V4W2X7K9BC", "tsk_01JD3YQ5T8Z6M3N0V4W2X7K9B", "tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BCD",
		"tsk_81JD3YQ5T8Z6M3N0V4W2X7K9BC", "tsk_01jd3yq5t8z6m3n0v4w2x7k9bc", "tsk_01JD3YQ5T8Z6M3N0V4W2X7K9B#", "tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BU", "tsk_../../../../../../../etc"} {
		if id, err := task.ParseID(text); err == nil {
			t.Errorf("%q is taken for task %s", text, id)
		}
	}
}

func TestOfKeyRefusesOtherRows(t *testing.T) {
	t.Parallel()
	for _, key := range []tr.Key{
		{Table: tr.Tasks, PK: "A#" + account, SK: "BAL"}, {Table: tr.Tasks, PK: "A#" + account, SK: "R#1"},
		{Table: tr.Ledger, PK: "A#" + account, SK: "T#1"}, {Table: tr.Tasks, PK: "J#bfl#1", SK: "T#1"},
	} {
		if a, id, ok := task.OfKey(key); ok {
			t.Errorf("%s is taken for task %s of %s", key, id, a)
		}
	}
}

func TestARequestKeyTellsNothingAndNeverCollides(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.StringN(0, 255, 255).Draw(t, "a")
		b := rapid.StringN(0, 255, 255).Draw(t, "b")
		skA, skB := task.RequestSK(a), task.RequestSK(b)
		if (skA == skB) != (a == b) {
			t.Fatalf("%q and %q lie at %s and %s", a, b, skA, skB)
		}
		if len(skA) != 66 || !strings.HasPrefix(skA, "R#") || (len(a) > 3 && strings.Contains(skA, a)) {
			t.Fatalf("%q lies at %s", a, skA)
		}
	})
}
