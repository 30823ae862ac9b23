package upload_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"darkroom/shared/credit"
	"darkroom/shared/fault"
	"darkroom/shared/transition"
	"darkroom/shared/upload"
)

const ulid = "01JD3YQ5T8Z6M3N0V4W2X7K9BC"

var (
	now   = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	alice = credit.AccountID("https://issuer.example", "alice")
)

func ExampleParseID() {
	_, err := upload.ParseID("tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC")
	fmt.Println(err)
	// Output: is not an upload id; one looks like upl_01JD3YQ5T8Z6M3N0V4W2X7K9BC
}

func announced(t *testing.T) *upload.Upload {
	t.Helper()
	u, err := upload.New(alice, ulid, "image/png", 1234, now)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestOnlyOurTypesAndSizesCanBeAnnounced(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		contentType string
		bytes       int64
		field       string // at fault; empty: allowed
	}{
		{"image/png", 1, ""}, {"image/jpeg", upload.MaxBytes, ""}, {"image/webp", 500, ""},
		{"image/gif", 500, "body.content_type"}, {"image/svg+xml", 500, "body.content_type"}, {"text/html", 500, "body.content_type"},
		{"", 500, "body.content_type"}, {"image/png; charset=x", 500, "body.content_type"}, {"IMAGE/PNG", 500, "body.content_type"},
		{"image/png", 0, "body.bytes"}, {"image/png", -1, "body.bytes"}, {"image/png", upload.MaxBytes + 1, "body.bytes"},
	} {
		_, err := upload.New(alice, ulid, c.contentType, c.bytes, now)
		var refusal *fault.Error
		field := ""
		if errors.As(err, &refusal) {
			field = refusal.Field
		}
		if field != c.field || (err == nil) != (c.field == "") {
			t.Errorf("%q of %d bytes: %v, want a refusal of %q", c.contentType, c.bytes, err, c.field)
		}
	}
}

func TestIDsAreReadBackAndNothingElseIs(t *testing.T) {
	t.Parallel()
	if id, err := upload.ParseID("upl_" + ulid); err != nil || id != upload.NewID(ulid) {
		t.Errorf("%q, %v", id, err)
	}
	for _, text := range []string{
		"", "upl_", ulid, "tsk_" + ulid, "upl_" + ulid + "0", "upl_8" + ulid[1:], "upl_../../../stage/x/aaaaaaaa",
		"upl_01jd3yq5t8z6m3n0v4w2x7k9bc", "upl_01JD3YQ5T8Z6M3N0V4W2X7K9B/",
	} {
		if id, err := upload.ParseID(text); err == nil {
			t.Errorf("%q is read as %q", text, id)
		}
	}
}

func TestAnUploadIsReadBackAsItWasStored(t *testing.T) {
	t.Parallel()
	u := announced(t)
	item := u.Item()
	if got := upload.From(alice, u.ID, item); !reflect.DeepEqual(got, u) {
		t.Errorf("waiting: %+v, want %+v", got, u)
	}
	if got, want := item.Int("ttl"), now.Add(upload.Life).Unix(); got != want {
		t.Errorf("ttl %d, want %d: the table counts in seconds", got, want)
	}
	checked := upload.Checked{ETag: `"abc"`, ContentType: "image/jpeg", Width: 30, Height: 20, Alpha: true}
	write := u.ReadyWrite(checked)
	want := *u
	want.State, want.ETag, want.ContentType, want.Width, want.Height, want.Alpha = upload.Ready, `"abc"`, "image/jpeg", 30, 20, true
	if got := upload.From(alice, u.ID, write.Row.Apply(item, write.Args)); !reflect.DeepEqual(*got, want) {
		t.Errorf("ready: %+v, want %+v", *got, want)
	}
	write = u.RejectWrite("is a cat")
	want = *u
	want.State, want.Reason = upload.Rejected, "is a cat"
	if got := upload.From(alice, u.ID, write.Row.Apply(item, write.Args)); !reflect.DeepEqual(*got, want) {
		t.Errorf("rejected: %+v, want %+v", *got, want)
	}
}

