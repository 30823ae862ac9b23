package e2e

import (
	"testing"

	"darkroom/local/bench"
	"darkroom/local/edge"
	"darkroom/shared/task"
	"darkroom/shared/workflow/budget"
)

// It does not run beside other tests: a busy machine is slow, and a slow task is swept, which costs calls.
func TestAHappyTaskStaysWithinItsBudgetOfCalls(t *testing.T) {
	counter := bench.Counter{Edge: awsEdge, Outputs: info.Outputs}
	newPerson(t).life(counter) // starts the functions
	for range 5 {
		counted := newPerson(t).life(counter)
		if counted.Swept {
			continue
		}
		if counted.Database() != budget.DynamoDBCalls || counted.Sends != budget.QueueSends || counted.Puts != budget.ObjectPuts {
			t.Errorf("%d calls to DynamoDB, %d to SQS, %d objects, want %d, %d and %d: %q", counted.Database(), counted.Sends, counted.Puts,
				budget.DynamoDBCalls, budget.QueueSends, budget.ObjectPuts, counted.Steps)
		}
		return
	}
	t.Fatal("the sweep has disturbed every task")
}

// life makes an image that the first poll finds done, and counts the calls until it has settled. Nothing asks the API meanwhile.
func (p *person) life(counter bench.Counter) bench.Calls {
	p.t.Helper()
	if _, err := p.Credits(p.ctx); err != nil { // opens the account
		p.t.Fatal(err)
	}
	after, err := counter.Now(p.ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	id := p.create(wish(p.t, jobModel, "webhook=drop delay=200")).Tasks[0].ID
	until(p.t, p.ctx, "the task has completed", func() bool { return p.item(id).Text("state") == string(task.Completed) })
	counted, err := counter.Count(p.ctx, edge.Filter{Contains: p.account, After: after})
	if err != nil {
		p.t.Fatal(err)
	}
	return counted
}

func TestACreateCallAndAReadOfStatesStayWithinTheirBudgets(t *testing.T) {
	p := newPerson(t)
	if _, err := p.Credits(p.ctx); err != nil { // opens the account
		t.Fatal(err)
	}
	counter := bench.Counter{Edge: awsEdge, Outputs: info.Outputs}
	count := func(call func()) bench.Calls {
		after, err := counter.Now(p.ctx)
		if err != nil {
			t.Fatal(err)
		}
		call()
		counted, err := counter.Count(p.ctx, edge.Filter{Contains: p.account, Function: info.Outputs["ApiFunctionName"], After: after})
		if err != nil {
			t.Fatal(err)
		}
		return counted
	}
	w := wish(t, jobModel, "")
	w.Count = 8
	var ids []string
	made := count(func() { ids = p.create(w).IDs() })
	if made.Transactions != budget.CreateTransactions || made.Sends != budget.CreateSends || made.Updates != w.Count || made.Reads != 0 {
		t.Errorf("a create call for %d images made %q", w.Count, made.Steps)
	}
	read := count(func() {
		if _, err := p.Tasks(p.ctx, ids...); err != nil {
			t.Fatal(err)
		}
	})
	if read.Database() != budget.StateReads || read.Reads != budget.StateReads {
		t.Errorf("reading %d states made %q, want %d read", w.Count, read.Steps, budget.StateReads)
	}
	p.ended(ids...)
}
