package edge

import (
	"net/http"
	"strings"
	"testing"
)

func TestEveryCallIsRecordedWithItsFunctionAndItsEnd(t *testing.T) {
	edge := NewAWS(newGateway(t).url)
	edge.NameCaller("ASIASUBMIT", "darkroom-submit")
	address := serve(t, edge)
	if _, err := edge.orders.add(Order{Action: CutBefore, Operation: "DeleteItem"}); err != nil {
		t.Fatal(err)
	}
	for _, operation := range []string{"PutItem", "DeleteItem"} {
		send(dynamo(t, address, "ASIASUBMIT", operation, `{"TableName":"tasks","Key":"tsk_1"}`)) // one of the two is cut
	}
	send(dynamo(t, address, "AKIAOTHER", "GetItem", `{"TableName":"tasks"}`))
	waitFor(t, "the cut call to be noted", func() bool { return edge.recorder.find(Filter{Operation: "DeleteItem"}).Calls[0].Fault != "" })

	log := edge.recorder.find(Filter{Function: "darkroom-submit", Contains: "tsk_1"})
	if len(log.Calls) != 2 || log.Last != 3 || log.Dropped != 0 {
		t.Fatalf("got %+v, want the submit function's two calls of three", log)
	}
	if put := log.Calls[0]; put.Operation != "PutItem" || put.Status != http.StatusOK || put.Fault != "" || put.Seq != 1 {
		t.Errorf("got %+v, want PutItem first, answered with 200", put)
	}
	if cut := log.Calls[1]; cut.Status != 0 || cut.Fault != "f1" {
		t.Errorf("got %+v, want no status, because order f1 cut the connection", cut)
	}
	if later := edge.recorder.find(Filter{After: 2}); len(later.Calls) != 1 || later.Calls[0].Operation != "GetItem" {
		t.Errorf("got %+v, want GetItem alone after call 2", later.Calls)
	}
}

func TestOldCallsMakeRoomAndAreCounted(t *testing.T) {
	var r recorder
	for range maxCalls + 3 {
		r.add(&Call{})
	}
	if log := r.find(Filter{}); len(log.Calls) != maxCalls || log.Dropped != 3 || log.Calls[0].Seq != 4 {
		t.Errorf("kept %d calls from %d on, dropped %d; want %d from 4 on, dropped 3", len(log.Calls), log.Calls[0].Seq, log.Dropped, maxCalls)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	var r recorder
	body := strings.Repeat("x", 2*maxOneBody)
	for range 2 * maxBodyBytes / maxOneBody {
		r.add(&Call{body: body})
	}
	if r.bytes > maxBodyBytes || len(r.calls) != maxBodyBytes/maxOneBody {
		t.Errorf("keeps %d bytes of %d calls, want %d at most", r.bytes, len(r.calls), maxBodyBytes)
	}
}

func TestClearForgetsCallsButGoesOnCounting(t *testing.T) {
	var r recorder
	r.add(&Call{})
	r.clear()
	r.add(&Call{})
	if log := r.find(Filter{}); len(log.Calls) != 1 || log.Calls[0].Seq != 2 {
		t.Errorf("got %+v, want one call with number 2", log)
	}
}
