package simulator

import (
	"image"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// replicateFaults are the faults in Replicate's own words: what comes of a create call, or how the prediction ends. Faults of
// webhooks and links are the same for every provider with jobs and are below.
var replicateFaults = map[string]func(*testing.T, rig){
	"down": func(t *testing.T, r rig) {
		for kind, want := range map[string]int{"401": 401, "402": 402, "403": 403, "404": 404} {
			replicateStatuses(t, r, "down="+kind+":1", want, 201)
		}
	},
	"refuse":   func(t *testing.T, r rig) { replicateStatuses(t, r, "refuse", 0, 201) },
	"throttle": func(t *testing.T, r rig) { replicateStatuses(t, r, "throttle=2", 429, 429, 201) },
	"retry_after": func(t *testing.T, r rig) {
		got := r.predict(little(prompt("wait", "throttle, retry_after=7"), nil))
		if got.header.Get("Retry-After") != "7" || got.object["detail"] != "Request was throttled. Your rate limit resets in ~7s." {
			t.Errorf("Retry-After %q, body %s; want 7 in both", got.header.Get("Retry-After"), got.raw)
		}
	},
	"error500": func(t *testing.T, r rig) { replicateStatuses(t, r, "error500", 500, 201) },
	"delay": func(t *testing.T, r rig) {
		began := time.Now()
		r.predictionUntilFinal(r.predict(little(prompt("slow", "delay=60"), nil)).object["id"])
		if took := time.Since(began); took < 60*time.Millisecond {
			t.Errorf("it took %v, want at least 60 ms", took)
		}
	},
	"hang":            func(t *testing.T, r rig) { replicateLost(t, r, "hang") },
	"reset":           func(t *testing.T, r rig) { replicateLost(t, r, "reset") },
	"moderate_input":  func(t *testing.T, r rig) { replicateEnds(t, r, "moderate_input", "failed", "E005") },
	"moderate_output": func(t *testing.T, r rig) { replicateEnds(t, r, "moderate_output", "failed", "NSFW") },
	"job_error":       func(t *testing.T, r rig) { replicateEnds(t, r, "job_error", "failed", "E1000") },
	"empty":           func(t *testing.T, r rig) { replicateEnds(t, r, "empty", "succeeded", "") },
	"not_found": func(t *testing.T, r rig) {
		id := r.predict(little(prompt("elsewhere", "not_found=2"), nil)).object["id"]
		if got := statuses(3, func() answered { return r.prediction(id) }); !slices.Equal(got, []int{404, 404, 200}) {
			t.Errorf("%v, want 404, 404, 200", got)
		}
	},
	"poll_error": func(t *testing.T, r rig) {
		id := r.predict(little(prompt("hiccup", "poll_error"), nil)).object["id"]
		if got := statuses(2, func() answered { return r.prediction(id) }); !slices.Equal(got, []int{500, 200}) {
			t.Errorf("%v, want 500, 200", got)
		}
	},
	"success_then_failure": func(t *testing.T, r rig) { replicateContradicts(t, r, "success_then_failure", "succeeded", "failed") },
	"failure_then_success": func(t *testing.T, r rig) { replicateContradicts(t, r, "failure_then_success", "failed", "succeeded") },
	"webhook": func(t *testing.T, r rig) {
		submit := func(words, order string) (*receiver, answered) {
			rec := newReceiver(t, taken)
			return rec, r.predict(little(prompt(words, order), rec))
		}
		if rec, got := submit("early bird", "webhook=early delay=60000"); rec.count() != 1 || got.object["status"] == "succeeded" {
			t.Errorf("early: %d deliveries when the create was answered %s, want 1", rec.count(), got.raw)
		}
		rec, _ := submit("twins", "webhook=double")
		if one, two := rec.next(t), rec.next(t); string(one.raw) != string(two.raw) || one.header.Get("webhook-id") != two.header.Get("webhook-id") {
			t.Errorf("double: %s and %s, want the same twice", one.raw, two.raw)
		}
		rec, _ = submit("wrong address", "webhook=bad_token")
		if event := rec.next(t); event.path != "/w/tokenB" {
			t.Errorf("bad_token: came to %s, want /w/tokenB", event.path)
		}
		rec, _ = submit("wrong secret", "webhook=bad_signature")
		if event := rec.next(t); signedWith(t, ReplicateWebhookSecret, event) {
			t.Errorf("bad_signature: headers %v are right", event.header)
		}
		rec, got := submit("dropped", "webhook=drop")
		r.waitForWebhooks("dropped", 1)
		if end := r.predictionUntilFinal(got.object["id"]); end["status"] != "succeeded" || rec.count() != 0 {
			t.Errorf("drop: %v and %d deliveries, want succeeded and none", end, rec.count())
		}
	},
	"cut": func(t *testing.T, r rig) {
		replicateAnswers(t, r, "cut", func(got answered) bool { return got.status/100 == 2 && got.err != nil })
	},
	"redirect": func(t *testing.T, r rig) { // which the rig follows, to where nothing is
		replicateAnswers(t, r, "redirect", func(got answered) bool { return got.status == 404 && got.err == nil })
	},
	"oversize_answer": func(t *testing.T, r rig) {
		replicateAnswers(t, r, "oversize_answer", func(got answered) bool { return len(got.raw) == mostRead })
	},
	"dead_link": func(t *testing.T, r rig) {
		id, link := r.outputOf(little(prompt("dead once", "dead_link"), nil))
		if got := r.do(http.MethodGet, link, nil); got.status != 404 {
			t.Errorf("first link: %d, want 404", got.status)
		}
		if got := r.do(http.MethodGet, r.prediction(id).object["output"].(string), nil); got.status != 200 {
			t.Errorf("fresh link: %d, want 200", got.status)
		}
	},
	"truncate": func(t *testing.T, r rig) {
		if _, _, err := image.Decode(strings.NewReader(replicateFile(t, r, "truncate"))); err == nil {
			t.Error("the image is whole")
		}
	},
	"wrong_type": func(t *testing.T, r rig) {
		if got := http.DetectContentType([]byte(replicateFile(t, r, "wrong_type"))); !strings.HasPrefix(got, "text/html") {
			t.Errorf("%s, want an HTML page", got)
		}
	},
	"lie_type": func(t *testing.T, r rig) {
		if format, _ := decodes(t, []byte(replicateFile(t, r, "lie_type"))); format != "jpeg" {
			t.Errorf("%s, want a jpeg in place of a png", format)
		}
	},
	"bomb": func(t *testing.T, r rig) {
		if size, _, err := image.DecodeConfig(strings.NewReader(replicateFile(t, r, "bomb"))); err != nil || size.Width != 50_000 {
			t.Errorf("%v %v, want a PNG of 50,000 x 50,000", size, err)
		}
	},
	"deliver": func(t *testing.T, r rig) {
		if err := r.PutBody(t.Context(), "odd", Body{ContentType: "image/png", Bytes: []byte("odd bytes")}); err != nil {
			t.Fatal(err)
		}
		if got := replicateFile(t, r, "deliver=odd"); got != "odd bytes" {
			t.Errorf("%q, want the odd bytes", got)
		}
	},
	"oversize": func(t *testing.T, r rig) {
		if got := len(replicateFile(t, r, "oversize=2")); got != 2<<20 {
			t.Errorf("%d bytes, want 2 MB", got)
		}
	},
	"slow_body": func(t *testing.T, r rig) {
		began := time.Now()
		decodes(t, []byte(replicateFile(t, r, "slow_body=80")))
		if took := time.Since(began); took < 80*time.Millisecond {
			t.Errorf("it took %v, want at least 80 ms", took)
		}
	},
}

func TestReplicateEveryFault(t *testing.T) {
	t.Parallel()
	for _, f := range Faults() {
		if screenTests[f.Name] != nil {
			continue // moderation_test.go
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			test, has := replicateFaults[f.Name]
			if !has {
				t.Fatal("this fault has no test")
			}
			test(t, newReplicateRig(t))
		})
	}
}

