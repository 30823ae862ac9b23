// Package upload is a user's image on its way in: announced, sent straight into the bucket, then checked and noted, or refused.
package upload

import (
	"slices"
	"strings"
	"time"

	"darkroom/shared/fault"
	tr "darkroom/shared/transition"
)

// Upload is one announced image. Times are milliseconds since 1970.
type Upload struct {
	Account     string
	ID          ID
	State       State
	ContentType string // as announced; once ready, by its bytes
	Bytes       int64  // as announced, which is exactly what the bucket takes
	ETag        string // of the bytes that were checked: no others are ever used
	Width       int    // pixels, as the image is seen
	Height      int
	Alpha       bool   // pixels may be transparent, as a mask needs it
	Reason      string // why it was refused, in words for its owner
	CreatedAt   int64
	ExpiresAt   int64
}

// State is how far an upload is.
type State string

// The states. All of them end with ExpiresAt: the table forgets the row.
const (
	Waiting  State = "waiting"  // for its owner to send the bytes and complete it (U2, U3)
	Ready    State = "ready"    // to be an input of any number of tasks
	Rejected State = "rejected" // the bytes are no image that we take
)

// Version is the schema this code writes.
const Version = 1

// What can be uploaded, and for how long.
const (
	MaxBytes = 20 << 20         // what providers take at most
	FormLife = 15 * time.Minute // to begin sending the bytes
	// Life is for how long it can be made an input. The bucket keeps the bytes for two days: a task that is accepted at the last moment still finds them.
	Life = 46 * time.Hour
)

var types = []string{"image/png", "image/jpeg", "image/webp"}

// New announces an upload. Refusals are *fault.Error that name the field.
func New(account, ulid, contentType string, bytes int64, now time.Time) (*Upload, error) {
	switch {
	case !slices.Contains(types, contentType):
		return nil, fault.Invalid("body.content_type", "is %.40q; allowed: %s", contentType, strings.Join(types, ", "))
	case bytes < 1 || bytes > MaxBytes:
		return nil, fault.Invalid("body.bytes", "is %d; allowed: 1 to %d", bytes, MaxBytes)
	}
	return &Upload{Account: account, ID: NewID(ulid), State: Waiting, ContentType: contentType, Bytes: bytes,
		CreatedAt: now.UnixMilli(), ExpiresAt: now.Add(Life).UnixMilli()}, nil
}

// Expired tells whether the row is as good as gone; the table takes days to remove one.
func (u *Upload) Expired(now time.Time) bool { return u.ExpiresAt <= now.UnixMilli() }

// Key is where the row lies.
func (u *Upload) Key() tr.Key { return Key(u.Account, u.ID) }

// Object is where the bytes lie in the bucket.
func (u *Upload) Object() string { return "u/" + u.Account + "/" + string(u.ID) }

// Item is how a new upload is stored.
func (u *Upload) Item() tr.Item {
	return tr.Item{"state": string(u.State), "type": u.ContentType, "bytes": u.Bytes, "created_at": u.CreatedAt,
		"ttl": u.ExpiresAt / 1000, "v": int64(Version)} // the table counts lives in seconds
}

// From reads an upload from its item.
func From(account string, id ID, item tr.Item) *Upload {
	return &Upload{Account: account, ID: id, State: State(item.Text("state")), ContentType: item.Text("type"), Bytes: item.Int("bytes"), ETag: item.Text("etag"),
		Width: int(item.Int("width")), Height: int(item.Int("height")), Alpha: item.Flag("alpha"), Reason: item.Text("reason"),
		CreatedAt: item.Int("created_at"), ExpiresAt: item.Int("ttl") * 1000}
}
