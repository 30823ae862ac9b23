package task_test

import (
	"darkroom/shared/task"
	tr "darkroom/shared/transition"
)

// Groups of states, written out again on purpose.
var (
	waiting   = []string{"CREATED", "QUEUED", "BACKOFF"}
	atWork    = []string{"SUBMITTING", "RUNNING"}
	beforeWin = []string{"CREATED", "QUEUED", "SUBMITTING", "RUNNING", "BACKOFF"}
	open      = []string{"CREATED", "QUEUED", "SUBMITTING", "RUNNING", "BACKOFF", "STORING"}
	ended     = []string{"COMPLETED", "FAILED"}
)

// commonTask is in its second attempt of three, at time 1000.
func commonTask() tr.Item {
	return tr.Item{
		"att": int64(2), "max": int64(3), "cost": int64(5), "label": "a lighthouse", "v": int64(1),
		"attempts":    tr.Item{"1": tr.Item{"provider": "bfl", "started": int64(1)}, "2": tr.Item{"provider": "bfl", "started": int64(2)}},
		"lease_id":    "MINE",
		"lease_until": int64(900), "next_at": int64(500), "deadline_at": int64(5000), "store_tries": int64(2), "store_until": int64(3000), "faults": int64(1),
		"timeline": tr.Item{"created": int64(1)}, "shard": "D#1", "due": int64(700),
	}
}

var (
	failure = tr.Item{"code": "internal", "message": "words", "retryable": true}
	source  = tr.Item{"url": "https://img.example/1.png"}
	picture = tr.Item{"key": "o/a/t/x.png"}
	usage   = tr.Item{"cost": int64(30_000), "mp_out": int64(1000)}
)

// failing are the changes of every row that fails a task.
func failing(more changes) changes {
	all := changes{"state": "FAILED", "error": failure, "timeline.failed": int64(1000), "lease_id": "", "lease_until": int64(0), "shard": nil, "due": nil}
	for path, value := range more {
		all[path] = value
	}
	return all
}

// failingErase is failing for the rows that leave content to be erased: the task stays in the due index until that is done.
func failingErase() changes {
	all := failing(changes{"erase": true})
	delete(all, "shard")
	delete(all, "due")
	return all
}

// leaseStays is for the rows that may meet a store step at work: its lease tells T20 to wait.
func leaseStays(all changes) changes {
	delete(all, "lease_id")
	delete(all, "lease_until")
	return all
}

func failArgs(more tr.Args) tr.Args {
	all := tr.Args{"error": failure, "now": int64(1000)}
	for name, value := range more {
		all[name] = value
	}
	return all
}

