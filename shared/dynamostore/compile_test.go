package dynamostore

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"darkroom/shared/catalog"
	"darkroom/shared/credit"
	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/upload"
	"darkroom/shared/workflow/storetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestCompiledRowsAreTheReviewedOnes shows what a few rows become, for people to read: one with every kind of guard and effect, one with nested alternatives,
// one of a balance, one without source states, and a new item.
func TestCompiledRowsAreTheReviewedOnes(t *testing.T) {
	t.Parallel()
	key := task.Key("abc", "tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC")
	args := transition.Args{"read_att": int64(1), "n": int64(2), "now": int64(1000), "lease_id": "LEASE", "lease_until": int64(1200), "late": int64(880),
		"attempt": transition.Item{"provider": "bfl"}, "error": transition.Item{"code": "deadline_exceeded"}, "read_due": int64(700), "due": int64(1045),
		"read_deleted_at": int64(500), "past": int64(600)}
	var text strings.Builder
	for _, w := range []transition.Write{
		{Key: key, Row: &task.T3.Row, Args: args}, {Key: key, Row: &task.T8.Row, Args: args}, {Key: key, Row: &task.T12.Row, Args: args},
		{Key: key, Row: &task.T20.Row, Args: args}, credit.HoldWrite("abc", 10, 2), credit.SettleWrite("abc", credit.Capture, 5), {Key: key, Put: transition.Item{"state": "CREATED"}},
	} {
		expr, err := compile(w)
		if err != nil {
			t.Fatal(err)
		}
		title := "a new item"
		if w.Row != nil {
			title = w.Row.ID + " " + w.Row.Name
		}
		fmt.Fprintf(&text, "# %s\n%s\n", title, readable(expr))
	}
	path := filepath.Join("testdata", "compiled.golden")
	if *update {
		if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; make it with -update and read it", err)
	}
	if text.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", text.String(), want)
	}
}

func everyRow() []*transition.Row {
	all := slices.Concat(credit.Rows, task.RequestRows, catalog.ProviderRows, upload.Rows)
	for _, move := range task.Transitions {
		all = append(all, &move.Row)
	}
	return all
}

// compareRow holds a compiled row against the same row as the interpreter reads it, on one item.
func compareRow(row *transition.Row, item transition.Item, args transition.Args) error {
	key := transition.Key{Table: transition.Tasks, PK: "A#a", SK: "T#1"}
	expr, err := compile(transition.Write{Key: key, Row: row, Args: args})
	if err != nil {
		return err
	}
	with := item.Clone()
	with["pk"], with["sk"] = key.PK, key.SK
	holds := row.Holds(item, args)
	if got := conditionHolds(expr, with); got != holds {
		return fmt.Errorf("%s: the compiled condition is %t, the row %t\non   %v\nwith %v\n%s", row.ID, got, holds, item, args, readable(expr))
	}
	if !holds {
		return nil
	}
	got, want := updated(expr, with), row.Apply(with, args)
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%s: the compiled update makes %v\nthe row %v\nwith %v\n%s", row.ID, got, want, args, readable(expr))
	}
	return nil
}

func TestCompiledRowsMeanWhatTheInterpreterReads(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	applied := map[string]int{}
	for range 300 {
		for _, row := range everyRow() {
			item, args := storetest.RandomCase(random, row)
			if err := compareRow(row, item, args); err != nil {
				t.Fatal(err)
			}
			if row.Holds(item, args) {
				applied[row.ID]++
			}
		}
	}
	for _, row := range everyRow() {
		if applied[row.ID] == 0 {
			t.Errorf("%s was never applied: its effects were not compared", row.ID)
		}
	}
}

// FuzzCompiledRow lets the fuzzer choose a row and the seed of its item.
func FuzzCompiledRow(f *testing.F) {
	for i := range everyRow() {
		f.Add(uint8(i), uint64(i))
	}
	f.Fuzz(func(t *testing.T, at uint8, seed uint64) {
		rows := everyRow()
		row := rows[int(at)%len(rows)]
		item, args := storetest.RandomCase(rand.New(rand.NewPCG(seed, uint64(at))), row)
		if err := compareRow(row, item, args); err != nil {
			t.Error(err)
		}
	})
}

func TestAnItemSurvivesEncoding(t *testing.T) {
	t.Parallel()
	key := transition.Key{Table: transition.Ledger, PK: "A#a", SK: "1#H"}
	want := transition.Item{"text": "é", "empty": "", "n": int64(-1 << 62), "yes": true, "list": []string{"a", ""}, "none": []string{}, "sub": transition.Item{"deep": transition.Item{}}}
	got := decode(transition.Ledger, encode(key, want))
	if got.Key != key || !reflect.DeepEqual(got.Item, want) {
		t.Errorf("got %+v, want %+v at %s", got, want, key)
	}
}

func TestAValueThatCannotBeStoredIsABug(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("an int was encoded; items hold int64 only, so that both stores read the same back")
		}
	}()
	encodeValue(1)
}
