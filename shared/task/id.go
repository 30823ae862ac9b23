package task

import (
	"fmt"
	"hash/fnv"
	"strings"

	"darkroom/shared/credit"
	"darkroom/shared/transition"
)

// ID names a task: "tsk_" and a ULID.
type ID string

const (
	idPrefix        = "tsk_"
	requestIDPrefix = "req_"
	crockford       = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

// NewID makes a task id of a fresh ULID.
func NewID(ulid string) ID { return ID(idPrefix + ulid) }

// NewRequestID makes a request id of a fresh ULID.
func NewRequestID(ulid string) string { return requestIDPrefix + ulid }

// ParseID reads a task id; the error says what one looks like.
func ParseID(text string) (ID, error) {
	ulid, found := strings.CutPrefix(text, idPrefix)
	if !found || len(ulid) != 26 || strings.Trim(ulid, crockford) != "" || ulid[0] > '7' {
		return "", fmt.Errorf("is not a task id; one looks like tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC")
	}
	return ID(text), nil
}

// ULID is the id without its prefix; the keys of a task and of its ledger entries are made of it.
func (id ID) ULID() string { return strings.TrimPrefix(string(id), idPrefix) }

// Shards is over how many partitions of the due index tasks are spread.
const Shards = 8

// Shard is a task's partition of the due index.
func (id ID) Shard() string {
	h := fnv.New32a()
	h.Write([]byte(id))
	return ShardName(int(h.Sum32() % Shards))
}

// ShardName is the name of one partition of the due index, 0 to Shards-1.
func ShardName(n int) string { return fmt.Sprintf("D#%d", n) }

// SKPrefix begins the sort key of every task.
const SKPrefix = "T#"

// Key is where a task lies.
func Key(account string, id ID) transition.Key {
	return transition.Key{Table: transition.Tasks, PK: credit.PK(account), SK: SKPrefix + id.ULID()}
}

// OfKey reads account and id back from a key; ok is false when it is no task's.
func OfKey(key transition.Key) (account string, id ID, ok bool) {
	account, isAccount := strings.CutPrefix(key.PK, "A#")
	ulid, isTask := strings.CutPrefix(key.SK, SKPrefix)
	return account, NewID(ulid), isAccount && isTask && key.Table == transition.Tasks
}
