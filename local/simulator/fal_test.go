package simulator

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const falTestKey = "fal-key-of-the-tests"

// falRig is a rig that talks to fal.
type falRig struct{ rig }

func newFalRig(t *testing.T, change ...func(*Options)) falRig {
	t.Helper()
	withKey := func(o *Options) { o.Keys["fal"] = []string{falTestKey} }
	return falRig{newRig(t, append([]func(*Options){withKey}, change...)...)}
}

func withFalKey(r *http.Request) { r.Header.Set("Authorization", "Key "+falTestKey) }

// submit puts a request into the queue of FLUX.2 [pro]; hook is a webhook's address or empty.
func (r falRig) submit(body any, hook string) answered {
	r.Helper()
	return r.submitTo("fal-ai/flux-2-pro", body, hook)
}

func (r falRig) submitTo(endpoint string, body any, hook string) answered {
	r.Helper()
	path := "/fal/queue/" + endpoint
	if hook != "" {
		path += "?" + url.Values{"fal_webhook": {hook}}.Encode()
	}
	return r.do(http.MethodPost, path, body, withFalKey)
}

// queued submits what must be taken and returns the addresses of the request.
func (r falRig) queued(body any) (status, response, cancel string) {
	r.Helper()
	got := r.submit(body, "")
	if got.status != http.StatusOK {
		r.Fatalf("submit: %d %s, want 200", got.status, got.raw)
	}
	return got.object["status_url"].(string), got.object["response_url"].(string), got.object["cancel_url"].(string)
}

func (r falRig) get(address string) answered {
	r.Helper()
	return r.do(http.MethodGet, address, nil, withFalKey)
}

// ended asks for the status until the request is over.
func (r falRig) ended(status string) answered {
	r.Helper()
	for range 500 {
		if got := r.get(status); got.object["status"] == "COMPLETED" {
			return got
		}
		time.Sleep(2 * time.Millisecond)
	}
	r.Fatal("the request is not over after 500 questions")
	return answered{}
}

// falLink is the first image's address in a result.
func falLink(result object) string {
	images, _ := result["images"].([]any)
	if len(images) == 0 {
		return ""
	}
	link, _ := images[0].(map[string]any)["url"].(string)
	return link
}

// problemTypes are the kinds of problems in a refusal.
func problemTypes(body object) (kinds []string) {
	list, _ := body["detail"].([]any)
	for _, one := range list {
		kinds = append(kinds, one.(map[string]any)["type"].(string))
	}
	return kinds
}

// smallFal is a picture that costs nothing to draw.
func smallFal(prompt string) object {
	return object{"prompt": prompt, "image_size": object{"width": 64, "height": 64}, "output_format": "png"}
}

func TestFalRequestGoesThroughTheQueueToItsResult(t *testing.T) {
	t.Parallel()
	r := newFalRig(t, func(o *Options) { o.Delay = 30 * time.Millisecond })
	body := object{"prompt": "a quiet harbour", "image_size": object{"width": 320, "height": 192}, "seed": 7, "output_format": "png"}
	got := r.submit(body, "")
	id := got.object["request_id"].(string)
	at := r.Server.URL + "/fal/queue/fal-ai/flux-2-pro/requests/" + id
	if got.status != 200 || got.object["status"] != "IN_QUEUE" || got.object["status_url"] != at+"/status" || got.object["response_url"] != at ||
		got.object["cancel_url"] != at+"/cancel" || got.header.Get("X-Fal-Request-Id") != id {
		t.Errorf("submit: %d %s, want IN_QUEUE with the addresses of %s", got.status, got.raw, at)
	}
	for _, want := range []string{"IN_QUEUE", "IN_PROGRESS"} {
		if got := r.get(at + "/status"); got.status != 202 || got.object["status"] != want {
			t.Errorf("status: %d %s, want 202 %s", got.status, got.raw, want)
		}
	}
	if got := r.get(at); got.status != 400 {
		t.Errorf("result while it runs: %d %s, want 400", got.status, got.raw)
	}
	if got := r.ended(at + "/status"); got.status != 200 || got.object["error"] != nil {
		t.Errorf("status: %d %s, want 200 without an error", got.status, got.raw)
	}
	result := r.get(at)
	if result.status != 200 || result.object["seed"] != 7.0 || result.object["prompt"] != "a quiet harbour" {
		t.Fatalf("result: %d %s, want 200 with seed 7 and the prompt", result.status, result.raw)
	}
	file := r.do(http.MethodGet, falLink(result.object), nil)
	if format, size := decodes(t, file.raw); format != "png" || size != image.Pt(320, 192) {
		t.Errorf("image is %s %v, want png 320 x 192", format, size)
	}
	if seen := r.counts("a quiet harbour"); seen.Accepted != 1 || seen.Counts[Submit] != 1 || seen.Counts[Fetch] != 1 {
		t.Errorf("counts = %v accepted %d, want one submit, one fetch, one accepted", seen.Counts, seen.Accepted)
	}
}

