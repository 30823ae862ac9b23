package e2e

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"darkroom/local/edge"
	"darkroom/shared/asset"
)

// functionName is the deployed name of a folder.
func functionName(folder string) string { return info.StackName + "-" + folder }

// killed counts, by queue, the workers that tests have killed: each leaves a message that comes back only after its queue's visibility time-out.
var killed sync.Map

// kill kills the process of a function at its next call that matches.
func kill(t *testing.T, o edge.Order) edge.Order {
	folder := strings.TrimPrefix(o.Function, info.StackName+"-")
	counter, _ := killed.LoadOrStore(strings.ToUpper(folder[:1])+folder[1:]+"QueueUrl", new(atomic.Int64))
	counter.(*atomic.Int64).Add(1)
	o.Times = 1
	return order(t, o)
}

func TestAWorkerThatDiesBetweenClaimAndAnswerCallsTheProviderOnceMoreAtMost(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	w := wish(t, jobModel, "delay=500")
	// The claim is written, and the process dies before it learns so: nothing was called yet.
	killed := kill(t, edge.Order{Service: "dynamodb", Operation: "UpdateItem", Function: functionName("submit"), Contains: p.account, Action: edge.KillAfter})
	done := p.ended(p.create(w).IDs()...)[0]
	p.expect(done, completed, "")
	if struck(t, killed) != 1 {
		t.Fatal("nobody was killed: this test shows nothing")
	}
	if got := accepted(t, w.Prompt); got != 1 {
		t.Errorf("%d provider calls, want 1: the first process died before it called", got)
	}
	if done.Attempt != 2 {
		t.Errorf("%d attempts, want 2", done.Attempt)
	}
	p.settled(signupGrant, 3)
}

func TestBytesThatAreStagedAreNotBoughtAgain(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	w := wish(t, syncModel, "")
	created := p.create(w)
	// The answer is staged, and the process dies before the success is recorded.
	killed := kill(t, edge.Order{Service: "s3", Operation: "PUT", Function: functionName("generate"), KeyPrefix: asset.StagedPrefix(created.Tasks[0].ID), Action: edge.KillAfter})
	done := p.ended(created.IDs()...)[0]
	p.expect(done, completed, "")
	if struck(t, killed) != 1 {
		t.Fatal("nobody was killed: this test shows nothing")
	}
	if got := accepted(t, w.Prompt); got != 1 {
		t.Errorf("%d provider calls, want 1: the bytes were there", got)
	}
	p.settled(signupGrant, 1)
}

func TestAStoreStepThatDiesLosesNothing(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	created := p.create(wish(t, syncModel, ""))
	killed := kill(t, edge.Order{Service: "s3", Operation: "PUT", Function: functionName("store"), KeyPrefix: asset.OriginalPrefix(p.account, created.Tasks[0].ID), Action: edge.KillAfter})
	done := p.ended(created.IDs()...)[0]
	p.expect(done, completed, "")
	if struck(t, killed) != 1 {
		t.Fatal("nobody was killed: this test shows nothing")
	}
	checkImages(t, p, done)
	p.settled(signupGrant, 1)
}

// The settlement is written, and its answer is lost: the same settlement again is a success, and nothing moves twice.
func TestASettlementWhoseAnswerIsLostCountsOnce(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	order(t, edge.Order{Service: "dynamodb", Operation: "TransactWriteItems", Function: functionName("store"), Contains: p.account, Times: 1, Action: edge.FailAfter})
	done := p.ended(p.create(wish(t, jobModel, "delay=300")).IDs()...)[0]
	p.expect(done, completed, "")
	p.settled(signupGrant, 3)
}

// A transaction that meets another one is repeated by our own loop.
func TestConflictsAreSatOut(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	for _, function := range []string{"api", "store"} {
		order(t, edge.Order{Service: "dynamodb", Operation: "TransactWriteItems", Function: functionName(function), Contains: p.account, Times: 3, Action: edge.Conflict})
	}
	done := p.ended(p.create(wish(t, jobModel, "delay=300")).IDs()...)[0]
	p.expect(done, completed, "")
	p.settled(signupGrant, 3)
}
