package credit_test

import (
	"testing"

	"pgregory.net/rapid"

	"darkroom/shared/credit"
)

func TestAccountsOfDifferentIssuersAndSubjectsNeverMeet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		a, b := [2]string{text.Draw(t, "issuer a"), text.Draw(t, "subject a")}, [2]string{text.Draw(t, "issuer b"), text.Draw(t, "subject b")}
		same := credit.AccountID(a[0], a[1]) == credit.AccountID(b[0], b[1])
		if same != (a == b) {
			t.Fatalf("%q and %q share an account: %v", a, b, same)
		}
	})
}

func TestPairsThatJoinToTheSameTextAreDifferentAccounts(t *testing.T) {
	t.Parallel()
	seen := map[string][2]string{}
	for _, pair := range [][2]string{{"ab", "c"}, {"a", "bc"}, {"", "abc"}, {"abc", ""}, {"a\x00b", "c"}, {"a", "\x00bc"}} {
		id := credit.AccountID(pair[0], pair[1])
		if !credit.ValidAccountID(id) {
			t.Errorf("%q is not an account id", id)
		}
		if other, taken := seen[id]; taken {
			t.Errorf("%q and %q are one account", pair, other)
		}
		seen[id] = pair
	}
}

func TestAnAccountIDIsThatOfEveryReleaseBefore(t *testing.T) {
	t.Parallel()
	// An account would be lost if this changed.
	if got, want := credit.AccountID("https://issuer.example", "user-1"), "tbdxhb6vy67dl3hyabhu62wztr"; got != want {
		t.Errorf("AccountID is %s, and was %s", got, want)
	}
}

func TestValidAccountIDRefusesOtherForms(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "abc", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxy1", "abcdefghijklmnopqrstuvwxyz2", "abcdefghijklmnopqrstuvwxy#"} {
		if credit.ValidAccountID(text) {
			t.Errorf("%q counts as an account id", text)
		}
	}
}
