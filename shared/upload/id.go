package upload

import (
	"errors"
	"strings"

	"darkroom/shared/credit"
	tr "darkroom/shared/transition"
)

// ID names an upload: "upl_" and a ULID.
type ID string

const (
	idPrefix  = "upl_"
	skPrefix  = "U#"
	crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

// NewID makes an upload id of a fresh ULID.
func NewID(ulid string) ID { return ID(idPrefix + ulid) }

// ParseID reads an upload id; the error says what one looks like.
func ParseID(text string) (ID, error) {
	ulid, found := strings.CutPrefix(text, idPrefix)
	if !found || len(ulid) != 26 || strings.Trim(ulid, crockford) != "" || ulid[0] > '7' {
		return "", errors.New("is not an upload id; one looks like upl_01JD3YQ5T8Z6M3N0V4W2X7K9BC")
	}
	return ID(text), nil
}

// Key is where an upload's row lies. The account is part of it: another account's upload is not there by construction.
func Key(account string, id ID) tr.Key {
	return tr.Key{Table: tr.Tasks, PK: credit.PK(account), SK: skPrefix + strings.TrimPrefix(string(id), idPrefix)}
}
