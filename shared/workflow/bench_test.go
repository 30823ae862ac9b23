package workflow_test

import (
	"fmt"
	"testing"

	"darkroom/shared/asset"
	"darkroom/shared/credit"
	"darkroom/shared/memstore"
	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/workflow/simtest"
)

// BenchmarkLifecycle takes tasks from their create transaction to their settle transaction: every decision and every conditional write of a job that is
// polled, without the work in between. It bounds how many lives a simulation can look at.
func BenchmarkLifecycle(b *testing.B) {
	b.ReportAllocs()
	rules, at := simtest.Rules, simtest.Epoch
	now := task.Millis(at)
	var store *memstore.Store
	account := ""
	for n := 0; b.Loop(); n++ {
		if n%1000 == 0 { // a fresh store now and then, so that its size does not count
			store, account = memstore.New(), credit.AccountID("bench", fmt.Sprint(n))
			if err := store.Transact(ctx, credit.OpenWrites(account, 1000, 1_000_000, "G", now)...); err != nil {
				b.Fatal(err)
			}
		}
		t := &task.Task{Account: account, ID: task.NewID(fmt.Sprintf("01%024d", n)), State: task.Created, Max: 3, Model: simtest.JobModel, Mode: "text", Cost: 3,
			Request: fmt.Sprintf("R#%d", n), DeadlineAt: now + 900_000, Due: now + 45_000, Timeline: map[task.Status]int64{task.StatusCreated: now}, V: task.Version}
		request := &task.Request{Account: account, SK: t.Request, Prompt: "a lighthouse", Tasks: []task.ID{t.ID}}
		if err := store.Transact(ctx, task.Create(request, []*task.Task{t}, now)...); err != nil {
			b.Fatal(err)
		}
		step := func(move *task.Move) {
			writes := move.Writes()
			if len(writes) > 1 {
				if err := store.Transact(ctx, writes...); err != nil {
					b.Fatal(err)
				}
				return
			}
			item, err := store.Update(ctx, writes[0])
			if err != nil {
				b.Fatal(err)
			}
			t = task.From(writes[0].Key, item)
		}
		step(&task.Move{Transition: task.T2, Account: account, Task: t.ID, Args: transition.Args{"message": "m", "now": now}})
		step(rules.Decide(t, task.SubmitHint{LeaseID: "L", Provider: "bfl"}, at).Move)
		step(rules.Decide(t, task.Accepted{Attempt: 1, Job: "j"}, at).Move)
		step(rules.Decide(t, task.Succeeded{Attempt: 1, Source: task.Source{URL: "https://img.example.com/1.png"}}, at).Move)
		step(rules.TryStore(account, t.ID, "S", at))
		step(rules.Decide(t, task.Stored{Asset: asset.Asset{SHA256: "ab"}}, at).Move)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lives/s")
}
