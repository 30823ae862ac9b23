package e2e

import (
	"context"
	"net/http"
	"testing"
	"time"

	"darkroom/local/client"
	"darkroom/local/edge"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// put writes a row as no function would. Only tests that need a broken row do this.
func put(t *testing.T, key transition.Key, effects ...transition.Effect) {
	t.Helper()
	row := &transition.Row{ID: "test", Name: "by hand", Effects: effects}
	if _, err := store.Update(context.WithoutCancel(t.Context()), transition.Write{Key: key, Row: row, Args: transition.Args{}}); err != nil {
		t.Fatal(err)
	}
}

// turn switches a provider for the whole stack; such a test must not run beside others.
func turn(t *testing.T, admin client.Client, provider string, on bool) {
	t.Helper()
	answer, err := admin.Send(context.WithoutCancel(t.Context()), http.MethodPut, "/admin/v1/providers/"+provider, map[string]any{"on": on, "reason": "a test"})
	if err != nil || answer.Status != http.StatusOK {
		t.Fatalf("switch %s: %d %s %v", provider, answer.Status, answer.Body, err)
	}
}

// switchAge is a little more than functions believe a switch that they have read.
const switchAge = 6 * time.Second

func TestATaskWaitsWhileItsProviderIsSwitchedOff(t *testing.T) {
	p, admin := newPerson(t), operator(t)
	w := calm(wish(t, jobModel, ""))
	// The hint is lost, so that the task is still waiting when the provider goes off.
	order(t, edge.Order{Service: "sqs", Operation: "SendMessageBatch", Function: functionName("api"), Contains: p.account, Times: 1, Action: edge.FailBefore, Status: 400})
	id := p.create(w).Tasks[0].ID
	turn(t, admin, "bfl", false)
	t.Cleanup(func() { turn(t, admin, "bfl", true) })
	until(t, p.ctx, "the task is postponed (T14)", func() bool { return p.item(id).Int("next_at") > 0 })
	if item := p.item(id); item.Int("att") != 0 || item.Text("state") != string(task.Created) {
		t.Errorf("postponed as %v", item)
	}
	until(t, p.ctx, "the catalogue says so", func() bool { return !p.offered(jobModel) })
	if _, err := p.Create(p.ctx, w, ""); problem(err).Status != 503 || problem(err).Code != "model_unavailable" {
		t.Errorf("a create call while it is off: %v, want 503", err)
	}
	turn(t, admin, "bfl", true)
	p.expect(p.ended(id)[0], completed, "")
	time.Sleep(switchAge) // other tests must not meet a function that still believes it is off
	p.settled(signupGrant, 3)
}

// A task whose request row is gone crashes the submit step. Each crash is counted, and after five the task is given up and paid back.
func TestATaskThatCrashesItsHandlerIsGivenUpAfterFiveFaults(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	order(t, edge.Order{Service: "sqs", Operation: "SendMessageBatch", Function: functionName("api"), Contains: p.account, Times: 1, Action: edge.FailBefore, Status: 400})
	id := p.create(wish(t, jobModel, "")).Tasks[0].ID
	request := p.item(id).Text("request")
	put(t, task.Key(p.account, task.ID(id)), transition.Set("request", transition.Const("R#gone")))
	t.Cleanup(func() { put(t, task.Key(p.account, task.ID(id)), transition.Set("request", transition.Const(request))) })
	until(t, p.ctx, "a crash is counted (T15)", func() bool {
		sendHint(t, "SubmitQueueUrl", p.account, id)
		return p.item(id).Int("faults") > 0 || p.item(id).Text("state") == string(task.Failed)
	})
	until(t, p.ctx, "it is given up (T16)", func() bool {
		sendHint(t, "SubmitQueueUrl", p.account, id)
		time.Sleep(500 * time.Millisecond)
		return p.item(id).Text("state") == string(task.Failed)
	})
	if item := p.item(id); item.Text("error.code") != "internal" {
		t.Errorf("failed as %v", item.Sub("error"))
	}
	p.settled(signupGrant, 0)
}

func TestAnOperatorCanEndATaskAndItsCreditsComeBack(t *testing.T) {
	t.Parallel()
	p, admin := newPerson(t), operator(t)
	id := p.create(wish(t, jobModel, "delay=20000 webhook=drop")).Tasks[0].ID
	until(t, p.ctx, "its job runs", func() bool { return p.item(id).Text("state") == string(task.Running) })
	path := "/admin/v1/accounts/" + p.account + "/tasks/" + id
	if answer, err := admin.Send(p.ctx, http.MethodPost, path+"/release", map[string]any{"reason": "stuck"}); err != nil || answer.Status != http.StatusOK {
		t.Fatalf("release: %d %s %v", answer.Status, answer.Body, err)
	}
	p.expect(p.ended(id)[0], failed, "released")
	p.settled(signupGrant, 0)
	if receipt, err := p.Receipt(p.ctx, id); err != nil || receipt.Release.Reason != "stuck" {
		t.Errorf("receipt %+v, %v", receipt, err)
	}
	if answer, _ := admin.Send(p.ctx, http.MethodPost, path+"/release", map[string]any{"reason": "again"}); answer.Status != http.StatusConflict {
		t.Errorf("released twice: %d", answer.Status)
	}
}

func TestAWaitingTaskCanBeCancelledAndARunningOneCannot(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	order(t, edge.Order{Service: "sqs", Operation: "SendMessageBatch", Function: functionName("api"), Contains: p.account, Times: 1, Action: edge.FailBefore, Status: 400})
	waiting := p.create(wish(t, syncModel, "delay=10")).Tasks[0].ID
	if done, err := p.Cancel(p.ctx, waiting); err != nil || done.Status != failed || done.Error.Code != "cancelled" {
		t.Errorf("cancel a waiting task: %+v, %v", done, err)
	}
	running := p.create(wish(t, jobModel, "delay=2000")).Tasks[0].ID
	until(t, p.ctx, "its job runs", func() bool { return p.item(running).Text("state") == string(task.Running) })
	if _, err := p.Cancel(p.ctx, running); problem(err).Status != 409 || problem(err).Code != "not_cancelable" {
		t.Errorf("cancel a running task: %v, want 409", err)
	}
	p.expect(p.ended(running)[0], completed, "")
	p.settled(signupGrant, 3)
}
