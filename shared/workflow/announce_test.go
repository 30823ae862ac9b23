package workflow_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"darkroom/shared/credit"
	"darkroom/shared/fault"
	"darkroom/shared/transition"
	"darkroom/shared/upload"
	"darkroom/shared/workflow/simtest"
)

// rows counts what lies in the tables under sort keys of a kind.
func (u uploading) rows(prefix string) (n int) {
	for _, row := range u.store.All() {
		if strings.HasPrefix(row.Key.SK, prefix) {
			n++
		}
	}
	return n
}

func TestTheFirstUploadOpensTheAccount(t *testing.T) {
	t.Parallel()
	u := newUploading()
	u.announce(t, photo(t))
	b, err := u.Accounts.Balance(ctx, simtest.Alice)
	if err != nil || b.State != credit.Open || b.Available != simtest.Credits || b.Slots != simtest.Slots || b.Held != 0 {
		t.Errorf("the balance is %+v, %v; want a new account's", b, err)
	}
	u.announce(t, photo(t))
	if again, err := u.Accounts.Balance(ctx, simtest.Alice); err != nil || again != b {
		t.Errorf("after another upload it is %+v, %v; want it as it was", again, err)
	}
}

func TestOnlyAnAccountThatCouldAskForWorkAnnouncesUploads(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		account credit.Balance
		want    fault.Code // "": it may
	}{
		"Frozen":           {credit.Balance{State: credit.Frozen, Available: 9}, fault.Forbidden},
		"Closed":           {credit.Balance{State: credit.Closed, Available: 9}, fault.Forbidden},
		"FrozenAndEmpty":   {credit.Balance{State: credit.Frozen}, fault.Forbidden},
		"NoCredits":        {credit.Balance{State: credit.Open, Spent: 9}, fault.InsufficientCredits},
		"OneCreditLeft":    {credit.Balance{State: credit.Open, Available: 1}, ""},
		"EverythingIsHeld": {credit.Balance{State: credit.Open, Held: 1}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUploading()
			before := c.account.Item()
			if err := u.store.Transact(ctx, transition.Write{Key: credit.BalanceKey(simtest.Alice), Put: before}); err != nil {
				t.Fatal(err)
			}
			_, err := u.Create(ctx, simtest.Alice, "image/png", 5)
			if c.want == "" {
				if err != nil || u.rows("U#") != 1 {
					t.Errorf("%v with %d uploads, want one", err, u.rows("U#"))
				}
				return
			}
			var refusal *fault.Error
			if !errors.As(err, &refusal) || refusal.Code != c.want {
				t.Errorf("%v, want %s", err, c.want)
			} else if c.want == fault.InsufficientCredits && (refusal.Required != 1 || refusal.Available != 0) {
				t.Errorf("it says that %d are needed and %d there, want 1 and 0", refusal.Required, refusal.Available)
			}
			if after, _ := u.store.Get(ctx, credit.BalanceKey(simtest.Alice)); u.rows("U#") != 0 || len(after) != len(before) {
				t.Errorf("left behind: %d uploads, and the balance %v", u.rows("U#"), after)
			}
		})
	}
}

func TestAnAccountAnnouncesABoundedNumberOfBytesADay(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int64{"TheLargestFiles": upload.MaxBytes, "OddSizes": 7_777_777, "SingleBytes": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUploading()
			u.clock.Add(23*time.Hour + 30*time.Minute)
			announceAll := func() (n int, err error) {
				for n = 0; n < 10_000; n++ {
					if _, err := u.Create(ctx, simtest.Alice, "image/png", size); err != nil {
						return n, err
					}
				}
				return n, nil
			}
			n, err := announceAll()
			var refusal *fault.Error
			if !errors.As(err, &refusal) || refusal.Code != fault.RateLimited || refusal.RetryAfter != 30*time.Minute {
				t.Fatalf("after %d uploads: %v, want rate_limited until midnight", n, err)
			}
			if all := int64(n) * size; all > upload.DayBytes || size > 1<<20 && all+size <= upload.DayBytes {
				t.Errorf("%d uploads are %d bytes; the bound is %d", n, all, upload.DayBytes)
			}
			if u.rows("U#") != n {
				t.Errorf("%d rows of %d uploads", u.rows("U#"), n)
			}
			if _, err := u.Create(ctx, simtest.Bob, "image/png", size); err != nil {
				t.Errorf("Bob: %v", err)
			}
			u.clock.Add(30 * time.Minute)
			if next, err := announceAll(); next != n {
				t.Errorf("%d on the next day, want %d again: %v", next, n, err)
			}
		})
	}
}

// Two processes need not agree about when midnight is: the day that one of them has begun is everybody's.
func TestAClockThatIsBehindDoesNotBeginTheDayAnew(t *testing.T) {
	t.Parallel()
	u := newUploading()
	for range upload.DayBytes / upload.MaxBytes {
		if _, err := u.Create(ctx, simtest.Alice, "image/png", upload.MaxBytes); err != nil {
			t.Fatal(err)
		}
	}
	right := u.Now
	u.Engine.Now = func() time.Time { return right().Add(-time.Second) }
	if _, err := u.Create(ctx, simtest.Alice, "image/png", upload.MaxBytes); fault.CodeOf(err) != fault.RateLimited {
		t.Errorf("a second before midnight: %v, want rate_limited", err)
	}
	u.Engine.Now = right
	if _, err := u.Create(ctx, simtest.Alice, "image/png", upload.MaxBytes); fault.CodeOf(err) != fault.RateLimited {
		t.Errorf("after it again: %v, want rate_limited", err)
	}
}
