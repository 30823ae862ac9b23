package storetest

import (
	"math/rand/v2"
	"slices"
	"strings"

	"darkroom/shared/catalog"
	"darkroom/shared/credit"
	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/upload"
)

// rows is every row there is.
var rows = everyRow()

func everyRow() []*transition.Row {
	all := slices.Concat(credit.Rows, task.RequestRows, catalog.ProviderRows, upload.Rows)
	for _, move := range task.Transitions {
		all = append(all, &move.Row)
	}
	return all
}

// generator makes items and arguments at random.
type generator struct {
	random *rand.Rand
	shard  string
}

// RandomCase makes an item and arguments that a row can be tried on; often it may be applied.
func RandomCase(random *rand.Rand, row *transition.Row) (transition.Item, transition.Args) {
	g := generator{random: random, shard: "D#0"}
	item := g.item()
	if len(row.From) > 0 && random.IntN(4) > 0 {
		item["state"] = pick(g, row.From)
	}
	return item, g.args(row, item)
}

var states = []string{"CREATED", "QUEUED", "SUBMITTING", "RUNNING", "BACKOFF", "STORING", "COMPLETED", "FAILED", "LATER", "open", "frozen", "closed"}

// numbers and flags that conditions read. Some may be absent; the values are few, so that they are often equal, and often just not.
var (
	always    = []string{"att", "max", "lease_until", "next_at", "deadline_at", "store_tries", "available", "held", "slots", "limit", "live", "spent", "granted", "withdrawn", "failures", "open_until"}
	sometimes = []string{"win", "store_until", "deleted_at", "upload_day", "upload_bytes"}
	flags     = []string{"erase", "erasing", "erased"}
)

// item makes an item that every row can be tried on: what a row writes into is there, as it always is in real items.
func (g generator) item() transition.Item {
	item := transition.Item{"state": pick(g, states), "lease_id": pick(g, []string{"A", "B", ""}), "timeline": transition.Item{}, "label": "x", "prompt": "y",
		"attempts": transition.Item{"1": transition.Item{"provider": "bfl"}, "2": transition.Item{"provider": "fal", "job": "j"}, "3": transition.Item{}}}
	for _, name := range always {
		item[name] = g.small()
	}
	item["faults"] = int64(g.random.IntN(2 * task.FaultLimit))
	for _, name := range sometimes {
		if g.random.IntN(2) == 0 {
			item[name] = g.small()
		}
	}
	for _, name := range flags {
		if g.random.IntN(3) == 0 {
			item[name] = g.random.IntN(4) > 0
		}
	}
	if g.random.IntN(2) == 0 {
		item["shard"], item["due"] = g.shard, g.small()
	}
	return item
}

func (g generator) small() int64 { return int64(g.random.IntN(4)) }

func pick[T any](g generator, from []T) T { return from[g.random.IntN(len(from))] }

// args gives values to a row's parameters: often those of the item at hand, so that rows are also applied.
func (g generator) args(row *transition.Row, now transition.Item) transition.Args {
	args := transition.Args{}
	var guards func([]transition.Guard)
	guards = func(all []transition.Guard) {
		for _, clause := range all {
			guards(clause.Sub)
			if clause.Operand.Kind == transition.FromParam {
				args[clause.Operand.Name] = g.value(clause.Operand.Name)
				if have := now.Get(clause.Path); have != nil && g.random.IntN(4) > 0 {
					args[clause.Operand.Name] = have
				}
			}
			g.pathArgs(clause.Path, args)
		}
	}
	guards(row.Guards)
	for _, e := range row.Effects {
		if _, given := args[e.Operand.Name]; !given && e.Operand.Kind == transition.FromParam {
			args[e.Operand.Name] = g.value(e.Operand.Name)
		}
		g.pathArgs(e.Path, args)
	}
	if n, there := args["n"].(int64); there { // an attempt's number: 1 to 3
		args["n"] = min(3, max(1, n))
	}
	return args
}

func (g generator) pathArgs(path string, args transition.Args) {
	if _, given := args["n"]; !given && strings.Contains(path, "{n}") {
		args["n"] = 1 + g.random.Int64N(3)
	}
}

// value makes a value of the type that a parameter has.
func (g generator) value(name string) any {
	switch name {
	case "error", "source", "asset", "attempt", "usage":
		return transition.Item{"made": g.small(), "inner": transition.Item{}}
	case "lease_id", "job", "handle", "message", "reason", "by":
		return pick(g, []string{"A", "B", ""})
	case "read_state":
		return pick(g, states)
	case "enabled":
		return g.random.IntN(2) == 0
	case "shard":
		return g.shard
	}
	return g.small()
}
