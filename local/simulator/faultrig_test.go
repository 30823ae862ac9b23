package simulator

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// prompt makes a text with a directive.
func prompt(words, faults string) string { return words + " [[sim: " + faults + "]]" }

// small is a picture that costs nothing to draw.
func small(prompt string) object {
	return object{"prompt": prompt, "width": 64, "height": 64, "output_format": "png"}
}

// statuses makes the same create call several times and returns what came; 0 is a cut connection.
func statuses(times int, call func() answered) (got []int) {
	for range times {
		got = append(got, call().status)
	}
	return got
}

// moderated checks a refusal by content policy on both kinds of providers.
func moderated(t *testing.T, r rig, fault, status string, accepted int) {
	t.Helper()
	report := r.pollUntilFinal(r.submitBFL(small(prompt("rude job", fault))).object["id"].(string))
	if report["status"] != status || report["result"] != nil {
		t.Errorf("report = %v, want %s without a result", report, status)
	}
	got := r.generate(object{"prompt": prompt("rude image", fault)})
	failure, _ := got.object["error"].(map[string]any)
	if got.status != 400 || failure["code"] != "moderation_blocked" || failure["type"] != "image_generation_user_error" {
		t.Errorf("openai: %d %s, want 400 moderation_blocked", got.status, got.raw)
	}
	if seen := r.counts("rude image"); seen.Accepted != accepted {
		t.Errorf("openai: %d accepted, want %d", seen.Accepted, accepted)
	}
}

// contradicts checks that the first final report says one thing and all later ones another, by polls alone and with the webhook first.
func contradicts(t *testing.T, r rig, fault, first, later string) {
	t.Helper()
	id := r.submitBFL(small(prompt("polls", fault))).object["id"].(string)
	got := []any{r.pollUntilFinal(id)["status"], r.poll(id).object["status"], r.poll(id).object["status"]}
	if !slices.Equal(got, []any{first, later, later}) {
		t.Errorf("polls say %v, want %s, then %s", got, first, later)
	}
	rec := newReceiver(t, taken)
	body := small(prompt("webhook", fault))
	body["webhook_url"] = rec.URL + "/w"
	id = r.submitBFL(body).object["id"].(string)
	if event := rec.next(t); event.object["status"] != first || r.poll(id).object["status"] != later {
		t.Errorf("webhook says %v, want %s, and the poll after it %s", event.object["status"], first, later)
	}
}

// spoilt returns what comes as the image from both kinds of providers under a fault, and checks that it claims to be a PNG.
func spoilt(t *testing.T, r rig, fault string) map[string][]byte {
	t.Helper()
	_, link := r.sampleOf(small(prompt("spoilt", fault)))
	file := r.do(http.MethodGet, link, nil)
	if file.status != 200 || file.header.Get("Content-Type") != "image/png" || file.err != nil {
		t.Errorf("link: %d %s %v, want 200 image/png", file.status, file.header.Get("Content-Type"), file.err)
	}
	name, _, _ := strings.Cut(fault, "=")
	if faults := r.counts("spoilt").Calls[0].Faults; !slices.Contains(faults, name) {
		t.Errorf("the fetch is recorded with faults %v, want %s", faults, name)
	}
	return map[string][]byte{"link": file.raw, "answer": imageIn(t, r.generate(object{"prompt": prompt("spoilt", fault)}), 0)}
}
