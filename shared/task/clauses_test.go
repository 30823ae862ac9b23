package task_test

import (
	"slices"
	"testing"

	"darkroom/shared/catalog"
	"darkroom/shared/credit"
	"darkroom/shared/task"
	tr "darkroom/shared/transition"
)

// moneyCases are the rows on a balance.
var moneyCases = []rowCase{
	{row: credit.Hold, states: []string{"open"}, args: tr.Args{"total": int64(10), "-total": int64(-10), "count": int64(2), "-count": int64(-2)},
		want: changes{"available": int64(0), "held": int64(14), "slots": int64(0)},
		never: []change{
			{why: "one credit short", item: changes{"available": int64(9)}},
			{why: "one slot short", item: changes{"slots": int64(1)}},
		}},
	{row: credit.Capture, args: tr.Args{"cost": int64(4), "-cost": int64(-4)}, want: changes{"held": int64(0), "spent": int64(5), "slots": int64(3)},
		never: []change{{why: "it is not held", item: changes{"held": int64(3)}}}},
	{row: credit.Release, args: tr.Args{"cost": int64(4), "-cost": int64(-4)}, want: changes{"held": int64(0), "available": int64(14), "slots": int64(3)},
		never: []change{{why: "it is not held", item: changes{"held": int64(3)}}}},
	{row: credit.Grant, states: []string{"open", "frozen"}, args: tr.Args{"amount": int64(3)}, want: changes{"available": int64(13), "granted": int64(18)}},
	{row: credit.Withdraw, states: []string{"open", "frozen"}, args: tr.Args{"amount": int64(10), "-amount": int64(-10)},
		want:  changes{"available": int64(0), "withdrawn": int64(10)},
		never: []change{{why: "more than is available", item: changes{"available": int64(9)}}}},
	{row: credit.SetLimit, states: []string{"open", "frozen"}, args: tr.Args{"old": int64(4), "new": int64(1), "difference": int64(-3)},
		want:  changes{"limit": int64(1), "slots": int64(-1)},
		never: []change{{why: "another operator changed it meanwhile", args: tr.Args{"old": int64(5)}}}},
	{row: credit.Freeze, states: []string{"open"}, args: tr.Args{}, want: changes{"state": "frozen"}},
	{row: credit.Unfreeze, states: []string{"frozen"}, args: tr.Args{}, want: changes{"state": "open"}},
	{row: credit.Announce, states: []string{"open"}, args: tr.Args{"day": int64(7), "bytes": int64(100), "left": int64(900)}, item: changes{"upload_day": int64(7), "upload_bytes": int64(900)},
		want: changes{"upload_bytes": int64(1000)},
		also: []change{
			{why: "its last credit is left", item: changes{"available": int64(1), "held": int64(0)}},
			{why: "its last credit is held", item: changes{"available": int64(0), "held": int64(1)}},
			{why: "another process began the next day", item: changes{"upload_day": int64(8)}},
		},
		never: []change{
			{why: "it has no credits", item: changes{"available": int64(0), "held": int64(0)}},
			{why: "the day is full", item: changes{"upload_bytes": int64(901)}},
			{why: "the count is of the day before", item: changes{"upload_day": int64(6)}},
		}},
	{row: credit.AnnounceFirst, states: []string{"open"}, args: tr.Args{"day": int64(7), "bytes": int64(100)}, item: changes{"upload_day": int64(6), "upload_bytes": int64(900)},
		want: changes{"upload_day": int64(7), "upload_bytes": int64(100)},
		also: []change{
			{why: "it has never announced any", item: changes{"upload_day": nil, "upload_bytes": nil}},
			{why: "its last credit is left", item: changes{"available": int64(1), "held": int64(0)}},
			{why: "its last credit is held", item: changes{"available": int64(0), "held": int64(1)}},
		},
		never: []change{
			{why: "it has no credits", item: changes{"available": int64(0), "held": int64(0)}},
			{why: "the day has begun", item: changes{"upload_day": int64(7)}},
		}},
}

func commonBalance() tr.Item {
	return tr.Item{"available": int64(10), "held": int64(4), "spent": int64(1), "granted": int64(15), "withdrawn": int64(0), "slots": int64(2), "limit": int64(4), "v": int64(1)}
}

