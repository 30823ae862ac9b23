package invariant

import (
	"slices"
	"strings"
	"time"

	"darkroom/shared/asset"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// checkTask looks at one task by itself.
func (a *account) checkTask(t *task.Task) {
	if !t.State.Known() {
		a.add("task %s is in the unknown state %q", t.ID, t.State)
	}
	if t.State == task.Completed && !t.Erased {
		if s := t.Asset; s == nil || s.SHA256 == "" || s.Bytes < 1 || s.ContentType == "" || s.PreviewType == "" {
			a.add("8 completed has asset: task %s has %+v", t.ID, s)
		}
	}
	if (t.State == task.Failed) != (t.Error != nil && t.Error.Code != "") {
		a.add("9 failed says why: task %s is %s with error %+v", t.ID, t.State, t.Error)
	}
	waits := !t.State.Terminal() || t.Erase || (t.DeletedAt > 0 && !t.Erased)
	if (t.Due > 0) != waits {
		a.add("17 due if open: task %s is %s (deleted %t, to erase %t, erased %t) and due at %d", t.ID, t.State, t.DeletedAt > 0, t.Erase, t.Erased, t.Due)
	}
	if t.Att > t.Max || t.Max > task.RefusedLimit || len(t.Attempts) != t.Att {
		a.add("14 submit cap: task %s has begun %d of %d attempts and tells of %d", t.ID, t.Att, t.Max, len(t.Attempts))
	}
	if (t.State == task.Storing || t.State == task.Completed) != (t.Win > 0) && t.State != task.Failed {
		a.add("11 a success is recorded once: task %s is %s and attempt %d has won", t.ID, t.State, t.Win)
	}
}

// checkRequests holds each request against the tasks it names.
func (a *account) checkRequests() {
	byID := map[task.ID]*task.Task{}
	for _, t := range a.tasks {
		byID[t.ID] = t
		if r := a.requests[t.Request]; r == nil || r.ID != t.RequestID || !slices.Contains(r.Tasks, t.ID) {
			a.add("16 one request per key: task %s is not among those of its request %s", t.ID, t.Request)
		}
	}
	for _, r := range a.requests {
		live := 0
		for _, id := range r.Tasks {
			if t := byID[id]; t == nil {
				a.add("16 all or none: request %s names task %s, which is not there", r.ID, id)
			} else if !t.Erased {
				live++
			}
		}
		if r.Live != live || (r.Prompt == "") != (live == 0) {
			a.add("24 erased with the last task: request %s counts %d tasks with content, there are %d, and its prompt has %d characters", r.ID, r.Live, live, len(r.Prompt))
		}
	}
}

// DueInReach returns the open tasks that would sleep longer than a time from now on.
func DueInReach(tasks []transition.Stored, now time.Time, within time.Duration) []error {
	var found problems
	for _, row := range tasks {
		if _, _, ok := task.OfKey(row.Key); !ok {
			continue
		}
		if t := task.From(row.Key, row.Item); !t.State.Terminal() && t.Due > task.Millis(now.Add(within)) {
			found.add("18 due in reach: task %s is due %s from now", t.ID, task.Time(t.Due).Sub(now))
		}
	}
	return found
}

// Objects holds the assets of tasks against the keys in the bucket: every asset is there, and under o/ and p/ nothing lies that no task can ever refer to.
func Objects(tasks []transition.Stored, keys []string) []error {
	var found problems
	mayHave := map[string]bool{}
	for _, row := range tasks {
		account, id, ok := task.OfKey(row.Key)
		if !ok {
			continue
		}
		t := task.From(row.Key, row.Item)
		if t.Asset != nil && !t.Erasing {
			for _, key := range []string{t.Asset.Key(account, string(id)), t.Asset.PreviewKey(account, string(id))} {
				if !slices.Contains(keys, key) {
					found.add("8 completed has asset: task %s refers to %s, which is not there", t.ID, key)
				}
			}
		}
		if t.Win > 0 && !t.Erased {
			mayHave[asset.OriginalPrefix(account, string(id))], mayHave[asset.PreviewPrefix(account, string(id))] = true, true
		}
	}
	for _, key := range keys {
		folder := key[:strings.LastIndexByte(key, '/')+1]
		if (strings.HasPrefix(key, "o/") || strings.HasPrefix(key, "p/")) && !mayHave[folder] {
			found.add("20 no orphans: nothing refers to %s", key)
		}
	}
	return found
}