// replicateStatuses makes the same create call again and again and checks what came; 0 is a cut connection.
func replicateStatuses(t *testing.T, r rig, fault string, want ...int) {
	t.Helper()
	if got := statuses(len(want), func() answered { return r.predict(little(prompt("answered", fault), nil)) }); !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", fault, got, want)
	}
	if seen := r.counts(fault); seen.Accepted != 1 {
		t.Errorf("%s: %d accepted, want 1", fault, seen.Accepted)
	}
}

// replicateLost checks that a create call whose answer is lost runs, and is in the list.
func replicateLost(t *testing.T, r rig, fault string) {
	t.Helper()
	rec, over := newReceiver(t, taken), make(chan answered)
	go func() { over <- r.predict(little(prompt("lost", fault), rec)) }()
	event := rec.next(t)
	list := r.do(http.MethodGet, "/replicate/v1/predictions", nil, withReplicateKey)
	results, _ := list.object["results"].([]any)
	if event.object["status"] != "succeeded" || len(results) != 1 || results[0].(object)["id"] != event.object["id"] ||
		results[0].(object)["webhook"] != rec.URL+"/w/tokenA" {
		t.Errorf("event %s and list %s, want the prediction in both", event.raw, list.raw)
	}
	r.Server.Close() // a hanging call ends with it
	if got := <-over; got.err == nil {
		t.Errorf("answered %d, want a cut connection", got.status)
	}
}

