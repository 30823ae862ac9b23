package task_test

import (
	"time"

	"darkroom/shared/task"
	tr "darkroom/shared/transition"
)

var (
	rules = task.Rules{Lease: time.Minute, Grace: 2 * time.Minute, Sweep: 45 * time.Second, Store: 30 * time.Minute, Undo: 7 * 24 * time.Hour,
		StoreTries: 6, StoreLease: 3 * time.Minute}
	clock = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	now   = task.Millis(clock)
)

const (
	account = "abcdefghijklmnopqrstuvwxyz"
	taskID  = task.ID("tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC")
)

func in(d time.Duration) int64 { return task.Millis(clock.Add(d)) }

// given is a task in a state, in its usual condition there: one attempt begun where there must be one, nothing overdue.
func given(state task.State) *task.Task {
	t := &task.Task{
		Account: account, ID: taskID, State: state, Max: 3, Model: "flux-2-pro", Mode: "text", Label: "a lighthouse", Cost: 5, PriceVersion: "p1",
		Attempts: map[int]task.Attempt{}, DeadlineAt: in(15 * time.Minute), Request: "R#1", RequestID: "req_1", Due: now, V: task.Version,
		Timeline: map[task.Status]int64{task.StatusCreated: in(-time.Minute)},
	}
	if state != task.Created && state != task.Queued {
		t.Att = 1
		t.Attempts[1] = task.Attempt{Provider: "bfl", Started: in(-time.Minute)}
	}
	switch state {
	case task.Submitting:
		t.LeaseID, t.LeaseUntil = "MINE", in(time.Minute)
	case task.Running:
		t.Attempts[1] = task.Attempt{Provider: "bfl", Started: in(-time.Minute), Job: "j1"}
	case task.Storing, task.Completed:
		t.Attempts[1] = task.Attempt{Provider: "bfl", Started: in(-time.Minute), Job: "j1"}
		t.Win = 1
	}
	if state == task.Storing {
		t.LeaseID = "MINE"
		t.Source, t.StoreUntil = task.Source{URL: "https://img.example/1.png"}, in(30*time.Minute)
	}
	if state.Terminal() {
		t.Due = 0
	}
	return t
}

// stored is the item that such a task would be read from.
func stored(t *task.Task) tr.Item {
	item := t.Item()
	attempts := tr.Item{}
	for n, a := range t.Attempts {
		attempts[string(rune('0'+n))] = tr.Item{"provider": a.Provider, "started": a.Started, "job": a.Job, "ended": a.Ended, "maybe": a.Maybe}
	}
	c := changes{"state": string(t.State), "attempts": attempts, "lease_id": t.LeaseID, "lease_until": t.LeaseUntil, "store_tries": int64(t.StoreTries),
		"store_until": t.StoreUntil, "faults": int64(t.Faults), "v": int64(t.V)}
	for name, value := range map[string]int64{"win": int64(t.Win), "deleted_at": t.DeletedAt, "due": t.Due} {
		c[name] = nil
		if value != 0 {
			c[name] = value
		}
	}
	for name, value := range map[string]bool{"erase": t.Erase, "erasing": t.Erasing, "erased": t.Erased} {
		if value {
			c[name] = true
		}
	}
	c.on(item)
	return item
}
