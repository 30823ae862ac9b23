package simulator

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOrdersStrikeOnlyWhatTheyName(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ordered, err := r.Order(t.Context(), Order{Provider: "bfl", Model: "flux-2-pro", Prompt: "fox", Faults: "error500=always"})
	if err != nil || !strings.HasPrefix(ordered.ID, "ord_") {
		t.Fatalf("Order = %+v, %v", ordered, err)
	}
	for name, c := range map[string]struct {
		got  answered
		want int
	}{
		"Named":         {r.submitBFL(small("a red fox")), 500},
		"OtherPrompt":   {r.submitBFL(small("a red cat")), 200},
		"OtherModel":    {r.do(http.MethodPost, "/bfl/v1/flux-2-max", small("a red fox"), withBFLKey), 200},
		"OtherProvider": {r.generate(object{"prompt": "a red fox"}), 200},
	} {
		if c.got.status != c.want {
			t.Errorf("%s: %d, want %d", name, c.got.status, c.want)
		}
	}
	if err := r.Remove(t.Context(), ordered.ID); err != nil {
		t.Fatal(err)
	}
	if got := r.submitBFL(small("a red fox")); got.status != 200 {
		t.Errorf("after removal: %d, want 200", got.status)
	}
	if err := r.Remove(t.Context(), ordered.ID); err == nil {
		t.Error("removing it again gave no error")
	}
}

func TestOrdersEndAfterTheirTimes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.Order(t.Context(), Order{Faults: "error500=always", Times: 2}); err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, words := range []string{"one", "two", "three"} {
		got = append(got, r.submitBFL(small(words)).status)
	}
	if !slices.Equal(got, []int{500, 500, 200}) {
		t.Errorf("%v, want 500, 500, 200", got)
	}
}

func TestAnOrderPlacedAgainCountsAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for range 2 {
		if _, err := r.Order(t.Context(), Order{Faults: "throttle=1"}); err != nil {
			t.Fatal(err)
		}
		if got := statuses(2, func() answered { return r.submitBFL(small("again")) }); !slices.Equal(got, []int{429, 200}) {
			t.Errorf("%v, want 429, 200", got)
		}
		if err := r.RemoveAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPromptsOwnFaultWinsOverAnOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.Order(t.Context(), Order{Faults: "throttle=always retry_after=9"}); err != nil {
		t.Fatal(err)
	}
	got := r.submitBFL(small(prompt("x", "throttle retry_after=2")))
	if got.header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After = %q, want the prompt's 2", got.header.Get("Retry-After"))
	}
}

func TestWrongOrdersAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for body, says := range map[string]string{
		`{`:                                  "cannot be read",
		`{"faults":"flood"}`:                 "unknown fault",
		`{"faults":""}`:                      "none given",
		`{"provider":"bfl"}`:                 "none given",
		`{"fault":"hang"}`:                   "allowed fields",
		`{"faults":"hang","times":-1}`:       "times",
		`{"faults":"hang","provider":"bff"}`: "allowed: bfl, openai",
		`{"faults":"hang","model":"flux-9"}`: `unknown "flux-9"; allowed, as the provider names them: flux-2-pro, `,
		`{"faults":"hang","model":"gpt-image-2","provider":"bfl"}`: "flux-2-klein-4b, or none",
		`{"faults":"hang not_found","provider":"openai"}`:          "openai has none",
	} {
		got := r.do(http.MethodPost, "/_control/faults", body, func(q *http.Request) { q.Header.Set("Content-Type", "application/json") })
		if message, _ := got.object["error"].(string); got.status != 400 || !strings.Contains(message, says) {
			t.Errorf("%s: %d %s, want 400 with %q", body, got.status, got.raw, says)
		}
	}
	if got := r.do(http.MethodPost, "/_control/faults", `{"faults":"hang"}`); got.status != 415 {
		t.Errorf("without application/json: %d, want 415", got.status)
	}
	if got := r.do(http.MethodGet, "/_control/faults", nil); len(got.object["orders"].([]any)) != 0 || len(got.object["faults"].([]any)) != len(Faults()) {
		t.Errorf("book = %s, want no orders and the whole table", got.raw)
	}
}

func TestRecordsNeverHoldKeys(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, link := r.sampleOf(small("recorded"))
	r.do(http.MethodGet, link, nil, withBFLKey)
	r.generate(object{"prompt": "recorded"})
	for _, path := range []string{"/_control/calls", "/_control/jobs", "/_control/faults", "/"} {
		got := r.do(http.MethodGet, path, nil)
		if got.status != 200 || strings.Contains(string(got.raw), bflKey) || strings.Contains(string(got.raw), openaiKey) {
			t.Errorf("%s: %d, or an API key is in it", path, got.status)
		}
	}
}

func TestJobsAreListed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, _ := r.sampleOf(small("listed"))
	r.sampleOf(small("another"))
	jobs, err := r.Jobs(t.Context(), Filter{Prompt: "listed"})
	if err != nil || len(jobs) != 1 || jobs[0].ID != id || jobs[0].Status != "ready" || jobs[0].Picture.Width != 64 {
		t.Errorf("jobs = %+v, %v; want the one job, ready, 64 wide", jobs, err)
	}
	decodes(t, r.do(http.MethodGet, "/_control/jobs/"+id+"/image", nil).raw)
}

func TestOnlyTheLastCallsAndJobsAreKept(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Keep = 3 })
	for _, words := range []string{"one", "two", "three", "four", "five"} {
		r.submitBFL(small(words))
	}
	seen := r.counts("")
	jobs, err := r.Jobs(t.Context(), Filter{})
	if err != nil || len(seen.Calls) != 3 || seen.Forgotten != 2 || len(jobs) != 3 || seen.Calls[0].Prompt != "five" || jobs[2].Prompt != "three" {
		t.Errorf("calls %+v, jobs %+v, %v; want the last three of each, newest first", seen, jobs, err)
	}
}

func TestPageShowsCallsAndEveryFaultAndEscapesPrompts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.submitBFL(small("<script>alert(1)</script>"))
	got := string(r.do(http.MethodGet, "/", nil).raw)
	for _, f := range Faults() {
		if !strings.Contains(got, f.Name) {
			t.Errorf("the page does not name %s", f.Name)
		}
	}
	if strings.Contains(got, "<script>alert") || !strings.Contains(got, "&lt;script&gt;alert") {
		t.Error("the prompt is missing or not escaped")
	}
}

func TestServerStartsOnLoopbackOnlyAndStopsForGood(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "localhost:0", "127.0.0.1"} {
		if server, err := Start(t.Context(), addr, Options{}); err == nil {
			server.Close()
			t.Errorf("Start(%q) listens, want an error", addr)
		}
	}
	r := newRig(t, func(o *Options) { o.Delay = time.Hour })
	r.submitBFL(small("never done"))
	began := time.Now()
	r.Server.Close()
	r.Server.Close()
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("Close took %v with a running job, want at most about 2 s", took)
	}
	if got := r.do(http.MethodGet, "/", nil); got.err == nil {
		t.Errorf("answered %d after Close", got.status)
	}
}

func TestBaseURLStandsInFrontOfLinks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.SetBaseURL("http://127.0.0.1:9/simulator/")
	got := r.submitBFL(small("x"))
	if url, _ := got.object["polling_url"].(string); !strings.HasPrefix(url, "http://127.0.0.1:9/simulator/bfl/v1/get_result?id=") {
		t.Errorf("polling_url = %q, want it under the set base", url)
	}
}
