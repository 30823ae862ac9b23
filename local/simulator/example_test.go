package simulator_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"darkroom/local/simulator"
)

// A test starts a simulator, orders a fault for its own prompt, lets the product run, and counts the provider calls.
func Example() {
	ctx := context.Background()
	server, err := simulator.Start(ctx, "127.0.0.1:0", simulator.Options{Keys: map[string][]string{"bfl": {"a key"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	for range 2 { // in place of the product
		body := strings.NewReader(`{"prompt": "a red fox [[sim: throttle=1]]"}`)
		request, _ := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/bfl/v1/flux-2-pro", body)
		request.Header.Set("x-key", "a key")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			fmt.Println(err)
			return
		}
		response.Body.Close()
		fmt.Println(response.StatusCode)
	}
	seen, err := simulator.Client{URL: server.URL}.Calls(ctx, simulator.Filter{Prompt: "a red fox"})
	fmt.Println(seen.Counts[simulator.Submit], "submits,", seen.Accepted, "accepted", err)
	// Output:
	// 429
	// 200
	// 2 submits, 1 accepted <nil>
}
