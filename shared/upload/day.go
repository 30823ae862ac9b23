package upload

import (
	"time"

	"darkroom/shared/credit"
	tr "darkroom/shared/transition"
)

// What an account may announce on one day (UTC). Uploads are free, and the bucket keeps them for two days: what one account can have lie there is about three days' worth.
const (
	DayBytes     = 2 << 30   // a hundred of the largest files; images that are worked on are far smaller
	countedBytes = 256 << 10 // a file counts as this much at least, for its row and our look at it cost the same however small it is
)

const day = 24 * time.Hour

// NextDay is when an account may announce anew.
func NextDay(now time.Time) time.Time { return now.UTC().Truncate(day).Add(day) }

// Fits tells by which row the account with this balance may announce the upload today, if there is room for it.
func (u *Upload) Fits(balance tr.Item) (row *tr.Row, fits bool) {
	if balance.Int("upload_day") < u.announcedOn() {
		return credit.AnnounceFirst, true
	}
	return credit.Announce, balance.Int("upload_bytes") <= u.left()
}

// AccountPart is the position of the account's part in the writes of an upload, to read a refusal.
const AccountPart = 0

// CreateWrites are U1: the account's part by credit.Announce or credit.AnnounceFirst, and the upload's own row.
func (u *Upload) CreateWrites(row *tr.Row) []tr.Write {
	return []tr.Write{
		{Key: credit.BalanceKey(u.Account), Row: row, Args: tr.Args{"day": u.announcedOn(), "bytes": u.counted(), "left": u.left()}},
		{Key: u.Key(), Put: u.Item()},
	}
}

// announcedOn is the day, in days since 1970.
func (u *Upload) announcedOn() int64 { return u.CreatedAt / day.Milliseconds() }

func (u *Upload) counted() int64 { return max(u.Bytes, countedBytes) }

// left is how much a day may have already for the upload to find room.
func (u *Upload) left() int64 { return DayBytes - u.counted() }
