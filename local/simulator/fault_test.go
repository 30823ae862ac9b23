package simulator

import (
	"bytes"
	"encoding/json"
	"image"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// faultTests has one test per row of the table; TestEveryFaultActsAsItsTestSays fails for a row without one.
var faultTests = map[string]func(*testing.T, rig){
	"down": func(t *testing.T, r rig) {
		for kind, want := range map[string][2]int{"401": {403, 401}, "402": {402, 429}, "403": {403, 403}, "404": {404, 404}} {
			text := prompt("down "+kind, "down="+kind+":1")
			if got := statuses(2, func() answered { return r.submitBFL(small(text)) }); !slices.Equal(got, []int{want[0], 200}) {
				t.Errorf("bfl %s: %v, want %d then 200", kind, got, want[0])
			}
			if got := statuses(2, func() answered { return r.generate(object{"prompt": text}) }); !slices.Equal(got, []int{want[1], 200}) {
				t.Errorf("openai %s: %v, want %d then 200", kind, got, want[1])
			}
		}
		if got := statuses(3, func() answered { return r.submitBFL(small(prompt("off", "down=402"))) }); !slices.Equal(got, []int{402, 402, 402}) {
			t.Errorf("down without times: %v, want always 402", got)
		}
	},
	"refuse": func(t *testing.T, r rig) {
		text := prompt("refused", "refuse")
		if got := statuses(2, func() answered { return r.submitBFL(small(text)) }); !slices.Equal(got, []int{0, 200}) {
			t.Errorf("%v, want a cut connection then 200", got)
		}
		if seen := r.counts("refused"); seen.Accepted != 1 || seen.Counts[Submit] != 2 {
			t.Errorf("%d of %d submits accepted, want 1 of 2", seen.Accepted, seen.Counts[Submit])
		}
	},
	"throttle": func(t *testing.T, r rig) {
		text := prompt("storm", "throttle=2")
		for _, call := range []func() answered{
			func() answered { return r.submitBFL(small(text)) },
			func() answered { return r.generate(object{"prompt": text}) },
		} {
			if got := statuses(3, call); !slices.Equal(got, []int{429, 429, 200}) {
				t.Errorf("%v, want 429, 429, 200", got)
			}
		}
	},
	"retry_after": func(t *testing.T, r rig) {
		got := r.submitBFL(small(prompt("wait", "throttle, retry_after=7")))
		if got.header.Get("Retry-After") != "7" || got.object["retry_after"] != 7.0 {
			t.Errorf("Retry-After %q, body %s; want 7 in both", got.header.Get("Retry-After"), got.raw)
		}
	},
	"error500": func(t *testing.T, r rig) {
		text := prompt("broken", "error500=1")
		if got := statuses(2, func() answered { return r.generate(object{"prompt": text}) }); !slices.Equal(got, []int{500, 200}) {
			t.Errorf("%v, want 500, 200", got)
		}
		if seen := r.counts("broken"); seen.Accepted != 1 {
			t.Errorf("%d accepted, want 1", seen.Accepted)
		}
	},
	"delay": func(t *testing.T, r rig) {
		began := time.Now()
		r.pollUntilFinal(r.submitBFL(small(prompt("slow job", "delay=60"))).object["id"].(string))
		r.generate(object{"prompt": prompt("slow answer", "delay=60")})
		if took := time.Since(began); took < 120*time.Millisecond {
			t.Errorf("both took %v, want at least 120 ms", took)
		}
	},
	"hang": func(t *testing.T, r rig) {
		rec := newReceiver(t, taken)
		leave := func(q *http.Request) { q.Close = true }
		client := &http.Client{Timeout: 80 * time.Millisecond}
		for path, body := range map[string]object{
			"/bfl/v1/flux-2-pro":            {"prompt": prompt("hung", "hang"), "webhook_url": rec.URL + "/w"},
			"/openai/v1/images/generations": {"prompt": prompt("hung", "hang"), "model": "gpt-image-2"},
		} {
			raw, _ := json.Marshal(body)
			request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, r.Server.URL+path, bytes.NewReader(raw))
			withBFLKey(request)
			withOpenAIKey(request)
			leave(request)
			if response, err := client.Do(request); err == nil {
				response.Body.Close()
				t.Errorf("%s answered %d, want no answer", path, response.StatusCode)
			}
		}
		rec.next(t) // the job runs all the same
		if seen := r.counts("hung"); seen.Accepted != 2 {
			t.Errorf("%d accepted, want 2", seen.Accepted)
		}
	},
	"reset": func(t *testing.T, r rig) {
		rec := newReceiver(t, taken)
		body := object{"prompt": prompt("lost answer", "reset"), "webhook_url": rec.URL + "/w"}
		if got := r.submitBFL(body); got.err == nil {
			t.Errorf("first submit answered %d, want a cut connection", got.status)
		}
		if event := rec.next(t); event.object["status"] != "Ready" {
			t.Errorf("event = %s, want Ready: the job runs", event.raw)
		}
		if got := r.submitBFL(body); got.status != 200 {
			t.Errorf("second submit: %d, want 200", got.status)
		}
		if seen := r.counts("lost answer"); seen.Accepted != 2 {
			t.Errorf("%d accepted, want 2", seen.Accepted)
		}
		if got := statuses(2, func() answered { return r.generate(object{"prompt": prompt("lost image", "reset")}) }); !slices.Equal(got, []int{0, 200}) {
			t.Errorf("openai: %v, want a cut connection then 200", got)
		}
	},
	"moderate_input":  func(t *testing.T, r rig) { moderated(t, r, "moderate_input", "Request Moderated", 0) },
	"moderate_output": func(t *testing.T, r rig) { moderated(t, r, "moderate_output", "Content Moderated", 1) },
	"job_error": func(t *testing.T, r rig) {
		text := prompt("fails once", "job_error")
		for _, want := range []string{"Error", "Ready"} {
			if report := r.pollUntilFinal(r.submitBFL(small(text)).object["id"].(string)); report["status"] != want {
				t.Errorf("report = %v, want %s", report, want)
			}
		}
		if got := statuses(2, func() answered { return r.generate(object{"prompt": text}) }); !slices.Equal(got, []int{500, 200}) {
			t.Errorf("openai: %v, want 500, 200", got)
		}
	},
	"empty": func(t *testing.T, r rig) {
		report := r.pollUntilFinal(r.submitBFL(small(prompt("nothing", "empty"))).object["id"].(string))
		if report["status"] != "Ready" || linkIn(report) != "" {
			t.Errorf("report = %v, want Ready without a sample", report)
		}
		got := r.generate(object{"prompt": prompt("nothing", "empty")})
		if data, is := got.object["data"].([]any); got.status != 200 || !is || len(data) != 0 {
			t.Errorf("openai: %d %s, want 200 with an empty list", got.status, got.raw)
		}
	},
	"webhook": func(t *testing.T, r rig) {
		submit := func(words, order string) (*receiver, answered) {
			rec := newReceiver(t, taken)
			body := small(prompt(words, order))
			body["webhook_url"], body["webhook_secret"] = rec.URL+"/w/tokenA", "hush"
			return rec, r.submitBFL(body)
		}
		rec, got := submit("early bird", "webhook=early delay=60000")
		if rec.count() != 1 {
			t.Errorf("early: %d deliveries when the submit was answered %d, want 1", rec.count(), got.status)
		}
		rec, _ = submit("twins", "webhook=double")
		if one, two := rec.next(t), rec.next(t); string(one.raw) != string(two.raw) {
			t.Errorf("double: %s and %s, want the same twice", one.raw, two.raw)
		}
		rec, _ = submit("wrong address", "webhook=bad_token")
		if event := rec.next(t); event.path != "/w/tokenB" {
			t.Errorf("bad_token: came to %s, want /w/tokenB", event.path)
		}
		rec, _ = submit("wrong secret", "webhook=bad_signature")
		if event := rec.next(t); event.header.Get("X-Webhook-Secret") == "hush" ||
			event.header.Get("X-BFL-Signature") == bflSignature("hush", event.raw).Get("X-BFL-Signature") {
			t.Errorf("bad_signature: headers %v are right", event.header)
		}
		began := time.Now()
		rec, _ = submit("tardy", "webhook=late:80")
		if rec.next(t); time.Since(began) < 80*time.Millisecond {
			t.Errorf("late: came after %v, want at least 80 ms", time.Since(began))
		}
		rec, got = submit("dropped", "webhook=drop")
		r.waitForWebhooks("dropped", 1)
		if report := r.pollUntilFinal(got.object["id"].(string)); report["status"] != "Ready" || rec.count() != 0 {
			t.Errorf("drop: report %v and %d deliveries, want Ready and none", report, rec.count())
		}
	},
	"not_found": func(t *testing.T, r rig) {
		id := r.submitBFL(small(prompt("elsewhere", "not_found=2"))).object["id"].(string)
		var got []string
		for range 3 {
			time.Sleep(5 * time.Millisecond)
			got = append(got, r.poll(id).object["status"].(string))
		}
		if !slices.Equal(got, []string{"Task not found", "Task not found", "Ready"}) {
			t.Errorf("%v, want twice Task not found, then Ready", got)
		}
	},
	"poll_error": func(t *testing.T, r rig) {
		id := r.submitBFL(small(prompt("hiccup", "poll_error"))).object["id"].(string)
		if got := statuses(2, func() answered { return r.poll(id) }); !slices.Equal(got, []int{500, 200}) {
			t.Errorf("%v, want 500, 200", got)
		}
	},
	"success_then_failure": func(t *testing.T, r rig) { contradicts(t, r, "success_then_failure", "Ready", "Error") },
	"failure_then_success": func(t *testing.T, r rig) { contradicts(t, r, "failure_then_success", "Error", "Ready") },
	"cut": func(t *testing.T, r rig) {
		begun := func(got answered) bool { return got.err != nil && got.status == 200 && len(got.raw) > 0 }
		if got := r.submitBFL(small(prompt("half a job", "cut=submit:1"))); !begun(got) {
			t.Errorf("bfl: %d %q, %v; want an answer that ends in the middle", got.status, got.raw, got.err)
		}
		if got := r.generate(object{"prompt": prompt("half an image", "cut=submit:1")}); !begun(got) {
			t.Errorf("openai: %d with %d bytes, %v; want an answer that ends in the middle", got.status, len(got.raw), got.err)
		}
		if seen := r.counts("half a"); seen.Accepted != 2 {
			t.Errorf("%d accepted, want 2", seen.Accepted)
		}
		id := r.submitBFL(small(prompt("half a word", "cut=poll:1"))).object["id"].(string)
		if first, second := r.poll(id), r.poll(id); !begun(first) || second.err != nil {
			t.Errorf("polls: %q %v, then %v; want the first cut in the middle", first.raw, first.err, second.err)
		}
		_, link := r.sampleOf(small(prompt("half a file", "cut=fetch:1")))
		if got := r.do(http.MethodGet, link, nil); !begun(got) {
			t.Errorf("link: %d with %d bytes, %v; want a file that ends in the middle", got.status, len(got.raw), got.err)
		}
		decodes(t, r.do(http.MethodGet, link, nil).raw)
	},
	"redirect": func(t *testing.T, r rig) {
		strays := func() []Call {
			seen, err := r.Calls(r.Context(), Filter{Operation: Stray})
			if err != nil {
				t.Fatal(err)
			}
			return seen.Calls
		}
		text := prompt("moved", "redirect=submit:1") // the rig follows, as a careless client would
		if got := r.submitBFL(small(text)); got.status != 404 || len(strays()) != 1 || !strays()[0].KeyLeaked {
			t.Errorf("bfl: %d, strays %+v; want the key elsewhere", got.status, strays())
		}
		if got := statuses(2, func() answered { return r.generate(object{"prompt": text}) }); !slices.Equal(got, []int{404, 200}) || len(strays()) != 2 {
			t.Errorf("openai: %v, strays %+v; want one elsewhere, then 200", got, strays())
		}
		if seen := r.counts("moved"); seen.Accepted != 1 {
			t.Errorf("%d accepted, want 1", seen.Accepted)
		}
		id := r.submitBFL(small(prompt("moved job", "redirect=poll:1"))).object["id"].(string)
		if got := statuses(2, func() answered { return r.poll(id) }); !slices.Equal(got, []int{404, 200}) || len(strays()) != 3 {
			t.Errorf("polls: %v, strays %+v; want one elsewhere, then 200", got, strays())
		}
		_, link := r.sampleOf(small(prompt("moved file", "redirect=fetch:1")))
		if got := r.do(http.MethodGet, link, nil); got.status != 404 || len(strays()) != 4 {
			t.Errorf("link: %d, strays %+v; want the fetch elsewhere", got.status, strays())
		}
		_, link = r.sampleOf(small(prompt("turning file", "redirect=hop:3")))
		decodes(t, r.do(http.MethodGet, link, nil).raw)
		if seen := r.counts("turning file"); seen.Counts[Fetch] != 4 {
			t.Errorf("%d fetches, want 4", seen.Counts[Fetch])
		}
	},
	"oversize_answer": func(t *testing.T, r rig) {
		id := r.submitBFL(small(prompt("long-winded", "oversize_answer=poll:1"))).object["id"].(string)
		if got := r.poll(id); got.status != 200 || len(got.raw) != mostRead {
			t.Errorf("%d with %d bytes, want 200 and as many as are read", got.status, len(got.raw))
		}
		if got := r.poll(id); len(got.raw) > 1<<20 {
			t.Errorf("the second poll has %d bytes", len(got.raw))
		}
	},
	"dead_link": func(t *testing.T, r rig) {
		id, link := r.sampleOf(small(prompt("dead once", "dead_link")))
		if again := linkIn(r.poll(id).object); again != link {
			t.Errorf("a report before the dead link was tried has another link")
		}
		if got := r.do(http.MethodGet, link, nil); got.status != 404 {
			t.Errorf("first link: %d, want 404", got.status)
		}
		fresh := linkIn(r.poll(id).object)
		if got := r.do(http.MethodGet, fresh, nil); got.status != 200 {
			t.Errorf("fresh link: %d, want 200", got.status)
		}
		id, link = r.sampleOf(small(prompt("dead for good", "dead_link=always")))
		for range 3 {
			if got := r.do(http.MethodGet, link, nil); got.status != 404 {
				t.Errorf("always dead link: %d, want 404", got.status)
			}
			link = linkIn(r.poll(id).object)
		}
	},
	"truncate": func(t *testing.T, r rig) {
		for from, raw := range spoilt(t, r, "truncate") {
			if _, _, err := image.Decode(bytes.NewReader(raw)); err == nil {
				t.Errorf("%s: the image is whole", from)
			}
			if _, format, err := image.DecodeConfig(bytes.NewReader(raw)); err != nil || format != "png" {
				t.Errorf("%s: the header does not read as png (%v), so this is not a cut image", from, err)
			}
		}
		_, link := r.sampleOf(small(prompt("cut once", "truncate=1")))
		r.do(http.MethodGet, link, nil)
		decodes(t, r.do(http.MethodGet, link, nil).raw)
	},
	"wrong_type": func(t *testing.T, r rig) {
		for from, raw := range spoilt(t, r, "wrong_type") {
			if got := http.DetectContentType(raw); !strings.HasPrefix(got, "text/html") {
				t.Errorf("%s: %s, want an HTML page", from, got)
			}
		}
	},
	"lie_type": func(t *testing.T, r rig) {
		for from, raw := range spoilt(t, r, "lie_type") {
			if format, _ := decodes(t, raw); format != "jpeg" {
				t.Errorf("%s: %s, want a jpeg in place of a png", from, format)
			}
		}
	},
	"bomb": func(t *testing.T, r rig) {
		for from, raw := range spoilt(t, r, "bomb") {
			if size, _, err := image.DecodeConfig(bytes.NewReader(raw)); err != nil || size.Width != 50_000 || size.Height != 50_000 {
				t.Errorf("%s: %v %v, want a PNG of 50,000 x 50,000", from, size, err)
			}
		}
	},
	"deliver": func(t *testing.T, r rig) {
		want := []byte("bytes that nobody draws")
		if err := r.PutBody(t.Context(), "odd", Body{ContentType: "image/png", Bytes: want}); err != nil {
			t.Fatal(err)
		}
		for from, raw := range spoilt(t, r, "deliver=odd") {
			if !bytes.Equal(raw, want) {
				t.Errorf("%s: %q, want %q", from, raw, want)
			}
		}
	},
	"oversize": func(t *testing.T, r rig) {
		for from, raw := range spoilt(t, r, "oversize=2") {
			if len(raw) != 2<<20 {
				t.Errorf("%s: %d bytes, want 2 MB", from, len(raw))
			}
			decodes(t, raw)
		}
	},
	"slow_body": func(t *testing.T, r rig) {
		began := time.Now()
		for _, raw := range spoilt(t, r, "slow_body=80") {
			decodes(t, raw)
		}
		if took := time.Since(began); took < 160*time.Millisecond {
			t.Errorf("both took %v, want at least 160 ms", took)
		}
	},
}

