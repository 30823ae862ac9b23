package task_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	tr "darkroom/shared/transition"
)

// rowCase says by hand what one row may do. It is not derived from the table: that is what makes it a test of it.
type rowCase struct {
	row    *tr.Row
	states []string // the row is allowed from exactly these; nil: from any state, known or not
	item   changes  // of the common item, so that every guard holds, each at its very bound
	args   tr.Args
	want   changes  // what the row changes
	also   []change // other items and values it is allowed on
	never  []change // items and values it is refused on; each breaks one guard and nothing else
}

// changes maps dotted paths to values; nil removes.
type changes map[string]any

type change struct {
	why  string
	item changes
	args tr.Args
}

// asItIs stands for the state of the item at hand, in arguments.
const asItIs = "(the state as it is)"

// check holds a row against its case and returns the first difference.
func (c rowCase) check(row *tr.Row, common func() tr.Item, known []string) error {
	allowed, refused := c.states, []string{"FROM A NEWER VERSION"}
	if c.states == nil {
		allowed, refused = append(slices.Clone(known), "FROM A NEWER VERSION"), nil
	}
	for _, state := range known {
		if !slices.Contains(allowed, state) {
			refused = append(refused, state)
		}
	}
	for _, state := range allowed {
		item, args := c.make(common, state, change{})
		if !row.Holds(item, args) {
			return fmt.Errorf("refused from %s", state)
		}
		if err := c.applied(row, item, args); err != nil {
			return fmt.Errorf("from %s: %w", state, err)
		}
	}
	for _, state := range refused {
		if item, args := c.make(common, state, change{}); row.Holds(item, args) {
			return fmt.Errorf("allowed from %s", state)
		}
	}
	for path := range c.want {
		if !strings.HasPrefix(path, "timeline.") {
			continue
		}
		item, args := c.make(common, allowed[0], change{item: changes{path: int64(1)}})
		if got := row.Apply(item, args).Int(path); got != 1 {
			return fmt.Errorf("%s was 1 and is now %d: only the first time counts", path, got)
		}
	}
	for _, other := range c.also {
		if item, args := c.make(common, allowed[0], other); !row.Holds(item, args) {
			return fmt.Errorf("refused: %s", other.why)
		}
	}
	for _, other := range c.never {
		if item, args := c.make(common, allowed[0], other); row.Holds(item, args) {
			return fmt.Errorf("allowed: %s", other.why)
		}
	}
	return nil
}

func (c rowCase) make(common func() tr.Item, state string, other change) (tr.Item, tr.Args) {
	item := common()
	item["state"] = state
	c.item.on(item)
	other.item.on(item)
	args := tr.Args{}
	for _, given := range []tr.Args{c.args, other.args} {
		for name, value := range given {
			if value == asItIs {
				value = item["state"]
			}
			args[name] = value
		}
	}
	return item, args
}

func (c rowCase) applied(row *tr.Row, item tr.Item, args tr.Args) error {
	want := item.Clone()
	c.want.on(want)
	if got := row.Apply(item, args); !reflect.DeepEqual(got, want) {
		return fmt.Errorf("made %v, want %v", got, want)
	}
	return nil
}

// on makes the changes in place.
func (c changes) on(item tr.Item) {
	for path, value := range c {
		at := item
		names := strings.Split(path, ".")
		for _, name := range names[:len(names)-1] {
			sub, there := at[name].(tr.Item)
			if !there {
				sub = tr.Item{}
				at[name] = sub
			}
			at = sub
		}
		if name := names[len(names)-1]; value == nil {
			delete(at, name)
		} else {
			at[name] = value
		}
	}
}
