package invariant

import (
	"reflect"
	"slices"

	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// storingMayFailFor are the reasons for which a task may fail after a success is recorded: storing was given up, the output is unusable, poison, an operator.
var storingMayFailFor = []task.FailureCode{task.OutputUnusable, task.Moderated, task.Internal, task.Released}

// Step returns what must not happen between two moments, before and after, of the same tables, however many moves lie between them.
func Step(before, after []transition.Stored) []error {
	var found problems
	now := map[transition.Key]transition.Item{}
	for _, row := range after {
		now[row.Key] = row.Item
	}
	for _, row := range before {
		next, there := now[row.Key]
		if !there {
			found.add("nothing is ever deleted: %s is gone", row.Key)
			continue
		}
		if row.Key.Table == transition.Ledger {
			if !reflect.DeepEqual(row.Item, next) {
				found.add("an entry never changes: %s was %v and is %v", row.Key, row.Item, next)
			}
			continue
		}
		if _, _, ok := task.OfKey(row.Key); ok {
			found.step(task.From(row.Key, row.Item), task.From(row.Key, next))
		}
	}
	return found
}

func (p *problems) step(old, now *task.Task) {
	if old.State.Terminal() && (now.State != old.State || now.Att != old.Att || now.Win != old.Win || !reflect.DeepEqual(now.Error, old.Error) || !reflect.DeepEqual(now.Timeline, old.Timeline)) {
		p.add("10 terminal is frozen: task %s was %s and is %s", old.ID, old.State, now.State)
	}
	if old.State.Terminal() && !now.Erased && !now.Erasing && !reflect.DeepEqual(now.Asset, old.Asset) && old.Asset != nil {
		p.add("10 terminal is frozen: the asset of task %s was %+v and is %+v", old.ID, old.Asset, now.Asset)
	}
	if slices.Index(task.Statuses, now.State.Status()) < slices.Index(task.Statuses, old.State.Status()) {
		p.add("11 only forward: task %s was %s and is %s", old.ID, old.State.Status(), now.State.Status())
	}
	if now.Att < old.Att || (old.Win > 0 && now.Win != old.Win) {
		p.add("11 only forward: task %s went from attempt %d (won %d) to %d (%d)", old.ID, old.Att, old.Win, now.Att, now.Win)
	}
	if old.State == task.Storing && now.State != task.Storing && now.State != task.Completed && (now.State != task.Failed || !slices.Contains(storingMayFailFor, now.Error.Code)) {
		p.add("13 storing exits: task %s had a recorded success and is %s (%+v)", old.ID, now.State, now.Error)
	}
	for status, at := range old.Timeline {
		if now.Timeline[status] != at {
			p.add("11 only forward: task %s was %s at %d and now says %d", old.ID, status, at, now.Timeline[status])
		}
	}
	if now.Cost != old.Cost || now.Request != old.Request || now.PriceVersion != old.PriceVersion {
		p.add("a price never changes: task %s", old.ID)
	}
}
