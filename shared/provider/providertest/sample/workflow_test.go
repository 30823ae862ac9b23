package sample_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"testing"
	"time"

	"darkroom/local/simulator"
	"darkroom/shared/catalog"
	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest/sample"
	"darkroom/shared/task"
	"darkroom/shared/workflow/simtest"
)

// delivery is a webhook as it came; the token is the end of its path.
type delivery struct {
	token  string
	header http.Header
	body   []byte
}

// newWorld is a workflow whose only provider is this driver before a simulator. What it knows of the provider is a catalogue and a line of wiring.
func newWorld(t *testing.T) (w *simtest.World, control simulator.Client, came chan delivery) {
	t.Helper()
	models, err := os.ReadFile("testdata/models.json")
	if err != nil {
		t.Fatal(err)
	}
	offered, err := catalog.Parse(models)
	if err != nil {
		t.Fatal(err)
	}
	w = simtest.NewWorld()
	server, err := simulator.Start(t.Context(), "127.0.0.1:0", simulator.Options{
		Keys: map[string][]string{sample.Name: {"a key"}}, Sample: true, Now: w.Clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	came = make(chan delivery, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil {
			came <- delivery{path.Base(r.URL.Path), r.Header, body}
		}
	}))
	t.Cleanup(receiver.Close)

	using := provider.New(build(provider.FixedKey("a key"), address), provider.Settings{Simulator: address})
	providers := provider.Set{using.Name(): using}
	w.Engine.Catalog = offered
	w.Submitter.Providers, w.Poller.Providers, w.Receiver.Providers = providers, providers, providers
	w.Submitter.PublicURL = receiver.URL
	w.Storer.Fetcher = provider.NewFetcher(map[string][]string{sample.Name: using.OutputHosts()}, address)
	return w, simulator.Client{URL: server.URL}, came
}

// awaitEnd waits until the simulator is done with its one job. It works in real time, of which the world's clock would let a task's whole life pass in an instant.
func awaitEnd(t *testing.T, control simulator.Client) {
	t.Helper()
	for range 3000 {
		jobs, err := control.Jobs(t.Context(), simulator.Filter{})
		if err != nil || len(jobs) != 1 {
			t.Fatalf("jobs = %+v, %v; want one", jobs, err)
		}
		if !jobs[0].Finished.IsZero() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the job still runs after 30 seconds")
}

// Nothing but the catalogue and the set of drivers names a provider, so a new one takes tasks through every way there is to a result.
func TestATaskRunsOnAProviderThatNothingElseKnows(t *testing.T) {
	t.Parallel()
	for rule, test := range map[string]struct {
		faults    string
		byWebhook bool
		want      task.State
		credits   int64 // left
	}{
		"SettledByAWebhook":            {"poll_error=always", true, task.Completed, simtest.Credits - 3},
		"SettledByAPoll":               {"webhook=drop", false, task.Completed, simtest.Credits - 3},
		"FoundAfterALoss":              {"reset webhook=drop", false, task.Completed, simtest.Credits - 3},
		"FoundAfterHalfAnAnswer":       {"cut=submit:1 webhook=drop", false, task.Completed, simtest.Credits - 3},
		"SettledAfterHalfAReport":      {"cut=poll:1 webhook=drop", false, task.Completed, simtest.Credits - 3},
		"SettledAfterARedirect":        {"redirect=poll:1 webhook=drop", false, task.Completed, simtest.Credits - 3},
		"SettledAfterTooLongAReport":   {"oversize_answer=poll:1 webhook=drop", false, task.Completed, simtest.Credits - 3},
		"StoredAfterHalfAnImage":       {"cut=fetch:1 webhook=drop", false, task.Completed, simtest.Credits - 3},
		"StoredAfterARedirect":         {"redirect=hop:2 webhook=drop", false, task.Completed, simtest.Credits - 3},
		"ReleasedWhenTheImageIsAstray": {"redirect=fetch webhook=drop", false, task.Failed, simtest.Credits},
		"ReleasedOnARefusal":           {"moderate_output webhook=drop", false, task.Failed, simtest.Credits},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			w, control, came := newWorld(t)
			wish := simtest.Wish("sample-one", 1)
			wish.Prompt = "a red fox [[sim: " + test.faults + "]]"
			made, err := w.Creator.Create(context.Background(), simtest.Alice, "", wish)
			if err != nil {
				t.Fatal(err)
			}
			w.Drain()
			awaitEnd(t, control)
			if test.byWebhook {
				select {
				case got := <-came:
					if err := w.Receiver.Receive(context.Background(), sample.Name, got.token, got.header, got.body); err != nil {
						t.Fatalf("the delivery was not taken: %v", err)
					}
				case <-time.After(30 * time.Second):
					t.Fatal("no webhook came")
				}
			}
			w.Drain()
			if err := w.Recover(time.Hour); err != nil {
				t.Fatal(err)
			}
			if ended := w.Task(t, made.Tasks[0]); ended.State != test.want || ended.Attempts[ended.Att].Provider != sample.Name {
				t.Errorf("the task is %s after %+v (%+v), want %s", ended.State, ended.Attempts, ended.Error, test.want)
			}
			if left := w.Balance(t, simtest.Alice); left.Available != test.credits || left.Held != 0 {
				t.Errorf("balance = %+v, want %d available and none held", left, test.credits)
			}
			if seen, err := control.Calls(t.Context(), simulator.Filter{Operation: simulator.Submit}); err != nil || seen.Accepted != 1 {
				t.Errorf("the provider ran %d submits (%v), want 1", seen.Accepted, err)
			}
			w.Check(t)
		})
	}
}