func TestFalAddressesLeaveOutTheSubPathOfTheEndpoint(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	got := r.submitTo("fal-ai/flux-2/klein/4b", smallFal("deep"), "")
	id := got.object["request_id"].(string)
	if want := r.Server.URL + "/fal/queue/fal-ai/flux-2/requests/" + id; got.object["response_url"] != want {
		t.Errorf("response_url = %v, want %s", got.object["response_url"], want)
	}
	for _, app := range []string{"fal-ai/flux-2/klein/4b", "fal-ai/flux-2-pro", "fal-ai/flux-2-max"} {
		if got := r.get("/fal/queue/" + app + "/requests/" + id + "/status"); got.status != 404 {
			t.Errorf("status at %s: %d, want 404", app, got.status)
		}
	}
}

// The queue takes everything; the model complains, in the result.
func TestFalInputThatTheModelDoesNotTakeFailsTheRequest(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	size := func(width, height any) object { return object{"width": width, "height": height} }
	for name, c := range map[string]struct {
		endpoint string
		body     object
		kinds    []string
	}{
		"no prompt":               {"fal-ai/flux-2-pro", object{}, []string{"missing"}},
		"unknown field":           {"fal-ai/flux-2-pro", object{"prompt": "x", "width": 64}, []string{"extra_forbidden"}},
		"seed is a text":          {"fal-ai/flux-2-pro", object{"prompt": "x", "seed": "1"}, []string{"int_type"}},
		"webp from FLUX":          {"fal-ai/flux-2-pro", object{"prompt": "x", "output_format": "webp"}, []string{"one_of"}},
		"unknown preset":          {"fal-ai/flux-2-pro", object{"prompt": "x", "image_size": "poster"}, []string{"one_of"}},
		"auto for a text":         {"fal-ai/flux-2-pro", object{"prompt": "x", "image_size": "auto"}, []string{"one_of"}},
		"size is a list":          {"fal-ai/flux-2-pro", object{"prompt": "x", "image_size": []int{64, 64}}, []string{"string_type"}},
		"too small":               {"fal-ai/flux-2-pro", object{"prompt": "x", "image_size": size(63, 64)}, []string{"greater_than_equal"}},
		"too large":               {"fal-ai/flux-2-pro", object{"prompt": "x", "image_size": size(2064, 2048)}, []string{"less_than_equal"}},
		"images for a text":       {"fal-ai/flux-2-pro", object{"prompt": "x", "image_urls": []string{"x"}}, []string{"extra_forbidden"}},
		"edit without images":     {"fal-ai/flux-2-pro/edit", object{"prompt": "x"}, []string{"missing"}},
		"edit with an empty list": {"fal-ai/flux-2-pro/edit", object{"prompt": "x", "image_urls": []string{}}, []string{"sequence_too_short"}},
		"five images for klein":   {"fal-ai/flux-2/klein/4b/edit", object{"prompt": "x", "image_urls": []string{"", "", "", "", ""}}, []string{"sequence_too_long"}},
		"no image behind it":      {"fal-ai/flux-2-pro/edit", object{"prompt": "x", "image_urls": []string{r.Server.URL + "/none"}}, []string{"value_error"}},
		"another machine's image": {"fal-ai/flux-2-pro/edit", object{"prompt": "x", "image_urls": []string{"http://192.0.2.1/x.png"}}, []string{"value_error"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.submitTo(c.endpoint, c.body, "")
			if got.status != 200 {
				t.Fatalf("submit: %d %s, want 200", got.status, got.raw)
			}
			if status := r.ended(got.object["status_url"].(string)); status.object["error"] == nil {
				t.Errorf("status: %s, want an error in it", status.raw)
			}
			result := r.get(got.object["response_url"].(string))
			if kinds := problemTypes(result.object); result.status != 422 || !slices.Equal(kinds, c.kinds) {
				t.Errorf("result: %d %s, want 422 with %v", result.status, result.raw, c.kinds)
			}
		})
	}
}

