package budget

import (
	"fmt"
	"strconv"
	"strings"

	"darkroom/shared/transition"
)

// Size is what DynamoDB counts an item as, in bytes, its key included: names and values in UTF-8, a number as a byte for every two significant digits
// and one more, a boolean as one, a list or map as three and one more for each member.
func Size(key transition.Key, item transition.Item) int {
	return size("pk", key.PK) + size("sk", key.SK) + attributes(item)
}

// entrySize is the size of the item's entry in the due index, which holds keys only; 0 when it is not in the index.
func entrySize(key transition.Key, item transition.Item) int {
	if item["shard"] == nil || item["due"] == nil {
		return 0
	}
	return size("pk", key.PK) + size("sk", key.SK) + size("shard", item["shard"]) + size("due", item["due"])
}

func attributes(item transition.Item) (bytes int) {
	for name, value := range item {
		bytes += size(name, value)
	}
	return bytes
}

func size(name string, value any) int { return len(name) + valueSize(value) }

const (
	containerBytes = 3
	memberBytes    = 1
)

func valueSize(value any) int {
	switch v := value.(type) {
	case string:
		return len(v)
	case int64:
		return numberSize(v)
	case bool:
		return 1
	case []string:
		bytes := containerBytes
		for _, member := range v {
			bytes += memberBytes + len(member)
		}
		return bytes
	case transition.Item:
		return containerBytes + memberBytes*len(v) + attributes(v)
	}
	panic(fmt.Sprintf("budget: an item cannot hold a %T", value))
}

// numberSize leaves out zeros at the end; a minus sign is one more byte.
func numberSize(n int64) int {
	digits, negative := strings.CutPrefix(strconv.FormatInt(n, 10), "-")
	significant := max(1, len(strings.TrimRight(digits, "0")))
	bytes := 1 + (significant+1)/2
	if negative {
		bytes++
	}
	return bytes
}
