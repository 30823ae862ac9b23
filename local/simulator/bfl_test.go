package simulator

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestBFLJobIsPolledUntilReadyAndItsLinkServesTheImage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.submitBFL(object{"prompt": "a quiet harbour", "width": 320, "height": 192, "seed": 7, "output_format": "png"})
	if got.status != 200 {
		t.Fatalf("submit: %d %s, want 200", got.status, got.raw)
	}
	id := got.object["id"].(string)
	if want := r.Server.URL + "/bfl/v1/get_result?id=" + id; got.object["polling_url"] != want {
		t.Errorf("polling_url = %v, want %s", got.object["polling_url"], want)
	}
	for name, want := range (object{"cost": 3.0, "input_mp": 0.0, "output_mp": 0.06}) {
		if got.object[name] != want {
			t.Errorf("%s = %v, want %v", name, got.object[name], want)
		}
	}
	report := r.pollUntilFinal(id)
	result := report["result"].(map[string]any)
	if report["status"] != "Ready" || result["seed"] != 7.0 || result["prompt"] != "a quiet harbour" {
		t.Fatalf("report = %v, want Ready with seed 7 and the prompt", report)
	}
	file := r.do(http.MethodGet, linkIn(report), nil)
	if file.status != 200 || file.header.Get("Content-Type") != "image/png" {
		t.Fatalf("link: %d %s, want 200 image/png", file.status, file.header.Get("Content-Type"))
	}
	if format, size := decodes(t, file.raw); format != "png" || size != image.Pt(320, 192) {
		t.Errorf("image is %s %v, want png 320 x 192", format, size)
	}
	seen := r.counts("a quiet harbour")
	if seen.Counts[Submit] != 1 || seen.Counts[Fetch] != 1 || seen.Counts[Poll] < 1 || seen.Accepted != 1 {
		t.Errorf("counts = %v accepted %d, want one submit, one fetch, one accepted", seen.Counts, seen.Accepted)
	}
}

func TestBFLIsPendingWhileTheJobRuns(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Delay = time.Hour })
	got := r.submitBFL(object{"prompt": "slow"})
	if report := r.poll(got.object["id"].(string)).object; report["status"] != "Pending" || report["result"] != nil {
		t.Errorf("report = %v, want Pending without a result", report)
	}
}

func TestBFLEveryEndpointAnswersWithItsPrice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for path, cost := range map[string]float64{
		"flux-2-pro": 7.5, "flux-2-pro-preview": 7.5, "flux-2-max": 16, "flux-2-flex": 20,
		"flux-2-klein-9b": 2.1, "flux-2-klein-9b-preview": 2.1, "flux-2-klein-4b": 1.7,
	} {
		got := r.do(http.MethodPost, "/bfl/v1/"+path, object{"prompt": "four megapixels", "width": 2048, "height": 2048}, withBFLKey)
		if paid, _ := got.object["cost"].(float64); got.status != 200 || paid < cost-0.001 || paid > cost+0.001 {
			t.Errorf("%s: %d cost %v, want 200 cost %v", path, got.status, got.object["cost"], cost)
		}
	}
}