func TestFalSizesAndPrices(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	for _, c := range []struct {
		endpoint string
		body     object
		size     image.Point
		cost     float64
	}{
		{"fal-ai/flux-2-pro", object{"prompt": "x"}, image.Pt(1024, 768), 0.03},
		{"fal-ai/flux-2-pro", object{"prompt": "x", "image_size": "square"}, image.Pt(512, 512), 0.03},
		{"fal-ai/flux-2-max", object{"prompt": "x", "image_size": object{"width": 2048, "height": 1024}}, image.Pt(2048, 1024), 0.1},
	} {
		id := r.submitTo(c.endpoint, c.body, "").object["request_id"].(string)
		jobs, err := r.Jobs(t.Context(), Filter{Job: id})
		if err != nil || len(jobs) != 1 {
			t.Fatalf("jobs = %v, %v; want one", jobs, err)
		}
		pic := jobs[0].Picture
		if size := image.Pt(pic.Width, pic.Height); size != c.size || jobs[0].Cost < c.cost-1e-9 || jobs[0].Cost > c.cost+1e-9 {
			t.Errorf("%s %v: %v at %v, want %v at %v", c.endpoint, c.body, size, jobs[0].Cost, c.size, c.cost)
		}
	}
}

func TestFalSaysWithTheResultHowManyUnitsItBills(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	for _, c := range []struct {
		endpoint string
		body     object
		units    string // none of a failure
	}{
		{"fal-ai/flux-2-pro", object{"prompt": "x", "image_size": object{"width": 64, "height": 64}}, "1"},
		{"fal-ai/flux-2-pro", object{"prompt": "x", "image_size": object{"width": 2048, "height": 1024}}, "2"},
		{"fal-ai/flux-2-pro", object{"prompt": "x [[sim: job_error]]"}, ""},
	} {
		made := r.submitTo(c.endpoint, c.body, "").object
		r.ended(made["status_url"].(string))
		if got := r.get(made["response_url"].(string)).header.Get("X-Fal-Billable-Units"); got != c.units {
			t.Errorf("%s %v: %q units, want %q", c.endpoint, c.body, got, c.units)
		}
	}
}

func TestFalTakesInputsByAddressAndByDataURI(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	uri := func(width, height int) string {
		var file bytes.Buffer
		if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
			t.Fatal(err)
		}
		return "data:image/png;base64," + base64.StdEncoding.EncodeToString(file.Bytes())
	}
	status, response, _ := r.queued(smallFal("served"))
	r.ended(status)
	served := falLink(r.get(response).object)
	for rule, c := range map[string]struct {
		body object
		want int
	}{
		"both forms":             {object{"prompt": "x", "image_urls": []string{served, uri(64, 64)}}, 200},
		"data of another type":   {object{"prompt": "x", "image_urls": []string{strings.Replace(uri(64, 64), "image/png", "text/html", 1)}}, 422},
		"base64 without its URI": {object{"prompt": "x", "image_urls": []string{strings.TrimPrefix(uri(64, 64), "data:image/png;base64,")}}, 422},
	} {
		got := r.submitTo("fal-ai/flux-2-pro/edit", c.body, "")
		r.ended(got.object["status_url"].(string))
		result := r.get(got.object["response_url"].(string))
		if result.status != c.want {
			t.Errorf("%s: %d %s, want %d", rule, result.status, result.raw, c.want)
		}
	}
}

