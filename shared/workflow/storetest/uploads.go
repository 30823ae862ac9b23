package storetest

import (
	"context"
	"testing"
	"time"

	"darkroom/shared/credit"
	"darkroom/shared/fault"
	"darkroom/shared/transition"
	"darkroom/shared/upload"
	"darkroom/shared/workflow"
)

// forms signs nothing: the suite is about the rows.
type forms struct{ workflow.UploadSpace }

func (forms) PresignUpload(context.Context, string, string, int64, time.Duration) (string, map[string]string, error) {
	return "https://bucket.example", nil, nil
}

// uploadsAtOnceAreBounded announces the largest files side by side: as the first calls of an account, when its day is nearly full, and on the day after.
func uploadsAtOnceAreBounded(t *testing.T, s Store) {
	const calls, room = 10, 3
	ctx, owner := context.Background(), account("a")
	c := creator(s, 1, 5)
	uploads := &workflow.Uploads{Engine: engine(s), Accounts: c.Accounts, Space: forms{}}
	announce := func() map[fault.Code]int {
		errs := make([]error, calls)
		together(calls, func(i int) { _, errs[i] = uploads.Create(ctx, owner, "image/png", upload.MaxBytes) })
		return refusals(t, errs)
	}
	counted := func(want int64) {
		t.Helper()
		item, err := s.Get(ctx, credit.BalanceKey(owner))
		must(t, err)
		if got := item.Int("upload_bytes"); got != want {
			t.Errorf("%d bytes are counted, want %d: %v", got, want, item)
		}
	}
	if codes := announce(); len(codes) != 0 {
		t.Errorf("the account's first uploads are refused: %v", codes)
	}
	counted(calls * upload.MaxBytes)

	nearlyFull := &transition.Row{ID: "X", Effects: []transition.Effect{transition.Set("upload_bytes", transition.Const(int64(upload.DayBytes-room*upload.MaxBytes)))}}
	_, err := s.Update(ctx, transition.Write{Key: credit.BalanceKey(owner), Row: nearlyFull})
	must(t, err)
	if codes := announce(); codes[fault.RateLimited] != calls-room || len(codes) != 1 {
		t.Errorf("with room for %d uploads %v are refused, want %d of %s", room, codes, calls-room, fault.RateLimited)
	}
	counted(upload.DayBytes)

	uploads.Now = func() time.Time { return upload.NextDay(epoch) }
	if codes := announce(); len(codes) != 0 {
		t.Errorf("the next day's uploads are refused: %v", codes)
	}
	counted(calls * upload.MaxBytes)

	rows, err := s.Query(ctx, transition.Query{Table: transition.Tasks, PK: credit.PK(owner), Prefix: "U#", Limit: 100})
	must(t, err)
	if want := calls + room + calls; len(rows) != want {
		t.Errorf("%d rows of uploads, want %d", len(rows), want)
	}
	if b := balance(t, s, owner); b.Available != 1 || b.Slots != 5 || b.State != credit.Open || count(entries(t, s, owner), credit.KindGrant) != 1 {
		t.Errorf("the balance is %+v", b)
	}
}