func TestBFLRefusesWhatIsNotDocumented(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	long := strings.Repeat("x", 2084)
	for name, c := range map[string]struct {
		path  string
		body  any
		field string
		kind  string
	}{
		"NotJSON":             {"flux-2-pro", "{", "", "json_invalid"},
		"AnArray":             {"flux-2-pro", "[]", "", "json_invalid"},
		"NoPrompt":            {"flux-2-pro", object{}, "prompt", "missing"},
		"NullPrompt":          {"flux-2-pro", object{"prompt": nil}, "prompt", "missing"},
		"PromptNotText":       {"flux-2-pro", object{"prompt": 3}, "prompt", "string_type"},
		"UnknownField":        {"flux-2-pro", object{"prompt": "x", "size": "1:1"}, "size", "extra_forbidden"},
		"StepsOnlyOnFlex":     {"flux-2-pro", object{"prompt": "x", "steps": 5}, "steps", "extra_forbidden"},
		"FifthInputOnKlein":   {"flux-2-klein-4b", object{"prompt": "x", "input_image_5": "eA=="}, "input_image_5", "extra_forbidden"},
		"TooManySteps":        {"flux-2-flex", object{"prompt": "x", "steps": 51}, "steps", "less_than_equal"},
		"GuidanceTooLow":      {"flux-2-flex", object{"prompt": "x", "guidance": 1.4}, "guidance", "greater_than_equal"},
		"UpsamplingNotBool":   {"flux-2-flex", object{"prompt": "x", "prompt_upsampling": "yes"}, "prompt_upsampling", "bool_type"},
		"Width63":             {"flux-2-pro", object{"prompt": "x", "width": 63}, "width", "greater_than_equal"},
		"WidthNegative":       {"flux-2-pro", object{"prompt": "x", "width": -16}, "width", "greater_than_equal"},
		"WidthNotSixteenth":   {"flux-2-pro", object{"prompt": "x", "width": 1000}, "width", "value_error"},
		"HeightFraction":      {"flux-2-pro", object{"prompt": "x", "height": 64.5}, "height", "int_type"},
		"HeightHuge":          {"flux-2-pro", object{"prompt": "x", "height": 1e15}, "height", "less_than_equal"},
		"OverFourMegapixels":  {"flux-2-pro", object{"prompt": "x", "width": 2064, "height": 2048}, "width", "value_error"},
		"SafetyTolerance6":    {"flux-2-pro", object{"prompt": "x", "safety_tolerance": 6}, "safety_tolerance", "less_than_equal"},
		"OutputFormatGIF":     {"flux-2-pro", object{"prompt": "x", "output_format": "gif"}, "output_format", "enum"},
		"SeedText":            {"flux-2-pro", object{"prompt": "x", "seed": "1"}, "seed", "int_type"},
		"WebhookEmpty":        {"flux-2-pro", object{"prompt": "x", "webhook_url": ""}, "webhook_url", "string_too_short"},
		"WebhookLong":         {"flux-2-pro", object{"prompt": "x", "webhook_url": long}, "webhook_url", "string_too_long"},
		"WebhookNotLoopback":  {"flux-2-pro", object{"prompt": "x", "webhook_url": "http://192.0.2.1/w"}, "webhook_url", "value_error"},
		"WebhookByName":       {"flux-2-pro", object{"prompt": "x", "webhook_url": "https://example.com/w"}, "webhook_url", "value_error"},
		"WebhookNoURL":        {"flux-2-pro", object{"prompt": "x", "webhook_url": "w"}, "webhook_url", "value_error"},
		"InputNeitherURLNor":  {"flux-2-pro", object{"prompt": "x", "input_image": "///"}, "input_image", "value_error"},
		"InputNotAnImage":     {"flux-2-pro", object{"prompt": "x", "input_image": "aGVsbG8="}, "input_image", "value_error"},
		"InputElsewhere":      {"flux-2-pro", object{"prompt": "x", "input_image": "http://192.0.2.1/x.png"}, "input_image", "value_error"},
		"InputNotServedThere": {"flux-2-pro", object{"prompt": "x", "input_image": r.Server.URL + "/none"}, "input_image", "value_error"},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.do(http.MethodPost, "/bfl/v1/"+c.path, c.body, withBFLKey)
			detail, _ := got.object["detail"].([]any)
			if got.status != 422 || len(detail) != 1 {
				t.Fatalf("%d %s, want 422 with one problem", got.status, got.raw)
			}
			found := detail[0].(map[string]any)
			loc := found["loc"].([]any)
			if found["type"] != c.kind || loc[0] != "body" || (c.field != "" && loc[1] != c.field) || found["msg"] == "" {
				t.Errorf("problem = %v, want type %s at body, %s", found, c.kind, c.field)
			}
		})
	}
	jobs, err := r.Jobs(t.Context(), Filter{})
	if err != nil || len(jobs) != 0 {
		t.Errorf("jobs = %v (%v), want none from refused calls", jobs, err)
	}
}