func TestFalAnswers401WithoutAKnownKeyEverywhere(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	status, response, cancel := r.queued(smallFal("mine"))
	for _, key := range []string{"", "Key wrong", "Bearer " + falTestKey, falTestKey} {
		with := func(q *http.Request) { q.Header.Set("Authorization", key) }
		for _, call := range [][2]string{
			{http.MethodPost, "/fal/queue/fal-ai/flux-2-pro"}, {http.MethodGet, status}, {http.MethodGet, response}, {http.MethodPut, cancel},
			{http.MethodGet, "/fal/api/v1/models/requests/by-endpoint?endpoint_id=fal-ai/flux-2-pro"},
		} {
			if got := r.do(call[0], call[1], nil, with); got.status != 401 {
				t.Errorf("%s %s with %q: %d %s, want 401", call[0], call[1], key, got.status, got.raw)
			}
		}
	}
	if got := r.submitTo("fal-ai/flux-9", smallFal("x"), ""); got.status != 404 {
		t.Errorf("unknown endpoint: %d, want 404", got.status)
	}
	if got := r.submit("[]", ""); got.status != 422 {
		t.Errorf("no object: %d, want 422", got.status)
	}
	if got := r.submit(smallFal("x"), "http://192.0.2.1/w"); got.status != 400 {
		t.Errorf("webhook to another machine: %d, want 400", got.status)
	}
}

func TestFalResultIsKeptForAnHour(t *testing.T) {
	t.Parallel()
	clock := newClock()
	r := newFalRig(t, func(o *Options) { o.Now = clock.now })
	status, response, _ := r.queued(smallFal("brief"))
	r.ended(status)
	if got := r.get(response); got.status != 200 {
		t.Errorf("result: %d, want 200", got.status)
	}
	clock.add(61 * time.Minute)
	if got := r.get(response); got.status != 404 {
		t.Errorf("result after an hour: %d, want 404", got.status)
	}
	if got := r.get(status); got.object["status"] != "COMPLETED" {
		t.Errorf("status after an hour: %s, want COMPLETED", got.raw)
	}
}

func TestFalCancelStopsWhatIsNotOver(t *testing.T) {
	t.Parallel()
	r := newFalRig(t, func(o *Options) { o.Delay = time.Hour })
	status, response, cancel := r.queued(smallFal("stop me"))
	stop := func() answered { return r.do(http.MethodPut, cancel, nil, withFalKey) }
	if got := stop(); got.status != 202 || got.object["status"] != "CANCELLATION_REQUESTED" {
		t.Errorf("cancel: %d %s, want 202 CANCELLATION_REQUESTED", got.status, got.raw)
	}
	if got := r.get(status); got.object["status"] != "COMPLETED" || got.object["error_type"] != "client_cancelled" {
		t.Errorf("status: %s, want COMPLETED with client_cancelled", got.raw)
	}
	if got := r.get(response); got.status != 499 || falLink(got.object) != "" {
		t.Errorf("result: %d %s, want 499 without an image", got.status, got.raw)
	}
	if got := stop(); got.status != 400 || got.object["status"] != "ALREADY_COMPLETED" {
		t.Errorf("second cancel: %d %s, want 400 ALREADY_COMPLETED", got.status, got.raw)
	}
	unknown := strings.Replace(cancel, "requests/", "requests/x", 1)
	if got := r.do(http.MethodPut, unknown, nil, withFalKey); got.status != 404 || got.object["status"] != "NOT_FOUND" {
		t.Errorf("cancel of an unknown request: %d %s, want 404 NOT_FOUND", got.status, got.raw)
	}
	if got := r.do(http.MethodPost, cancel, nil, withFalKey); got.status != 404 {
		t.Errorf("POST to the cancel address: %d, want 404: it takes PUT", got.status)
	}
}

func TestFalCancelAfterTheEndChangesNothing(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	status, response, cancel := r.queued(smallFal("too late"))
	r.ended(status)
	if got := r.do(http.MethodPut, cancel, nil, withFalKey); got.status != 400 || got.object["status"] != "ALREADY_COMPLETED" {
		t.Errorf("cancel: %d %s, want 400 ALREADY_COMPLETED", got.status, got.raw)
	}
	if got := r.get(response); got.status != 200 || falLink(got.object) == "" {
		t.Errorf("result: %d %s, want the image as before", got.status, got.raw)
	}
}