// replicateEnds checks how a prediction ends without an image.
func replicateEnds(t *testing.T, r rig, fault, status, text string) {
	t.Helper()
	end := r.predictionUntilFinal(r.predict(little(prompt("ends", fault), nil)).object["id"])
	told, _ := end["error"].(string)
	if end["status"] != status || end["output"] != nil || !strings.Contains(told, text) {
		t.Errorf("%v, want %s without an output and with %q", end, status, text)
	}
}

// replicateContradicts checks that the first final report says one thing and all later ones another.
func replicateContradicts(t *testing.T, r rig, fault, first, later string) {
	t.Helper()
	rec := newReceiver(t, taken)
	id := r.predict(little(prompt("webhook", fault), rec)).object["id"]
	if event := rec.next(t); event.object["status"] != first || r.prediction(id).object["status"] != later {
		t.Errorf("webhook says %v, want %s, and the answer after it %s", event.object["status"], first, later)
	}
}

// replicateAnswers checks that a fault of answers strikes the call that it names once, and no other.
func replicateAnswers(t *testing.T, r rig, fault string, strikes func(answered) bool) {
	t.Helper()
	body := little(prompt("before", "delay=600000"), nil)
	id, _ := r.predict(body).object["id"].(string)
	calls := map[string]func() answered{
		"submit": func() answered { return r.predict(body) },
		"poll":   func() answered { return r.prediction(id) },
		"lookup": func() answered { return r.do(http.MethodGet, "/replicate/v1/predictions", nil, withReplicateKey) },
		"cancel": func() answered {
			return r.do(http.MethodPost, "/replicate/v1/predictions/"+id+"/cancel", nil, withReplicateKey)
		},
	}
	for named, call := range calls {
		body["input"].(object)["prompt"] = prompt("at "+named, fault+"="+named+":1 delay=600000")
		if named != "submit" {
			id, _ = r.predict(body).object["id"].(string)
		}
		if first, second := call(), call(); !strikes(first) || strikes(second) || second.status/100 != 2 {
			t.Errorf("%s=%s:1: %d with %d bytes (%v), then %d; want it to strike once", fault, named, first.status, len(first.raw), first.err, second.status)
		}
	}
}

// replicateFile fetches an image under a fault.
func replicateFile(t *testing.T, r rig, fault string) string {
	t.Helper()
	_, link := r.outputOf(little(prompt("spoilt", fault), nil))
	file := r.do(http.MethodGet, link, nil)
	if file.status != 200 || file.header.Get("Content-Type") != "image/png" || file.err != nil {
		t.Errorf("link: %d %s %v, want 200 image/png", file.status, file.header.Get("Content-Type"), file.err)
	}
	return string(file.raw)
}