func TestBFLCountsInputImagesInThePrice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 1024, 1024))); err != nil {
		t.Fatal(err)
	}
	got := r.submitBFL(object{"prompt": "edit", "input_image": base64.StdEncoding.EncodeToString(file.Bytes())})
	if got.object["cost"] != 4.5 || got.object["input_mp"] != 1.0 {
		t.Errorf("answer = %s, want cost 4.5 and input_mp 1", got.raw)
	}
	_, link := r.sampleOf(object{"prompt": "served"})
	got = r.submitBFL(object{"prompt": "edit by address", "input_image_2": link})
	if got.object["cost"] != 4.5 {
		t.Errorf("answer = %s, want cost 4.5 for an input served on this machine", got.raw)
	}
}

func TestBFLAnswers403WithoutAKnownKey(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, _ := r.sampleOf(object{"prompt": "mine"})
	for _, key := range []string{"", "wrong", openaiKey} {
		with := func(q *http.Request) { q.Header.Set("x-key", key) }
		if got := r.do(http.MethodPost, "/bfl/v1/flux-2-pro", object{"prompt": "x"}, with); got.status != 403 || got.object["detail"] == nil {
			t.Errorf("submit with key %q: %d %s, want 403 with a detail", key, got.status, got.raw)
		}
		if got := r.do(http.MethodGet, "/bfl/v1/get_result?id="+id, nil, with); got.status != 403 {
			t.Errorf("poll with key %q: %d, want 403", key, got.status)
		}
	}
}

func TestBFLDoesNotKnowJobsAndEndpointsThatItNeverHad(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if got := r.poll("nothing"); got.status != 200 || got.object["status"] != "Task not found" {
		t.Errorf("%d %s, want 200 Task not found", got.status, got.raw)
	}
	if got := r.poll(""); got.status != 422 {
		t.Errorf("poll without id: %d %s, want 422", got.status, got.raw)
	}
	if got := r.do(http.MethodPost, "/bfl/v1/flux-9", object{"prompt": "x"}, withBFLKey); got.status != 404 || got.object["detail"] != "Not Found" {
		t.Errorf("unknown endpoint: %d %s, want 404 Not Found", got.status, got.raw)
	}
}

func TestBFLResultLinkExpiresAndAReportBringsAFreshOne(t *testing.T) {
	t.Parallel()
	clock := newClock()
	r := newRig(t, func(o *Options) { o.Now = clock.now })
	id, link := r.sampleOf(object{"prompt": "brief", "width": 64, "height": 64})
	if got := linkIn(r.poll(id).object); got != link {
		t.Errorf("second report has link %s, want the same %s while it lives", got, link)
	}
	clock.add(10*time.Minute - time.Second)
	if got := r.do(http.MethodGet, link, nil); got.status != 200 {
		t.Errorf("link after 9:59: %d, want 200", got.status)
	}
	clock.add(time.Second)
	if got := r.do(http.MethodGet, link, nil); got.status != 403 {
		t.Errorf("link after 10:00: %d, want 403", got.status)
	}
	fresh := linkIn(r.poll(id).object)
	if got := r.do(http.MethodGet, fresh, nil); fresh == link || got.status != 200 {
		t.Errorf("fresh link: %d (same as the old: %v), want 200 and another", got.status, fresh == link)
	}
	if got := r.do(http.MethodGet, link, nil); got.status != 404 {
		t.Errorf("replaced link: %d, want 404", got.status)
	}
}

func TestResultLinksRefuseAndRecordLeakedKeys(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, link := r.sampleOf(object{"prompt": "leak"})
	if got := r.do(http.MethodGet, link, nil, withBFLKey); got.status != 400 {
		t.Errorf("link with a key: %d, want 400", got.status)
	}
	if call := r.counts("leak").Calls[0]; !call.KeyLeaked {
		t.Errorf("record = %+v, want key_leaked", call)
	}
}
