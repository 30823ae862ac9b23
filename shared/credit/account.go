// Package credit holds an account's credits: the balance, the ledger that explains it, and the rows that move both together.
//
// Credits are whole numbers. A task's cost is held when it is created and then either captured (spent) or released (given back), once.
// available + held + spent = granted - withdrawn, always.
package credit

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"

	"darkroom/shared/transition"
)

// AccountID is the account of a signed-in user: 26 letters and digits made from the token's issuer and subject, so it needs no look-up
// and two processes cannot register it twice. It is a pseudonym that anyone who knows both can compute again.
func AccountID(issuer, subject string) string {
	hash := sha256.New()
	for _, part := range []string{issuer, subject} { // lengths first, so that no two pairs join to the same text
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		hash.Write(length[:])
		hash.Write([]byte(part))
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(hash.Sum(nil))[:26])
}

// ValidAccountID tells whether text has the form of an account id.
func ValidAccountID(text string) bool {
	if len(text) != 26 {
		return false
	}
	return strings.Trim(text, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// PK is the partition that everything of an account lies in. Ownership is part of the key: what is not in it cannot be read.
func PK(account string) string { return "A#" + account }

// BalanceKey is where an account's balance lies.
func BalanceKey(account string) transition.Key {
	return transition.Key{Table: transition.Tasks, PK: PK(account), SK: "BAL"}
}
