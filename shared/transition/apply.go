package transition

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Holds tells whether the row's conditions hold on the item. A nil item (none stored) satisfies no row.
func (r *Row) Holds(item Item, args Args) bool {
	if item == nil {
		return false
	}
	if len(r.From) > 0 {
		state, _ := item[StateAttr].(string)
		if !slices.Contains(r.From, state) {
			return false
		}
	}
	for _, g := range r.Guards {
		if !g.holds(item, args) {
			return false
		}
	}
	return true
}

// Apply returns the item after the row's effects, and leaves the one it was given as it was. Nested items that no effect touches are shared by both.
// It does not test the conditions: Holds does.
func (r *Row) Apply(item Item, args Args) Item {
	out := maps.Clone(item)
	for _, e := range r.Effects {
		path := ExpandPath(e.Path, args)
		switch e.Verb {
		case VerbRemove:
			out.remove(path)
		case VerbAdd:
			now, _ := out.Get(path).(int64)
			out.put(path, now+e.Operand.value(item, args).(int64))
		case VerbSetOnce:
			if out.Get(path) == nil {
				out.put(path, e.Operand.value(item, args))
			}
		default:
			out.put(path, e.Operand.value(item, args))
		}
	}
	if r.To != "" {
		out[StateAttr] = r.To
	}
	return out
}

func (g Guard) holds(item Item, args Args) bool {
	switch g.Op {
	case OpAny:
		return slices.ContainsFunc(g.Sub, func(s Guard) bool { return s.holds(item, args) })
	case OpAll:
		return !slices.ContainsFunc(g.Sub, func(s Guard) bool { return !s.holds(item, args) })
	}
	have := item.Get(ExpandPath(g.Path, args))
	switch g.Op {
	case OpPresent:
		return have != nil
	case OpAbsent:
		return have == nil
	case OpIn:
		text, ok := have.(string)
		return ok && slices.Contains(g.Values, text)
	}
	want := g.Operand.value(item, args)
	if have == nil || want == nil {
		return false
	}
	if g.Op == OpEqual {
		return have == want
	}
	return ordered(g.Op, have, want)
}

func ordered(op Op, have, want any) bool {
	a, aOK := have.(int64)
	b, bOK := want.(int64)
	if !aOK || !bOK {
		return false
	}
	switch op {
	case OpLess:
		return a < b
	case OpAtMost:
		return a <= b
	case OpMore:
		return a > b
	case OpAtLeast:
		return a >= b
	}
	return false
}

func (o Operand) value(item Item, args Args) any {
	switch o.Kind {
	case FromParam:
		v, ok := args[o.Name]
		if !ok {
			panic(fmt.Sprintf("transition: the move brings no value for parameter %q", o.Name))
		}
		return v
	case FromAttr:
		return item.Get(ExpandPath(o.Name, args))
	}
	return o.Fixed
}

// Value returns what a constant or parameter stands for; dynamostore asks it for everything but attributes.
// It panics when the move lacks the parameter: that is a bug in the code that built the move.
func (o Operand) Value(args Args) any { return o.value(nil, args) }

// Get returns the value at a dotted path, or nil.
func (i Item) Get(path string) any {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		return i[head]
	}
	if sub, ok := i[head].(Item); ok {
		return sub.Get(rest)
	}
	return nil
}

// Clone copies the item and the items nested in it.
func (i Item) Clone() Item {
	out := maps.Clone(i)
	for k, v := range i {
		if sub, ok := v.(Item); ok {
			out[k] = sub.Clone()
		}
	}
	return out
}

// put stores a value at a path whose parents exist, as a database would demand. It copies the parents, which another item may share.
func (i Item) put(path string, v any) {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		i[head] = v
		return
	}
	sub, ok := i[head].(Item)
	if !ok {
		panic(fmt.Sprintf("transition: %q has no parent item to write into", path))
	}
	sub = maps.Clone(sub)
	sub.put(rest, v)
	i[head] = sub
}

func (i Item) remove(path string) {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		delete(i, head)
		return
	}
	if sub, ok := i[head].(Item); ok {
		sub = maps.Clone(sub)
		sub.remove(rest)
		i[head] = sub
	}
}

func format(v any) string {
	switch n := v.(type) {
	case int64:
		return strconv.FormatInt(n, 10)
	case string:
		return n
	}
	panic(fmt.Sprintf("transition: %v cannot be part of a path", v))
}