func TestEveryFaultActsAsItsTestSays(t *testing.T) {
	t.Parallel()
	for _, f := range Faults() {
		if screenTests[f.Name] != nil {
			continue // moderation_test.go
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			test, has := faultTests[f.Name]
			if !has {
				t.Fatal("this fault has no test")
			}
			test(t, newRig(t))
		})
	}
}

func TestFaultsCountPerDistinctPrompt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, words := range []string{"one", "two"} {
		if got := statuses(2, func() answered { return r.submitBFL(small(prompt(words, "error500=1"))) }); !slices.Equal(got, []int{500, 200}) {
			t.Errorf("%s: %v, want 500, 200", words, got)
		}
	}
}

func TestHangIsBoundedAndEndsWithTheSimulator(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.HangLimit = 30 * time.Millisecond })
	if got := r.submitBFL(small(prompt("x", "hang"))); got.err == nil {
		t.Errorf("answered %d, want the connection cut at the limit", got.status)
	}
	r = newRig(t, func(o *Options) { o.HangLimit = time.Hour })
	over := make(chan answered)
	go func() { over <- r.submitBFL(small(prompt("closing", "hang"))) }()
	for r.counts("closing").Counts[Submit] == 0 {
		time.Sleep(time.Millisecond)
	}
	r.Server.Close()
	if got := <-over; got.err == nil {
		t.Errorf("answered %d, want the connection cut by Close", got.status)
	}
}