// submitCases are the rows from the create call to a recorded success.
var submitCases = []rowCase{
	{row: &task.T2.Row, states: []string{"CREATED"}, args: tr.Args{"message": "m-1", "now": int64(1000)},
		want: changes{"state": "QUEUED", "message": "m-1", "timeline.queued": int64(1000)}},
	{row: &task.T3.Row, states: waiting, item: changes{"next_at": int64(1000), "deadline_at": int64(1201), "attempts.2": nil, "att": int64(1), "max": int64(2)},
		args: tr.Args{"read_att": int64(1), "n": int64(2), "now": int64(1000), "lease_id": "NEW", "lease_until": int64(1200), "attempt": tr.Item{"provider": "fal"}},
		want: changes{"state": "SUBMITTING", "att": int64(2), "attempts.2": tr.Item{"provider": "fal"}, "lease_id": "NEW", "lease_until": int64(1200), "timeline.processing": int64(1000)},
		never: []change{
			{why: "another step has claimed an attempt since it was read", args: tr.Args{"read_att": int64(0)}},
			{why: "every attempt is used", item: changes{"max": int64(1)}},
			{why: "its waiting time still runs", item: changes{"next_at": int64(1001)}},
			{why: "the lease would reach the deadline", item: changes{"deadline_at": int64(1200)}},
		}},
	{row: &task.T4.Row, states: []string{"SUBMITTING", "BACKOFF"}, args: tr.Args{"n": int64(2), "job": "j", "handle": "h", "next_at": int64(7), "usage": usage},
		want:  changes{"state": "RUNNING", "attempts.2.job": "j", "attempts.2.handle": "h", "attempts.2.usage": usage, "next_at": int64(7), "lease_id": "", "lease_until": int64(0)},
		never: []change{{why: "the job of an attempt that is not the current one", args: tr.Args{"n": int64(1)}}}},
	{row: &task.T4a.Row, states: []string{"SUBMITTING"}, args: tr.Args{"n": int64(2), "lease_id": "MINE", "lease_until": int64(1120)},
		want: changes{"lease_until": int64(1120), "attempts.2.maybe": true},
		never: []change{
			{why: "an attempt that is not the current one", args: tr.Args{"n": int64(1)}},
			{why: "the lease is another step's", args: tr.Args{"lease_id": "OTHER"}},
		}},
	{row: &task.T5.Row, states: []string{"SUBMITTING", "RUNNING", "BACKOFF"}, args: tr.Args{"n": int64(2), "source": source, "store_until": int64(9000), "usage": usage},
		want:  changes{"state": "STORING", "win": int64(2), "attempts.2.usage": usage, "source": source, "faults": int64(0), "store_until": int64(9000), "lease_id": "", "lease_until": int64(0)},
		also:  []change{{why: "a success of an earlier attempt", args: tr.Args{"n": int64(1)}}},
		never: []change{{why: "an attempt that was never begun", args: tr.Args{"n": int64(3)}}}},
	{row: &task.T6.Row, states: atWork, args: failArgs(tr.Args{"n": int64(2), "usage": usage}), want: failing(changes{"attempts.2.ended": true, "attempts.2.usage": usage}),
		never: []change{{why: "a failure of an attempt that is not the current one", args: tr.Args{"n": int64(1)}}}},
	{row: &task.T7.Row, states: atWork, args: tr.Args{"n": int64(2), "next_at": int64(1500), "usage": usage},
		want: changes{"state": "BACKOFF", "attempts.2.ended": true, "attempts.2.usage": usage, "next_at": int64(1500), "lease_id": "", "lease_until": int64(0)},
		never: []change{
			{why: "a failure of an attempt that is not the current one", args: tr.Args{"n": int64(1)}},
			{why: "every attempt is used", item: changes{"max": int64(2)}},
		}},
	{row: &task.T7r.Row, states: []string{"SUBMITTING"}, item: changes{"max": int64(19)}, args: tr.Args{"n": int64(2), "next_at": int64(1500), "usage": usage},
		want: changes{"state": "BACKOFF", "max": int64(20), "attempts.2.ended": true, "attempts.2.usage": usage, "next_at": int64(1500), "lease_id": "", "lease_until": int64(0)},
		never: []change{
			{why: "a refusal of an attempt that is not the current one", args: tr.Args{"n": int64(1)}},
			{why: "the provider was called twenty times", item: changes{"max": int64(20)}},
		}},
	{row: &task.T13.Row, states: []string{"SUBMITTING", "BACKOFF"}, args: tr.Args{"n": int64(2), "job": "j", "handle": "h", "next_at": int64(7), "usage": usage},
		want:  changes{"state": "RUNNING", "attempts.2.job": "j", "attempts.2.handle": "h", "attempts.2.usage": usage, "next_at": int64(7), "lease_id": "", "lease_until": int64(0)},
		never: []change{{why: "the job of an attempt that is not the current one", args: tr.Args{"n": int64(1)}}}},
}

// repairCases are the rows that find out about a submit step that was lost.
var repairCases = []rowCase{
	{row: &task.T9s.Row, states: []string{"SUBMITTING"}, item: changes{"lease_until": int64(1000)},
		args:  tr.Args{"n": int64(2), "now": int64(1000), "read_lease_until": int64(1000), "source": source, "store_until": int64(9000)},
		want:  changes{"state": "STORING", "win": int64(2), "source": source, "faults": int64(0), "store_until": int64(9000), "lease_id": "", "lease_until": int64(0)},
		also:  []change{{why: "staged by an earlier attempt", args: tr.Args{"n": int64(1)}}},
		never: append(lostLease(), change{why: "an attempt that was never begun", args: tr.Args{"n": int64(3)}})},
	{row: &task.T9b.Row, states: []string{"SUBMITTING"}, item: changes{"lease_until": int64(1000)},
		args: tr.Args{"n": int64(2), "now": int64(1000), "read_lease_until": int64(1000), "next_at": int64(1500)},
		want: changes{"state": "BACKOFF", "next_at": int64(1500), "lease_id": "", "lease_until": int64(0)},
		never: append(lostLease(), change{why: "an attempt that is not the current one", args: tr.Args{"n": int64(1)}},
			change{why: "every attempt is used", item: changes{"max": int64(2)}})},
	{row: &task.T9f.Row, states: []string{"SUBMITTING"}, item: changes{"lease_until": int64(1000)},
		args:  failArgs(tr.Args{"n": int64(2), "read_lease_until": int64(1000)}),
		want:  failing(nil),
		never: append(lostLease(), change{why: "an attempt that is not the current one", args: tr.Args{"n": int64(1)}})},
}

