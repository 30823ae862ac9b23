package task_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"darkroom/shared/asset"
	"darkroom/shared/credit"
	"darkroom/shared/task"
	tr "darkroom/shared/transition"
)

func TestANewTaskIsReadBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	want := given(task.Created)
	want.Parent = "tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BB"
	got := task.From(want.Key(), want.Item())
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestATaskWithEverythingIsReadBack(t *testing.T) {
	t.Parallel()
	item := commonTask()
	changes{"state": "COMPLETED", "win": int64(2), "attempts.2.job": "j", "attempts.2.handle": "h", "attempts.2.maybe": true, "attempts.2.ended": true,
		"source": tr.Item{"staged": "stage/t/2", "type": "image/png"}, "error": failure, "deleted_at": int64(9), "erase": true, "erasing": true, "erased": true,
		"asset": asset.Asset{ContentType: "image/png", PreviewType: "image/jpeg", Width: 64, Height: 32, Bytes: 1000, SHA256: "ab"}.Item(),
	}.on(item)
	got := task.From(task.Key(account, taskID), item)
	if a := got.Attempts[2]; a != (task.Attempt{Provider: "bfl", Started: 2, Job: "j", Handle: "h", Maybe: true, Ended: true}) {
		t.Errorf("attempt 2: %+v", a)
	}
	if got.Source != (task.Source{Staged: "stage/t/2", Type: "image/png"}) || got.Win != 2 || got.Asset.Width != 64 || got.Asset.Height != 32 {
		t.Errorf("source %+v, win %d, asset %+v", got.Source, got.Win, got.Asset)
	}
	if got.Error.Message != "words" || !got.Error.Retryable || got.DeletedAt != 9 || !got.Erase || !got.Erasing || !got.Erased {
		t.Errorf("failure and deletion: %+v %+v", got.Error, got)
	}
}

func TestARequestIsReadBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	seed := int64(7)
	want := &task.Request{Account: account, SK: task.RequestSK("k"), ID: "req_1", Fingerprint: "f", Prompt: "a lighthouse", Metadata: `{"a":1}`,
		Params: task.Params{Size: "64x64", AspectRatio: "1:1", Width: 64, Height: 64, Quality: "low", OutputFormat: "png", Background: "auto", Seed: &seed},
		Tasks:  []task.ID{taskID}, Live: 1, Parent: taskID, CreatedAt: now, Warnings: []string{"w"}}
	if got := task.RequestFrom(account, task.RequestKey(account, want.SK), want.Item()); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	want.Params.Seed, want.Metadata, want.Parent, want.Warnings = nil, "", "", nil
	if got := task.RequestFrom(account, task.RequestKey(account, want.SK), want.Item()); !reflect.DeepEqual(got, want) {
		t.Errorf("without the optional fields: got %+v, want %+v", got, want)
	}
}

// TestTheHotItemStaysBelowOneKilobyte: every write of a task costs by its size, so nothing long may find its way into it.
func TestTheHotItemStaysBelowOneKilobyte(t *testing.T) {
	t.Parallel()
	fresh := given(task.Running)
	fresh.Label = strings.Repeat("é", 80)
	fresh.Request = task.RequestSK("k")
	fresh.RequestID = "req_01JD3YQ5T8Z6M3N0V4W2X7K9BC"
	item := stored(fresh)
	changes{"attempts.1.usage": tr.Item{"cost": int64(45_123), "estimated": true, "mp_in": int64(1310), "mp_out": int64(1050)}}.on(item)
	text, err := json.Marshal(item)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 1024 {
		t.Errorf("a running task takes %d bytes: %s", len(text), text)
	}
}

func TestCreateIsOneSetOfWritesThatHoldsWhatTheTasksCost(t *testing.T) {
	t.Parallel()
	one, two := given(task.Created), given(task.Created)
	two.ID, two.Cost = "tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BD", 7
	request := &task.Request{Account: account, SK: "R#1", Tasks: []task.ID{one.ID, two.ID}}
	writes := task.Create(request, []*task.Task{one, two}, now)
	if len(writes) != 2*2+2 {
		t.Fatalf("%d writes, want request, balance, and a task and a hold each", len(writes))
	}
	if w := writes[task.CreateRequestPart]; w.Row != nil || w.Key != task.RequestKey(account, "R#1") {
		t.Errorf("request part: %+v", w)
	}
	if w := writes[task.CreateBalancePart]; w.Row != credit.Hold || w.Args["total"] != int64(12) || w.Args["count"] != int64(2) {
		t.Errorf("balance part: %+v", w)
	}
	for i, t2 := range []*task.Task{one, two} {
		row, hold := writes[2+2*i], writes[3+2*i]
		if row.Row != nil || row.Key != t2.Key() || hold.Row != nil || hold.Key != credit.HoldKey(account, t2.ID.ULID()) || hold.Put.Int("amount") != t2.Cost {
			t.Errorf("task %d: %+v %+v", i, row, hold)
		}
	}
}

func TestTheOpenJobIsTheLatestThatNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	subject := given(task.Failed)
	subject.Att, subject.Win = 4, 0
	subject.Attempts = map[int]task.Attempt{1: {Job: "a"}, 2: {Job: "b"}, 3: {Job: "c", Ended: true}, 4: {}}
	if n, a, ok := subject.OpenJob(); !ok || n != 2 || a.Job != "b" {
		t.Errorf("got attempt %d, job %q, %t", n, a.Job, ok)
	}
	subject.Win = 2
	if n, _, ok := subject.OpenJob(); !ok || n != 1 {
		t.Errorf("the winner's job is taken for one to cancel: got %d %t", n, ok)
	}
}
