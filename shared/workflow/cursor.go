package workflow

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"darkroom/shared/fault"
)

// Cursors makes and checks the cursors of lists. A cursor belongs to one account and one list; a changed or foreign one is refused.
type Cursors struct{ Key []byte }

const maxCursor = 200 // bytes

// Seal makes a cursor of a position.
func (c Cursors) Seal(account, list, position string) string {
	return base64.RawURLEncoding.EncodeToString(append(c.mac(account, list, position), position...))
}

const macBytes = 16

// Open reads a cursor back; an empty one is the beginning.
func (c Cursors) Open(account, list, cursor string) (position string, err error) {
	if cursor == "" {
		return "", nil
	}
	bad := fault.Invalid("query.cursor", "is not a cursor of this list; leave it out to begin at the newest, or use next_cursor as it was given")
	if len(cursor) > maxCursor {
		return "", bad
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) <= macBytes {
		return "", bad
	}
	position = string(raw[macBytes:])
	if !hmac.Equal(raw[:macBytes], c.mac(account, list, position)) {
		return "", bad
	}
	return position, nil
}

func (c Cursors) mac(parts ...string) []byte {
	h := hmac.New(sha256.New, c.Key)
	h.Write([]byte(strings.Join(parts, "\x00")))
	return h.Sum(nil)[:macBytes]
}