func lostLease() []change {
	return []change{
		{why: "the lease was renewed since it was read", args: tr.Args{"read_lease_until": int64(999)}},
		{why: "the lease still runs", item: changes{"lease_until": int64(1001)}, args: tr.Args{"read_lease_until": int64(1001)}},
	}
}

// endCases are the rows that end a task, and those on the way from a success to its image in our bucket.
var endCases = []rowCase{
	{row: &task.T5r.Row, states: []string{"STORING"}, item: changes{"win": int64(2)}, args: tr.Args{"n": int64(2), "source": source, "usage": usage}, want: changes{"source": source, "attempts.2.usage": usage},
		never: []change{{why: "the link of an attempt that did not win", args: tr.Args{"n": int64(1)}}}},
	{row: &task.T5s.Row, states: []string{"STORING"}, item: changes{"store_tries": int64(5), "lease_until": int64(1000)},
		args: tr.Args{"limit": int64(6), "now": int64(1000), "lease_id": "NEW", "lease_until": int64(1300)},
		want: changes{"store_tries": int64(6), "lease_id": "NEW", "lease_until": int64(1300)},
		never: []change{
			{why: "every try is used", item: changes{"store_tries": int64(6)}},
			{why: "another step's try still runs", item: changes{"lease_until": int64(1001)}},
		}},
	{row: &task.T5f.Row, states: []string{"STORING"}, args: tr.Args{"lease_id": "MINE"}, want: changes{"lease_until": int64(0)},
		never: []change{{why: "the lease is another step's", args: tr.Args{"lease_id": "OTHER"}}}},
	{row: &task.T8.Row, states: beforeWin, item: changes{"deadline_at": int64(1000), "lease_until": int64(880)}, args: failArgs(tr.Args{"late": int64(880)}), want: failing(nil),
		also: []change{
			{why: "CREATED needs no grace", item: changes{"state": "CREATED", "lease_until": int64(2000)}},
			{why: "QUEUED needs no grace", item: changes{"state": "QUEUED", "lease_until": int64(2000)}},
			{why: "RUNNING needs no grace", item: changes{"state": "RUNNING", "lease_until": int64(2000)}},
			{why: "BACKOFF needs no grace", item: changes{"state": "BACKOFF", "lease_until": int64(2000)}},
		},
		never: []change{
			{why: "before the deadline", item: changes{"deadline_at": int64(1001)}},
			{why: "a submit step that may still be calling", item: changes{"state": "SUBMITTING", "lease_until": int64(881)}},
		}},
	{row: &task.T8c.Row, states: waiting, item: changes{"lease_id": "", "lease_until": int64(0)}, args: failArgs(nil), want: failing(nil)},
	{row: &task.T10.Row, states: []string{"STORING"}, item: changes{"source": source}, args: tr.Args{"asset": picture, "now": int64(1000)},
		want: changes{"state": "COMPLETED", "asset": picture, "timeline.completed": int64(1000), "source": nil, "lease_id": "", "lease_until": int64(0), "shard": nil, "due": nil}},
	{row: &task.T11.Row, states: []string{"STORING"}, item: changes{"store_tries": int64(6), "lease_until": int64(1000)}, args: failArgs(tr.Args{"limit": int64(6)}), want: failingErase(),
		also: []change{{why: "its time is over", item: changes{"store_tries": int64(0), "store_until": int64(1000)}}},
		never: []change{
			{why: "tries and time are left", item: changes{"store_tries": int64(5), "store_until": int64(1001)}},
			{why: "the last try still runs", item: changes{"lease_until": int64(1001)}},
		}},
	{row: &task.T11p.Row, states: []string{"STORING"}, args: failArgs(tr.Args{"lease_id": "MINE"}), want: failingErase(),
		never: []change{{why: "the lease is another step's", args: tr.Args{"lease_id": "OTHER"}}}},
	{row: &task.T16.Row, states: open, item: changes{"faults": int64(5)}, args: failArgs(nil), want: leaseStays(failingErase()),
		never: []change{{why: "four handlers crashed on it", item: changes{"faults": int64(4)}}}},
	{row: &task.T17.Row, states: open, args: failArgs(nil), want: leaseStays(failingErase())},
	{row: &task.T21c.Row, states: open, args: tr.Args{"now": int64(1000)},
		want: changes{"state": "COMPLETED", "timeline.completed": int64(1000), "lease_id": "", "lease_until": int64(0), "shard": nil, "due": nil}},
	{row: &task.T21f.Row, states: open, args: failArgs(nil), want: failing(nil)},
}