// requestCases are the rows on a request and on a provider's switch; neither kind has a state.
var requestCases = []rowCase{
	{row: task.OneTaskLess, args: tr.Args{}, item: changes{"live": int64(2)}, want: changes{"live": int64(1)},
		never: []change{{why: "it is the last one", item: changes{"live": int64(1)}}}},
	{row: task.LastTask, args: tr.Args{}, want: changes{"live": int64(0), "prompt": nil, "params": nil, "inputs": nil, "metadata": nil, "warnings": nil},
		never: []change{{why: "others are left", item: changes{"live": int64(2)}}, {why: "none is left", item: changes{"live": int64(0)}}}},
	{row: catalog.P1, args: tr.Args{"enabled": false, "reason": "outage", "by": "op", "at": int64(1000)},
		want: changes{"enabled": false, "reason": "outage", "by": "op", "at": int64(1000)}},
	{row: catalog.P2, args: tr.Args{"open_until": int64(5000), "down": true}, item: changes{"failures": int64(4)},
		want: changes{"failures": int64(5), "open_until": int64(5000), "down": true}},
	{row: catalog.P2c, args: tr.Args{}, item: changes{"failures": int64(3), "open_until": int64(1000), "down": true},
		want:  changes{"failures": int64(0), "open_until": int64(0), "down": false},
		never: []change{{why: "it is closed already", item: changes{"failures": int64(0)}}}},
	{row: catalog.P3, args: tr.Args{"read_open_until": int64(900), "now": int64(900), "open_until": int64(2000)}, item: changes{"open_until": int64(900)},
		want: changes{"open_until": int64(2000)},
		never: []change{{why: "another process had the try since it was read", item: changes{"open_until": int64(800)}},
			{why: "it is still open", item: changes{"open_until": int64(901)}, args: tr.Args{"read_open_until": int64(901)}}}},
}

func commonRequest() tr.Item {
	return tr.Item{"live": int64(1), "prompt": "a lighthouse", "params": tr.Item{"size": "1x1"}, "inputs": tr.Item{"0": tr.Item{"upload": "upl_1"}}, "metadata": "{}", "warnings": []string{"w"}}
}

// redundant lists changes that no case can show, each with the reason, reviewed by hand.
var redundant = map[string]string{
	"T8: also STORING in: state in ":   "the source states have refused it before",
	"T8: also COMPLETED in: state in ": "the source states have refused it before",
	"T8: also FAILED in: state in ":    "the source states have refused it before",
}

// TestEveryClauseIsProtected breaks every clause of every row, one at a time. A broken row that still behaves as written down here would mean that
// nothing protects the clause.
func TestEveryClauseIsProtected(t *testing.T) {
	t.Parallel()
	broken := 0
	for _, group := range []struct {
		cases  []rowCase
		common func() tr.Item
		states []string
	}{
		{slices.Concat(submitCases, repairCases, endCases, otherCases), commonTask, everyState},
		{moneyCases, commonBalance, []string{"open", "frozen", "closed"}},
		{requestCases, commonRequest, []string{"none"}},
	} {
		for _, c := range group.cases {
			if err := c.check(c.row, group.common, group.states); err != nil {
				t.Errorf("%s %s: %v", c.row.ID, c.row.Name, err)
			}
			for _, m := range mutants(*c.row, group.states) {
				broken++
				id := c.row.ID + ": " + m.change
				if err := c.check(&m.row, group.common, group.states); (err == nil) != (redundant[id] != "") {
					t.Errorf("%s %s survives: no case protects it (or the list of redundant ones is out of date)", c.row.Name, id)
				}
			}
		}
	}
	if broken < 400 {
		t.Errorf("only %d broken rows were made; the table has more clauses than that", broken)
	}
}

func TestEveryRowHasItsCase(t *testing.T) {
	t.Parallel()
	covered := map[*tr.Row]bool{}
	for _, c := range slices.Concat(submitCases, repairCases, endCases, otherCases, moneyCases, requestCases) {
		if covered[c.row] {
			t.Errorf("%s has two cases", c.row.ID)
		}
		covered[c.row] = true
	}
	all := slices.Concat(credit.Rows, task.RequestRows, catalog.ProviderRows)
	for _, row := range task.Transitions {
		all = append(all, &row.Row)
	}
	for _, row := range all {
		if !covered[row] {
			t.Errorf("%s %s has no case", row.ID, row.Name)
		}
	}
	if len(covered) != len(all) {
		t.Errorf("%d rows have a case, the tables hold %d", len(covered), len(all))
	}
}
