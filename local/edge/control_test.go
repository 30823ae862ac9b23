package edge

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestClientOrdersListsAndClears(t *testing.T) {
	client := Client{URL: serve(t, NewAWS(newGateway(t).url))}
	first, err := client.Order(t.Context(), Order{Action: Throttle, Service: "sqs", Times: -1})
	if err != nil {
		t.Fatal(err)
	}
	second, err := client.Order(t.Context(), Order{Action: Delay, DelayMS: 5})
	if err != nil {
		t.Fatal(err)
	}
	if first.ID == "" || first.ID == second.ID || second.Times != 1 {
		t.Errorf("got %+v and %+v, want ids of their own and one strike unless ordered", first, second)
	}
	if err := client.Clear(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	orders, err := client.Orders(t.Context())
	if err != nil || len(orders) != 1 || orders[0] != second {
		t.Errorf("got %+v, %v after clearing the first, want the second", orders, err)
	}
	if err := client.Clear(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if orders, err := client.Orders(t.Context()); err != nil || len(orders) != 0 {
		t.Errorf("got %+v, %v after clearing all, want none", orders, err)
	}
}

func TestClientReadsTheCallsItAsksFor(t *testing.T) {
	address := serve(t, NewAWS(newGateway(t).url))
	send(dynamo(t, address, "AKIATEST", "PutItem", `{"TableName":"tasks","id":"tsk_1"}`))
	send(dynamo(t, address, "AKIATEST", "PutItem", `{"TableName":"ledger","id":"tsk_1"}`))
	log, err := Client{URL: address}.Calls(t.Context(), Filter{Service: "dynamodb", Operation: "PutItem", Target: "ledger", Contains: "tsk_1", After: 1})
	if err != nil || len(log.Calls) != 1 || log.Calls[0].Target != "ledger" || log.Last != 2 {
		t.Errorf("got %+v, %v, want the second call", log, err)
	}
}

func TestControlNeverReachesTheGateway(t *testing.T) {
	gateway := newGateway(t)
	client := Client{URL: serve(t, NewAWS(gateway.url))}
	if _, err := client.Calls(t.Context(), Filter{}); err != nil {
		t.Fatal(err)
	}
	if got := gateway.seen(); len(got) > 0 {
		t.Errorf("the gateway got %v", got)
	}
}

func TestControlSaysWhatIsWrong(t *testing.T) {
	address := serve(t, NewAWS(newGateway(t).url))
	for _, test := range []struct{ name, method, path, body, want string }{
		{"UnknownAction", "POST", "faults", `{"action":"explode"}`, "is not one of"},
		{"UnknownField", "POST", "faults", `{"action":"hang","tabel":"tasks"}`, "tabel"},
		{"NotJSON", "POST", "faults", `hang`, "order:"},
		{"AfterIsNoNumber", "GET", "calls?after=x", "", "whole number"},
	} {
		t.Run(test.name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), test.method, address+controlPath+test.path, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			answer, _ := io.ReadAll(response.Body) // a short answer shows in the comparison
			if response.StatusCode != http.StatusBadRequest || !strings.Contains(string(answer), test.want) {
				t.Errorf("got %d %q, want 400 with %q", response.StatusCode, answer, test.want)
			}
		})
	}
}
