package credit_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"darkroom/shared/credit"
	"darkroom/shared/transition"
)

// ledger draws a life of an account: its entries newest first, and what is available at the end.
func ledger(t *rapid.T) (entries []credit.Entry, available int64) {
	for i := range rapid.IntRange(0, 30).Draw(t, "lines") {
		id, amount := fmt.Sprintf("%026d", i), rapid.Int64Range(1, 100).Draw(t, "amount")
		switch rapid.SampledFrom([]string{"grant", "withdrawal", "pending", "captured", "released"}).Draw(t, "kind") {
		case "grant":
			entries = append(entries, credit.Entry{ID: id, Kind: credit.KindGrant, Amount: amount})
			available += amount
		case "withdrawal":
			entries = append(entries, credit.Entry{ID: id, Kind: credit.KindWithdrawal, Amount: amount})
			available -= amount
		case "pending":
			entries = append(entries, credit.Entry{ID: id, Kind: credit.KindHold, Amount: amount, Task: "tsk_" + id})
			available -= amount
		case "captured":
			entries = append(entries, credit.Entry{ID: id, Kind: credit.KindHold, Amount: amount, Task: "tsk_" + id}, credit.Entry{ID: id, Kind: credit.KindCapture, Amount: amount, At: 5})
			available -= amount
		case "released":
			entries = append(entries, credit.Entry{ID: id, Kind: credit.KindHold, Amount: amount, Task: "tsk_" + id}, credit.Entry{ID: id, Kind: credit.KindRelease, Amount: amount, At: 5})
		}
	}
	slices.Reverse(entries)
	return entries, available
}

func TestTheLinesOfTheBillingHistoryAlwaysAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		entries, available := ledger(t)
		lines, before := credit.History(entries, available)
		if before != 0 {
			t.Fatalf("before the first line there were %d credits, want 0", before)
		}
		for i, line := range lines {
			want := available
			if i > 0 {
				want = lines[i-1].Before()
			}
			if line.BalanceAfter != want {
				t.Fatalf("line %d: balance after %d, want %d", i, line.BalanceAfter, want)
			}
		}
	})
}

func TestATaskIsOneLineWithItsEnd(t *testing.T) {
	t.Parallel()
	entries := []credit.Entry{
		{ID: "2", Kind: credit.KindRelease, Amount: 5, At: 30}, {ID: "2", Kind: credit.KindHold, Amount: 5, At: 20, Task: "tsk_2"},
		{ID: "1", Kind: credit.KindGrant, Amount: 100, At: 10},
	}
	lines, _ := credit.History(entries, 100)
	want := []credit.Line{
		{ID: "2", Kind: "task", Task: "tsk_2", Amount: 5, State: credit.Released, At: 20, SettledAt: 30, BalanceAfter: 100},
		{ID: "1", Kind: "grant", Amount: 100, State: credit.Captured, At: 10, BalanceAfter: 100},
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got %+v, want %+v", lines, want)
	}
}

// A page may end between a settle and its hold: the half line is left for the next page.
func TestASettleWithoutItsHoldIsNoLineYet(t *testing.T) {
	t.Parallel()
	lines, before := credit.History([]credit.Entry{{ID: "3", Kind: credit.KindGrant, Amount: 7}, {ID: "2", Kind: credit.KindCapture, Amount: 5}}, 50)
	if len(lines) != 1 || before != 43 {
		t.Errorf("%+v, before %d; want one line and 43", lines, before)
	}
}

func TestAnEntrySurvivesItsItemAndOtherRowsAreNone(t *testing.T) {
	t.Parallel()
	want := credit.Entry{ID: "01JD3YQ5T8Z6M3N0V4W2X7K9BC", Kind: credit.KindWithdrawal, Amount: 7, At: 9, Reason: "why", By: "who", Reference: "r"}
	write := want.Write("a")
	if got, ok := credit.EntryFrom(write.Key, write.Put); !ok || got != want {
		t.Errorf("got %+v, %v", got, ok)
	}
	key := credit.ReferenceKey("a", "01JD#G")
	if entry, ok := credit.EntryFrom(key, transition.Item{"kind": "grant", "amount": int64(1)}); ok {
		t.Errorf("a reference row was read as %+v", entry)
	}
}

func TestCaptureAndReleaseShareTheirKey(t *testing.T) {
	t.Parallel()
	capture, release := credit.Entry{ID: "1", Kind: credit.KindCapture}.Key("a"), credit.Entry{ID: "1", Kind: credit.KindRelease}.Key("a")
	if capture != release || capture != credit.SettleKey("a", "1") {
		t.Errorf("%s and %s: a task could be settled twice", capture, release)
	}
}
