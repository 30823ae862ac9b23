package task_test

import (
	"fmt"
	"slices"

	tr "darkroom/shared/transition"
)

// mutant is a row with one clause changed.
type mutant struct {
	change string
	row    tr.Row
}

// everyState is what a row may be widened by.
var everyState = []string{"CREATED", "QUEUED", "SUBMITTING", "RUNNING", "BACKOFF", "STORING", "COMPLETED", "FAILED"}

// mutants breaks a row in every way that a slip of the pen could: each source state dropped, each other state let in, the state test
// removed, each guard dropped or moved by one, each effect forgotten, the target state forgotten.
func mutants(row tr.Row, states []string) (all []mutant) {
	add := func(change string, edit func(*tr.Row)) {
		m := row
		m.From, m.Guards, m.Effects = slices.Clone(row.From), slices.Clone(row.Guards), slices.Clone(row.Effects)
		edit(&m)
		all = append(all, mutant{change, m})
	}
	for i, state := range row.From {
		add("not from "+state, func(m *tr.Row) { m.From[i] = "no such state" })
	}
	if len(row.From) > 0 {
		for _, state := range states {
			if !slices.Contains(row.From, state) {
				add("also from "+state, func(m *tr.Row) { m.From = append(m.From, state) })
			}
		}
		add("from any state", func(m *tr.Row) { m.From = nil })
	}
	for i, g := range row.Guards {
		add("without guard "+words(g), func(m *tr.Row) { m.Guards = slices.Delete(m.Guards, i, i+1) })
		for _, changed := range guardMutants(g) {
			add(changed.change, func(m *tr.Row) { m.Guards[i] = changed.guard })
		}
	}
	for i, e := range row.Effects {
		add(fmt.Sprintf("without effect %s %s", e.Verb, e.Path), func(m *tr.Row) { m.Effects = slices.Delete(m.Effects, i, i+1) })
		if e.Verb == tr.VerbSetOnce {
			add("always sets "+e.Path, func(m *tr.Row) { m.Effects[i].Verb = tr.VerbSet })
		}
	}
	if row.To != "" {
		add("without target state", func(m *tr.Row) { m.To = "" })
	}
	return all
}

type changedGuard struct {
	change string
	guard  tr.Guard
}

// byOne moves a comparison's bound by one.
var byOne = map[tr.Op]tr.Op{tr.OpLess: tr.OpAtMost, tr.OpAtMost: tr.OpLess, tr.OpMore: tr.OpAtLeast, tr.OpAtLeast: tr.OpMore}

// guardMutants changes one clause inside a guard, at any depth.
func guardMutants(g tr.Guard) (all []changedGuard) {
	if op, ordered := byOne[g.Op]; ordered {
		moved := g
		moved.Op = op
		all = append(all, changedGuard{"bound moved: " + words(g), moved})
	}
	for i, value := range g.Values {
		narrow := g
		narrow.Values = slices.Delete(slices.Clone(g.Values), i, i+1)
		all = append(all, changedGuard{fmt.Sprintf("without %s in: %s", value, words(g)), narrow})
	}
	if g.Op == tr.OpIn {
		for _, state := range everyState {
			if !slices.Contains(g.Values, state) {
				wide := g
				wide.Values = append(slices.Clone(g.Values), state)
				all = append(all, changedGuard{fmt.Sprintf("also %s in: %s", state, words(g)), wide})
			}
		}
	}
	for i, sub := range g.Sub {
		less := g
		less.Sub = slices.Delete(slices.Clone(g.Sub), i, i+1)
		all = append(all, changedGuard{fmt.Sprintf("without %s inside %s", words(sub), g.Op), less})
		for _, deeper := range guardMutants(sub) {
			inner := g
			inner.Sub = slices.Clone(g.Sub)
			inner.Sub[i] = deeper.guard
			all = append(all, changedGuard{deeper.change, inner})
		}
	}
	return all
}

func words(g tr.Guard) string {
	other := g.Operand.Name
	if g.Operand.Kind == tr.FromConst {
		other = fmt.Sprint(g.Operand.Fixed)
	}
	return fmt.Sprintf("%s %s %s", g.Path, g.Op, other)
}
