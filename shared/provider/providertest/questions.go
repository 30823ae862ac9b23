package providertest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"darkroom/local/simulator"
	"darkroom/shared/provider"
)

// marker names the attempt in a call that can be found again.
const marker = "k1.account.task.1.mac"

// question is one kind of call about a job.
type question struct {
	operation simulator.Operation
	needs     string // faults of the job that it is asked about
	ask       func(b bench, job provider.Job) error
}

// questions are those that the driver asks. A provider may keep the result apart from how the job stands; the question for it
// comes with the poll that finds the job at its end.
func questions(b bench) (all []question) {
	if b.driver.CanPoll() {
		all = append(all, question{simulator.Poll, "", pollOnce})
		if b.pollUntilFinal(*b.submit("").Job); len(b.calls(simulator.Result).Calls) > 0 {
			all = append(all, question{simulator.Result, "", pollToTheEnd})
		}
	}
	if b.driver.CanCancel() {
		all = append(all, question{simulator.Cancel, longJob, func(b bench, job provider.Job) error { return b.driver.Cancel(b.Context(), job) }})
	}
	if b.driver.CanLookup() {
		all = append(all, question{simulator.Lookup, "", func(b bench, _ provider.Job) error {
			_, err := b.driver.Lookup(b.Context(), marker, time.Now())
			return err
		}})
	}
	return all
}

// silent is the driver before a server that takes every call and answers none. It waits for an answer only a little.
func silent(t *testing.T, subject Subject) *provider.Provider {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return provider.New(subject.New(provider.FixedKey(rightKey), address), provider.Settings{Simulator: address, ReadTimeout: 50 * time.Millisecond})
}

func pollOnce(b bench, job provider.Job) error {
	_, err := b.driver.Poll(b.Context(), job)
	return err
}

func pollToTheEnd(b bench, job provider.Job) error {
	for b.Context().Err() == nil {
		if report, err := b.driver.Poll(b.Context(), job); err != nil || report.State != provider.Running {
			return err
		}
		time.Sleep(2 * time.Millisecond)
	}
	return b.Context().Err()
}

// testQuestions checks that an answer which does not get through teaches nothing, and that the same question may be asked again.
func testQuestions(t *testing.T, subject Subject) {
	asked := questions(newBench(t, subject, rightKey))
	for _, q := range asked {
		t.Run("AnswerThatNeverComesTeachesNothing/"+string(q.operation), func(t *testing.T) {
			b := newBench(t, subject, rightKey)
			b.driver = silent(t, subject)
			b.wantClass(q.ask(b, provider.Job{ID: "any"}), provider.TransientRead)
		})
	}
	for _, test := range []struct{ rule, fault string }{
		{"AnswerCutInTheMiddleTeachesNothing", "cut"},
		{"AnswerTooLargeTeachesNothing", "oversize_answer"},
		{"RedirectTeachesNothingAndIsNotFollowed", "redirect"},
	} {
		for _, q := range asked {
			t.Run(test.rule+"/"+string(q.operation), func(t *testing.T) {
				b := newBench(t, subject, rightKey)
				call := b.call(test.fault + "=" + string(q.operation) + ":1 " + q.needs)
				call.Marker = marker
				call.Webhook = &provider.Webhook{URL: "http://127.0.0.1:9/webhooks/" + subject.Name + "/" + marker, Secret: secret}
				made, err := b.driver.Submit(t.Context(), call)
				if err != nil {
					t.Fatalf("submit: %v", err)
				}
				b.wantClass(q.ask(b, *made.Job), provider.TransientRead)
				if err := q.ask(b, *made.Job); err != nil {
					t.Errorf("asked again: %v", err)
				}
				b.wantNoStrays()
			})
		}
	}
}
