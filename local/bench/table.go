package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// row is one line of the table.
type row struct {
	what, goal, measured string
	ok                   bool
	binding              bool // a missed one fails the run. Times are not binding: they say as much about the machine as about the code
	remark               bool // only told: there is no goal
}

type table struct{ rows []row }

// count adds a number that must not be above its goal, or must be exactly it.
func (t *table) count(what string, measured, goal int, exactly bool) {
	r := row{what: what, goal: fmt.Sprintf("at most %d", goal), measured: fmt.Sprint(measured), ok: measured <= goal, binding: true}
	if exactly {
		r.goal, r.ok = fmt.Sprint(goal), measured == goal
	}
	t.rows = append(t.rows, r)
}

// check adds something that must hold.
func (t *table) check(what, goal, measured string, ok bool) {
	t.rows = append(t.rows, row{what: what, goal: goal, measured: measured, ok: ok, binding: true})
}

// time adds a goal that depends on the machine.
func (t *table) time(what, goal, measured string, ok bool) {
	t.rows = append(t.rows, row{what: what, goal: goal, measured: measured, ok: ok})
}

// tell adds a number without a goal.
func (t *table) tell(what, measured string) {
	t.rows = append(t.rows, row{what: what, measured: measured, remark: true})
}

// missed counts the binding goals that were not reached.
func (t *table) missed() (n int) {
	for _, r := range t.rows {
		if r.binding && !r.ok {
			n++
		}
	}
	return n
}

func (r row) verdict() string {
	switch {
	case r.remark:
		return ""
	case r.ok:
		return "ok"
	case r.binding:
		return "MISSED"
	}
	return "slower"
}

func (t *table) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprint(w, "\nWHAT\tGOAL\tMEASURED\t\n")
	for _, r := range t.rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.what, r.goal, r.measured, r.verdict())
	}
	return w.Flush()
}
