package simulator

import (
	"net/http"
	"slices"
	"testing"
)

// final submits, waits for the end and returns the status and the result.
func (r falRig) final(body object) (status, result answered) {
	r.Helper()
	at, response, _ := r.queued(body)
	return r.ended(at), r.get(response)
}

func TestFalRefusesInItsOwnWords(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	for faults, want := range map[string][]int{
		"down=401:1": {401, 200}, "down=402:1": {402, 200}, "down=403:1": {403, 200}, "down=404:1": {404, 200}, "throttle=2": {429, 429, 200}, "error500": {500, 200},
		"refuse": {0, 200}, "reset": {0, 200}, "no_such_fault": {422, 422},
	} {
		got := statuses(len(want), func() answered { return r.submit(smallFal(prompt("refused", faults)), "") })
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", faults, got, want)
		}
	}
	got := r.submit(smallFal(prompt("wait", "throttle retry_after=7")), "")
	if got.header.Get("Retry-After") != "7" || got.header.Get("X-Fal-Request-Id") == "" {
		t.Errorf("headers %v, want Retry-After 7 and a request id", got.header)
	}
}

func TestFalEndsThatAreNoImage(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	status, result := r.final(smallFal(prompt("rude", "moderate_input")))
	if kinds := problemTypes(result.object); result.status != 422 || status.object["error"] == nil || !slices.Equal(kinds, []string{"content_policy_violation"}) {
		t.Errorf("moderate_input: %s, %d %s; want 422 content_policy_violation", status.raw, result.status, result.raw)
	}
	if got := result.header.Get("X-Fal-Retryable"); got != "false" {
		t.Errorf("moderate_input: X-Fal-Retryable = %q, want false: the same prompt is refused again", got)
	}
	_, result = r.final(smallFal(prompt("rude picture", "moderate_output")))
	if found, _ := result.object["has_nsfw_concepts"].([]any); result.status != 200 || len(found) != 1 || found[0] != true {
		t.Errorf("moderate_output: %d %s, want 200 with has_nsfw_concepts", result.status, result.raw)
	}
	_, result = r.final(smallFal(prompt("nothing", "empty")))
	if images, is := result.object["images"].([]any); result.status != 200 || !is || len(images) != 0 {
		t.Errorf("empty: %d %s, want 200 with an empty list", result.status, result.raw)
	}
	status, result = r.final(smallFal(prompt("fails once", "job_error")))
	if result.status != 503 || result.object["error_type"] != "runner_disconnected" || status.object["error_type"] != "runner_disconnected" {
		t.Errorf("job_error: %s, %d %s; want 503 runner_disconnected", status.raw, result.status, result.raw)
	}
	if kind, word := result.header.Get("X-Fal-Error-Type"), result.header.Get("X-Fal-Retryable"); kind != "runner_disconnected" || word != "" {
		t.Errorf("job_error: X-Fal-Error-Type = %q, X-Fal-Retryable = %q; want the kind, and no word of a model's", kind, word)
	}
	if _, result = r.final(smallFal(prompt("fails once", "job_error"))); result.status != 200 {
		t.Errorf("job_error the second time: %d, want 200", result.status)
	}
}

func TestFalStatusesThatTeachNothing(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	for faults, want := range map[string][]int{"poll_error": {500}, "not_found=2": {404, 404}} {
		at, _, _ := r.queued(smallFal(prompt("asked", faults)))
		if got := statuses(len(want), func() answered { return r.get(at) }); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", faults, got, want)
		}
		if got := r.ended(at); got.status != 200 {
			t.Errorf("%s: %d in the end, want 200", faults, got.status)
		}
	}
}

// A result says what the status before it said; only the next status contradicts it.
func TestFalContradictsItselfFromOneStatusToTheNext(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	for faults, want := range map[string][]int{"success_then_failure": {200, 200, 503}, "failure_then_success": {503, 503, 200}} {
		at, response, _ := r.queued(smallFal(prompt("torn", faults)))
		r.ended(at)
		got := []int{r.get(response).status, r.get(response).status}
		r.ended(at)
		if got = append(got, r.get(response).status); !slices.Equal(got, want) {
			t.Errorf("%s: results %v, want %v", faults, got, want)
		}
		rec := newReceiver(t, taken)
		sent := r.submit(smallFal(prompt("torn with a webhook", faults)), rec.URL+"/w").object
		event := rec.next(t)
		r.ended(sent["status_url"].(string))
		first := map[int]string{200: "OK", 503: "ERROR"}[want[0]]
		if later := r.get(sent["response_url"].(string)).status; event.object["status"] != first || later != want[2] {
			t.Errorf("%s: webhook %v, then %d; want %s, then %d", faults, event.object["status"], later, first, want[2])
		}
	}
}

func TestFalWebhooksComeAsTheFaultOrdersAndAreProvenUnlessItSpoilsTheProof(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	keys, _ := r.publishedKeys()
	submit := func(words, order string) *receiver {
		rec := newReceiver(t, taken)
		r.submit(smallFal(prompt(words, order)), rec.URL+"/w/tokenA")
		return rec
	}
	if rec := submit("early bird", "webhook=early delay=60000"); rec.count() != 1 {
		t.Errorf("early: %d deliveries when the submit was answered, want 1", rec.count())
	}
	rec := submit("twins", "webhook=double")
	if one, two := rec.next(t), rec.next(t); string(one.raw) != string(two.raw) || !proves(keys, one) || !proves(keys, two) {
		t.Errorf("double: %s and %s, want the same twice, both proven", one.raw, two.raw)
	}
	if event := submit("wrong address", "webhook=bad_token").next(t); event.path != "/w/tokenB" || !proves(keys, event) {
		t.Errorf("bad_token: came to %s, want /w/tokenB", event.path)
	}
	if event := submit("wrong key", "webhook=bad_signature").next(t); proves(keys, event) || event.header.Get("X-Fal-Webhook-Signature") == "" {
		t.Errorf("bad_signature: headers %v, want a signature that no published key made", event.header)
	}
	rec = submit("dropped", "webhook=drop")
	r.waitForWebhooks("dropped", 1)
	if rec.count() != 0 {
		t.Errorf("drop: %d deliveries, want none", rec.count())
	}
}

func TestFalLinksTakeNoKeyAndDie(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	at, response, _ := r.queued(smallFal(prompt("dead once", "dead_link")))
	r.ended(at)
	link := falLink(r.get(response).object)
	if got := r.do(http.MethodGet, link, nil); got.status != 404 {
		t.Errorf("first link: %d, want 404", got.status)
	}
	if got := r.do(http.MethodGet, falLink(r.get(response).object), nil); got.status != 200 {
		t.Errorf("fresh link: %d, want 200", got.status)
	}
	if got := r.do(http.MethodGet, link, nil, withFalKey); got.status != 400 {
		t.Errorf("link with a key: %d, want 400", got.status)
	}
}
