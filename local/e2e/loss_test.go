package e2e

import (
	"testing"

	"darkroom/local/edge"
)

// Every message is lost for as long as the test runs: only the sweeper and the due index are left.
func TestEveryMessageOfAllQueuesCanBeLostOnce(t *testing.T) {
	t.Parallel()
	for _, model := range []string{jobModel, syncModel} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			w := wish(t, model, "webhook=drop")
			if model == syncModel {
				w = wish(t, model, "delay=200")
			}
			// The first hint of every kind about this account is thrown away: submit, polls, store.
			lost := []edge.Order{}
			for _, function := range []string{"api", "submit", "generate", "poll"} {
				lost = append(lost, order(t, edge.Order{Service: "sqs", Operation: "SendMessageBatch", Function: info.StackName + "-" + function, Contains: p.account,
					Times: 1, Action: edge.FailBefore, Status: 400}))
			}
			done := p.ended(p.create(w).IDs()...)[0]
			p.expect(done, completed, "")
			if struck(t, lost[0]) == 0 {
				t.Error("the create call's hint was not lost: this test shows nothing")
			}
			if got := accepted(t, w.Prompt); got != 1 {
				t.Errorf("%d provider calls, want 1", got)
			}
		})
	}
}

// Every hint is sent twice by hand while the task runs.
func TestEveryMessageCanComeTwice(t *testing.T) {
	t.Parallel()
	for model, queues := range map[string][]string{jobModel: {"SubmitQueueUrl", "PollQueueUrl", "StoreQueueUrl"}, syncModel: {"GenerateQueueUrl", "StoreQueueUrl"}} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			w := wish(t, model, "delay=1500")
			id := p.create(calm(w)).Tasks[0].ID
			for range 3 {
				for _, queue := range queues {
					sendHint(t, queue, p.account, id)
					sendHint(t, queue, p.account, id)
				}
			}
			done := p.ended(id)[0]
			for _, queue := range queues { // and once more after the end
				sendHint(t, queue, p.account, id)
			}
			p.expect(done, completed, "")
			p.settled(signupGrant, done.Credits.Captured)
			if got := accepted(t, w.Prompt); got != 1 {
				t.Errorf("%d provider calls, want 1", got)
			}
		})
	}
}