func TestWhatWasDecidedAboutAnUploadStays(t *testing.T) {
	t.Parallel()
	args := transition.Args{"etag": "e", "type": "image/png", "width": int64(1), "height": int64(1), "alpha": false, "reason": "r"}
	for _, row := range upload.Rows {
		for _, state := range []upload.State{upload.Waiting, upload.Ready, upload.Rejected, "LATER"} {
			if got, want := row.Holds(transition.Item{"state": string(state)}, args), state == upload.Waiting; got != want {
				t.Errorf("%s from %s: %t, want %t", row.ID, state, got, want)
			}
		}
		if row.Holds(nil, args) {
			t.Errorf("%s makes a row out of nothing", row.ID)
		}
	}
	if !slices.Equal(upload.Rows, []*transition.Row{upload.U2, upload.U3}) {
		t.Error("a row is not listed")
	}
}

func TestAnUploadFitsIntoItsDayOrBeginsIt(t *testing.T) {
	t.Parallel()
	today := now.UnixMilli() / (24 * time.Hour).Milliseconds()
	for name, c := range map[string]struct {
		balance transition.Item
		bytes   int64
		row     *transition.Row
		fits    bool
	}{
		"TheFirstOfAll":             {transition.Item{}, upload.MaxBytes, credit.AnnounceFirst, true},
		"TheFirstOfToday":           {transition.Item{"upload_day": today - 1, "upload_bytes": int64(upload.DayBytes)}, 1, credit.AnnounceFirst, true},
		"TheLastThatFits":           {transition.Item{"upload_day": today, "upload_bytes": int64(upload.DayBytes - upload.MaxBytes)}, upload.MaxBytes, credit.Announce, true},
		"AByteTooMuch":              {transition.Item{"upload_day": today, "upload_bytes": int64(upload.DayBytes - upload.MaxBytes + 1)}, upload.MaxBytes, credit.Announce, false},
		"ASmallFileIsNotForNothing": {transition.Item{"upload_day": today, "upload_bytes": int64(upload.DayBytes - 1)}, 1, credit.Announce, false},
		"ADayThatAnotherHasBegun":   {transition.Item{"upload_day": today + 1, "upload_bytes": int64(upload.DayBytes)}, 1, credit.Announce, false},
	} {
		u := announced(t)
		u.Bytes = c.bytes
		if row, fits := u.Fits(c.balance); row != c.row || fits != c.fits {
			t.Errorf("%s: by %s %t, want %s %t", name, row.ID, fits, c.row.ID, c.fits)
		}
	}
	if got, want := upload.NextDay(now), time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("the next day begins at %s, want %s", got, want)
	}
}

func TestRowAndBytesLieInTheAccountsOwnPlaces(t *testing.T) {
	t.Parallel()
	u := announced(t)
	if want := (transition.Key{Table: transition.Tasks, PK: "A#" + alice, SK: "U#" + ulid}); u.Key() != want {
		t.Errorf("row at %v, want %v", u.Key(), want)
	}
	if want := "u/" + alice + "/upl_" + ulid; u.Object() != want {
		t.Errorf("bytes at %s, want %s", u.Object(), want)
	}
}

func TestAnUploadExpiresBeforeItsBytesDo(t *testing.T) {
	t.Parallel()
	u := announced(t)
	if last := now.Add(upload.Life - time.Millisecond); u.Expired(last) || !u.Expired(now.Add(upload.Life)) {
		t.Errorf("expired at %s: %t, at its end: %t", last, u.Expired(last), u.Expired(now.Add(upload.Life)))
	}
	const kept, longestTask = 48 * time.Hour, 35 * time.Minute // the bucket's rule; the catalogue's longest deadline
	if upload.Life+longestTask > kept {
		t.Errorf("a task accepted at the end of %s may outlive the bytes, which go after %s", upload.Life, kept)
	}
}