// otherCases are the rows of the sweep, of postponing and faults, and of deletion.
var otherCases = []rowCase{
	{row: &task.T12.Row, args: tr.Args{"read_due": int64(700), "due": int64(1045)}, want: changes{"due": int64(1045)},
		never: []change{{why: "another sweep was first", args: tr.Args{"read_due": int64(699)}}}},
	{row: &task.T14.Row, states: open, args: tr.Args{"read_state": asItIs, "read_att": int64(2), "next_at": int64(1500)}, want: changes{"next_at": int64(1500)}, never: changedSince()},
	{row: &task.T15.Row, states: open, args: tr.Args{"read_state": asItIs, "read_att": int64(2)}, want: changes{"faults": int64(2)}, never: changedSince()},
	{row: &task.T18.Row, states: ended, item: changes{"shard": nil, "due": nil}, args: tr.Args{"now": int64(1000), "shard": "D#1", "due": int64(8000)},
		want: changes{"deleted_at": int64(1000), "shard": "D#1", "due": int64(8000)},
		never: []change{
			{why: "deleted already", item: changes{"deleted_at": int64(900)}},
			{why: "its objects are about to be removed", item: changes{"erase": true}},
		}},
	{row: &task.T19.Row, states: ended, item: changes{"deleted_at": int64(500)}, args: tr.Args{}, want: changes{"deleted_at": nil, "shard": nil, "due": nil},
		never: []change{
			{why: "not deleted", item: changes{"deleted_at": nil}},
			{why: "its content is being erased", item: changes{"erasing": true}},
		}},
	{row: &task.T20.Row, states: ended, item: changes{"deleted_at": int64(500), "lease_until": int64(1000)}, args: tr.Args{"read_deleted_at": int64(500), "past": int64(500), "now": int64(1000)}, want: changes{"erasing": true},
		also: []change{{why: "never deleted, but marked by the move that failed it", item: changes{"deleted_at": nil, "erase": true}}},
		never: []change{
			{why: "a store step may still be writing", item: changes{"lease_until": int64(1001)}},
			{why: "another step erases it", item: changes{"erasing": true}},
			{why: "restored and deleted again since it was read", args: tr.Args{"read_deleted_at": int64(499)}},
			{why: "it can still be restored", item: changes{"deleted_at": int64(501)}, args: tr.Args{"read_deleted_at": int64(501)}},
			{why: "restored", item: changes{"deleted_at": nil}},
		}},
	{row: &task.T20s.Row, states: ended, item: changes{"erasing": true, "deleted_at": int64(500), "asset": picture}, args: tr.Args{},
		want: changes{"erased": true, "asset": nil, "label": nil, "shard": nil, "due": nil},
		never: []change{
			{why: "not marked", item: changes{"erasing": nil}},
			{why: "not deleted: its owner keeps the prompt", item: changes{"deleted_at": nil}},
			{why: "erased already: the request must not be counted down twice", item: changes{"erased": true}},
		}},
	{row: &task.T20k.Row, states: []string{"FAILED"}, item: changes{"erase": true, "erasing": true, "asset": picture, "source": source}, args: tr.Args{},
		want: changes{"erase": nil, "erasing": nil, "asset": nil, "source": nil, "shard": nil, "due": nil},
		never: []change{
			{why: "not marked", item: changes{"erasing": nil}},
			{why: "deleted: the rows go too", item: changes{"deleted_at": int64(500)}},
		}},
}

func changedSince() []change {
	return []change{
		{why: "the state has changed since it was read", args: tr.Args{"read_state": "ANOTHER"}},
		{why: "the attempt has changed since it was read", args: tr.Args{"read_att": int64(1)}},
	}
}
