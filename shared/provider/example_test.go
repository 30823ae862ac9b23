package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"darkroom/local/simulator"
	"darkroom/shared/provider"
	"darkroom/shared/provider/bfl"
)

// One image, from the call to the bytes, without a queue or a row in between.
func Example() {
	ctx := context.Background()
	server, err := simulator.Start(ctx, "127.0.0.1:0", simulator.Options{Keys: map[string][]string{"bfl": {"a key"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	address, err := url.Parse(server.URL) // nil outside of stage local
	if err != nil {
		fmt.Println(err)
		return
	}
	settings := bfl.Settings{Key: provider.FixedKey("a key"), Simulator: address}
	flux := provider.New(bfl.New(settings), provider.Settings{CallTimeout: 30 * time.Second, Simulator: address})

	made, err := flux.Submit(ctx, provider.Call{
		Model: "flux-2-pro", Mode: provider.Text, Prompt: "a red fox in the snow",
		Params: provider.Params{AspectRatio: "1:1", OutputFormat: "png"},
	})
	if err != nil {
		fmt.Println(provider.ClassOf(err), err)
		return
	}
	for {
		report, err := flux.Poll(ctx, *made.Job)
		if err != nil {
			fmt.Println(err)
			return
		}
		if report.State == provider.Succeeded {
			fetcher := provider.NewFetcher(map[string][]string{flux.Name(): flux.OutputHosts()}, address)
			image, err := fetcher.Fetch(ctx, flux.Name(), report.Output.URL, 50<<20)
			fmt.Println(http.DetectContentType(image), err)
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	// Output: image/png <nil>
}
