package storetest

import (
	"fmt"
	"slices"
	"strings"

	"darkroom/shared/catalog"
	"darkroom/shared/credit"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// rows is every row there is.
var rows = everyRow()

func everyRow() []*transition.Row {
	all := slices.Concat(credit.Rows, task.RequestRows, []*transition.Row{catalog.P1})
	for _, move := range task.Transitions {
		all = append(all, &move.Row)
	}
	return all
}

var states = []string{"CREATED", "QUEUED", "SUBMITTING", "RUNNING", "BACKOFF", "STORING", "COMPLETED", "FAILED", "LATER", "open", "frozen", "closed"}

// numbers and flags that conditions read. Some may be absent; the values are few, so that they are often equal, and often just not.
var (
	always    = []string{"att", "max", "lease_until", "next_at", "deadline_at", "store_tries", "faults", "available", "held", "slots", "limit", "live", "spent", "granted", "withdrawn"}
	sometimes = []string{"win", "store_until", "deleted_at"}
	flags     = []string{"erase", "erasing", "erased"}
)

// item makes an item that every row can be tried on: what a row writes into is there, as it always is in real items.
func (p *program) item() transition.Item {
	item := transition.Item{"state": pick(p, states), "lease_id": pick(p, []string{"A", "B", ""}), "timeline": transition.Item{}, "label": "x", "prompt": "y",
		"attempts": transition.Item{"1": transition.Item{"provider": "bfl"}, "2": transition.Item{"provider": "fal", "job": "j"}, "3": transition.Item{}}}
	for _, name := range always {
		item[name] = p.small()
	}
	for _, name := range sometimes {
		if p.random.IntN(2) == 0 {
			item[name] = p.small()
		}
	}
	for _, name := range flags {
		if p.random.IntN(3) == 0 {
			item[name] = p.random.IntN(4) > 0
		}
	}
	if p.random.IntN(2) == 0 {
		item["shard"], item["due"] = fmt.Sprintf("P#%d", p.number), p.small()
	}
	return item
}

func (p *program) small() int64 { return int64(p.random.IntN(4)) }

func pick[T any](p *program, from []T) T { return from[p.random.IntN(len(from))] }

// args gives values to a row's parameters: often those of the item at hand, so that rows are also applied.
func (p *program) args(row *transition.Row, now transition.Item) transition.Args {
	args := transition.Args{}
	var guards func([]transition.Guard)
	guards = func(all []transition.Guard) {
		for _, g := range all {
			guards(g.Sub)
			if g.Operand.Kind == transition.FromParam {
				args[g.Operand.Name] = p.value(g.Operand.Name)
				if have := now.Get(g.Path); have != nil && p.random.IntN(4) > 0 {
					args[g.Operand.Name] = have
				}
			}
			p.pathArgs(g.Path, args)
		}
	}
	guards(row.Guards)
	for _, e := range row.Effects {
		if _, given := args[e.Operand.Name]; !given && e.Operand.Kind == transition.FromParam {
			args[e.Operand.Name] = p.value(e.Operand.Name)
		}
		p.pathArgs(e.Path, args)
	}
	if n, there := args["n"].(int64); there { // an attempt's number: 1 to 3
		args["n"] = min(3, max(1, n))
	}
	return args
}

func (p *program) pathArgs(path string, args transition.Args) {
	if _, given := args["n"]; !given && strings.Contains(path, "{n}") {
		args["n"] = 1 + p.random.Int64N(3)
	}
}

// value makes a value of the type that a parameter has.
func (p *program) value(name string) any {
	switch name {
	case "error", "source", "asset", "attempt":
		return transition.Item{"made": p.small(), "inner": transition.Item{}}
	case "lease_id", "job", "handle", "message", "reason", "by":
		return pick(p, []string{"A", "B", ""})
	case "read_state":
		return pick(p, states)
	case "enabled":
		return p.random.IntN(2) == 0
	case "shard":
		return fmt.Sprintf("P#%d", p.number)
	}
	return p.small()
}
