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

const replicateKey = "replicate-key-of-the-tests"

func withReplicateKey(r *http.Request) { r.Header.Set("Authorization", "Bearer "+replicateKey) }

func newReplicateRig(t *testing.T, change ...func(*Options)) rig {
	t.Helper()
	return newRig(t, append(change, func(o *Options) { o.Keys["replicate"] = []string{replicateKey} })...)
}

// predict makes a call of flux-2-pro with a body.
func (r rig) predict(body object, change ...func(*http.Request)) answered {
	r.Helper()
	return r.do(http.MethodPost, "/replicate/v1/models/black-forest-labs/flux-2-pro/predictions", body, append(change, withReplicateKey)...)
}

// little is a body for a picture that costs little to draw, announced to a receiver unless that is nil.
func little(prompt string, rec *receiver) object {
	body := object{"input": object{"prompt": prompt, "aspect_ratio": "custom", "width": 256, "height": 256, "output_format": "png"}}
	if rec != nil {
		body["webhook"], body["webhook_events_filter"] = rec.URL+"/w/tokenA", []string{"completed"}
	}
	return body
}

func (r rig) prediction(id any) answered {
	r.Helper()
	return r.do(http.MethodGet, "/replicate/v1/predictions/"+id.(string), nil, withReplicateKey)
}

// predictionUntilFinal asks until a prediction has ended.
func (r rig) predictionUntilFinal(id any) object {
	r.Helper()
	for range 500 {
		if got := r.prediction(id); got.object["status"] != "starting" && got.object["status"] != "processing" {
			return got.object
		}
		time.Sleep(2 * time.Millisecond)
	}
	r.Fatalf("prediction %v still runs after 500 questions", id)
	return nil
}

// outputOf makes a prediction and returns its id and link.
func (r rig) outputOf(body object) (id any, link string) {
	r.Helper()
	got := r.predict(body)
	if got.status != http.StatusCreated {
		r.Fatalf("create: %d %s, want 201", got.status, got.raw)
	}
	link, _ = r.predictionUntilFinal(got.object["id"])["output"].(string)
	return got.object["id"], link
}

func TestReplicatePredictionIsAskedAboutUntilItSucceedsAndItsLinkServesTheImage(t *testing.T) {
	t.Parallel()
	r := newReplicateRig(t)
	got := r.predict(object{"input": object{"prompt": "a quiet harbour", "aspect_ratio": "custom", "width": 330, "height": 256, "seed": 7, "output_format": "png"}})
	if got.status != 201 || got.object["model"] != "black-forest-labs/flux-2-pro" || got.object["version"] != "hidden" || got.object["source"] != "api" {
		t.Fatalf("create: %d %s, want 201 with the model, a hidden version and source api", got.status, got.raw)
	}
	at := r.Server.URL + "/replicate/v1/predictions/" + got.object["id"].(string)
	if urls := got.object["urls"].(object); urls["get"] != at || urls["cancel"] != at+"/cancel" {
		t.Errorf("urls = %v, want %s and its cancel", urls, at)
	}
	end := r.predictionUntilFinal(got.object["id"])
	if end["status"] != "succeeded" || end["error"] != nil || end["data_removed"] != false || end["completed_at"] == nil || end["metrics"] == nil {
		t.Fatalf("prediction = %v, want succeeded with its times", end)
	}
	if input := end["input"].(object); input["prompt"] != "a quiet harbour" || input["seed"] != 7.0 {
		t.Errorf("input = %v, want it as it was sent", input)
	}
	file := r.do(http.MethodGet, end["output"].(string), nil)
	if format, size := decodes(t, file.raw); file.status != 200 || format != "png" || size != image.Pt(320, 256) {
		t.Errorf("link: %d, %s %v; want png 320 x 256: sides are rounded to multiples of 32", file.status, format, size)
	}
	if seen := r.counts("a quiet harbour"); seen.Counts[Submit] != 1 || seen.Counts[Fetch] != 1 || seen.Counts[Poll] < 1 || seen.Accepted != 1 {
		t.Errorf("counts = %v accepted %d, want one submit, one fetch, one accepted", seen.Counts, seen.Accepted)
	}
}

func TestReplicateOutputIsALinkOrAListByModel(t *testing.T) {
	t.Parallel()
	r := newReplicateRig(t)
	got := r.do(http.MethodPost, "/replicate/v1/models/black-forest-labs/flux-2-klein-4b/predictions",
		object{"input": object{"prompt": "x", "output_megapixels": "0.25", "aspect_ratio": "1:1"}}, withReplicateKey)
	list, _ := r.predictionUntilFinal(got.object["id"])["output"].([]any)
	if len(list) != 1 {
		t.Fatalf("output = %v, want a list of one link", list)
	}
	if format, size := decodes(t, r.do(http.MethodGet, list[0].(string), nil).raw); format != "jpeg" || size != image.Pt(512, 512) {
		t.Errorf("image is %s %v, want jpeg 512 x 512", format, size)
	}
}

func TestReplicateWaitsForAMachineThenProcesses(t *testing.T) {
	t.Parallel()
	r := newReplicateRig(t)
	if got := r.predict(little(prompt("in turn", "delay=600000"), nil)); got.object["status"] != "starting" || got.object["started_at"] != nil {
		t.Errorf("answer = %s, want starting", got.raw)
	}
	shown := newReplicate(r.Simulator).show(&prediction{job: &job{}, starts: time.Now()}, pending)
	if shown.Status != "processing" || shown.StartedAt == nil {
		t.Errorf("when its wait is over: %+v, want processing", shown)
	}
}

func TestReplicateHoldsTheAnswerOnlyWhenAskedTo(t *testing.T) {
	t.Parallel()
	r := newReplicateRig(t)
	prefer := func(value string) func(*http.Request) { return func(q *http.Request) { q.Header.Set("Prefer", value) } }
	if got := r.predict(little(prompt("x", "delay=20"), nil), prefer("wait")); got.status != 201 || got.object["status"] != "succeeded" || got.object["output"] == nil {
		t.Errorf("wait: %d %s, want 201 with the output", got.status, got.raw)
	}
	if got := r.predict(little(prompt("y", "delay=60000"), nil), prefer("wait=1")); got.status != 202 || got.object["output"] != nil {
		t.Errorf("wait that runs out: %d %s, want 202 without an output", got.status, got.raw)
	}
	for _, value := range []string{"wait=0", "wait=61", "respond-async"} {
		if got := r.predict(little("z", nil), prefer(value)); got.status != 400 {
			t.Errorf("%s: %d %s, want 400", value, got.status, got.raw)
		}
	}
}

func TestReplicateRefusesWhatIsNotDocumented(t *testing.T) {
	t.Parallel()
	r := newReplicateRig(t)
	for name, c := range map[string]struct {
		model string
		body  any
		field string // among invalid_fields; empty: refused before that
	}{
		"NotJSON":             {"flux-2-pro", "{", ""},
		"NoInput":             {"flux-2-pro", object{}, ""},
		"UnknownFieldAbove":   {"flux-2-pro", object{"input": object{"prompt": "x"}, "webhook_secret": "x"}, ""},
		"UnknownEvent":        {"flux-2-pro", object{"input": object{"prompt": "x"}, "webhook_events_filter": []string{"end"}}, ""},
		"WebhookElsewhere":    {"flux-2-pro", object{"input": object{"prompt": "x"}, "webhook": "https://192.0.2.1/w"}, ""},
		"NoPrompt":            {"flux-2-pro", object{"input": object{}}, "input.prompt"},
		"UnknownInput":        {"flux-2-pro", object{"input": object{"prompt": "x", "images": []string{}}}, "input.images"},
		"SideTooLarge":        {"flux-2-pro", object{"input": object{"prompt": "x", "width": 2049}}, "input.width"},
		"UnknownRatio":        {"flux-2-pro", object{"input": object{"prompt": "x", "aspect_ratio": "7:4"}}, "input.aspect_ratio"},
		"WidthWithoutCustom":  {"flux-2-klein-4b", object{"input": object{"prompt": "x", "width": 512}}, "input.width"},
		"FormatInOtherWords":  {"flux-2-pro", object{"input": object{"prompt": "x", "output_format": "jpeg"}}, "input.output_format"},
		"ImagesNotAList":      {"flux-2-pro", object{"input": object{"prompt": "x", "input_images": "eA=="}}, "input.input_images"},
		"TooManyImages":       {"flux-2-dev", object{"input": object{"prompt": "x", "input_images": make([]string, 5)}}, "input.input_images"},
		"ImageThatIsNone":     {"flux-2-pro", object{"input": object{"prompt": "x", "input_images": []string{"data:image/png;base64,aGVsbG8="}}}, "input.input_images"},
		"ImageNotServedThere": {"flux-2-pro", object{"input": object{"prompt": "x", "input_images": []string{r.Server.URL + "/none"}}}, "input.input_images"},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.do(http.MethodPost, "/replicate/v1/models/black-forest-labs/"+c.model+"/predictions", c.body, withReplicateKey)
			if got.status != 422 || got.object["status"] != 422.0 || got.object["title"] == nil || got.object["detail"] == "" {
				t.Fatalf("%d %s, want 422 with title and detail", got.status, got.raw)
			}
			found := ""
			if fields, _ := got.object["invalid_fields"].([]any); len(fields) == 1 {
				found = fields[0].(object)["field"].(string)
			}
			if found != c.field {
				t.Errorf("%s, want the field %q", got.raw, c.field)
			}
		})
	}
	if jobs, err := r.Jobs(t.Context(), Filter{}); err != nil || len(jobs) != 0 {
		t.Errorf("jobs = %v (%v), want none from refused calls", jobs, err)
	}
}

func TestReplicateTakesImagesInTheCallAndByAddress(t *testing.T) {
	t.Parallel()
	r := newReplicateRig(t)
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 400, 200))); err != nil {
		t.Fatal(err)
	}
	inline := "data:image/png;base64," + base64.StdEncoding.EncodeToString(file.Bytes())
	_, served := r.outputOf(little("served", nil))
	_, link := r.outputOf(object{"input": object{"prompt": "edit", "input_images": []string{inline, served}, "aspect_ratio": "match_input_image", "resolution": "0.5 MP"}})
	if format, size := decodes(t, r.do(http.MethodGet, link, nil).raw); format != "webp" || size != image.Pt(1024, 512) {
		t.Errorf("image is %s %v, want webp 1024 x 512: half a megapixel in the shape of the first input", format, size)
	}
	jobs, err := r.Jobs(t.Context(), Filter{Prompt: "edit"})
	if err != nil || len(jobs) != 1 || jobs[0].Cost != 6 {
		t.Errorf("jobs = %+v, %v; want one of 6 cents: the run, a megapixel and two images", jobs, err)
	}
}

func TestReplicateAnswers401WithoutAKnownToken(t *testing.T) {
	t.Parallel()
	r := newReplicateRig(t)
	id, _ := r.outputOf(little("mine", nil))
	at := "/replicate/v1/predictions/" + id.(string)
	for _, header := range []string{"", "Bearer wrong", "Bearer " + openaiKey, replicateKey, "Token " + replicateKey} {
		with := func(q *http.Request) { q.Header.Set("Authorization", header) }
		for path, method := range map[string]string{
			"/replicate/v1/models/black-forest-labs/flux-2-pro/predictions": http.MethodPost, at: http.MethodGet, at + "/cancel": http.MethodPost,
			"/replicate/v1/predictions": http.MethodGet, "/replicate/v1/webhooks/default/secret": http.MethodGet,
		} {
			if got := r.do(method, path, little("x", nil), with); got.status != 401 || got.object["detail"] == nil {
				t.Errorf("%s %s with %q: %d %s, want 401 with a detail", method, path, header, got.status, got.raw)
			}
		}
	}
}

func TestReplicateDoesNotKnowWhatIsNotThere(t *testing.T) {
	t.Parallel()
	r := newReplicateRig(t)
	for path, method := range map[string]string{
		"/replicate/v1/predictions/none": http.MethodGet, "/replicate/v1/predictions/none/cancel": http.MethodPost,
		"/replicate/v1/models/black-forest-labs/flux-9/predictions": http.MethodPost, "/replicate/v1/trainings": http.MethodGet,
	} {
		if got := r.do(method, path, nil, withReplicateKey); got.status != 404 || got.object["status"] != 404.0 {
			t.Errorf("%s %s: %d %s, want 404", method, path, got.status, got.raw)
		}
	}
}

func TestReplicateForgetsWhatAPredictionTookAndMadeAfterAnHour(t *testing.T) {
	t.Parallel()
	clock := newClock()
	r := newReplicateRig(t, func(o *Options) { o.Now = clock.now })
	id, _ := r.outputOf(little("brief", nil))
	clock.add(time.Hour - time.Second)
	if got := r.prediction(id); got.object["output"] == nil || got.object["data_removed"] != false {
		t.Errorf("after 59:59: %s, want the output", got.raw)
	}
	clock.add(time.Second)
	got := r.prediction(id)
	if got.object["status"] != "succeeded" || got.object["output"] != nil || got.object["data_removed"] != true || strings.Contains(string(got.raw), "brief") {
		t.Errorf("after an hour: %s, want succeeded without input and output", got.raw)
	}
}

func TestReplicateListsPredictionsPageByPage(t *testing.T) {
	t.Parallel()
	clock := newClock()
	r := newReplicateRig(t, func(o *Options) { o.Now = clock.now })
	var want []any
	for range replicatePageSize + 1 {
		clock.add(time.Second)
		want = append(want, r.predict(little("one of many", nil)).object["id"])
	}
	slices.Reverse(want)
	list := func(address string) (ids []any, next string) {
		got := r.do(http.MethodGet, address, nil, withReplicateKey)
		if got.status != 200 {
			t.Fatalf("%s: %d %s, want 200", address, got.status, got.raw)
		}
		for _, one := range got.object["results"].([]any) {
			ids = append(ids, one.(object)["id"])
		}
		next, _ = got.object["next"].(string)
		return ids, next
	}
	first, next := list("/replicate/v1/predictions")
	if !slices.Equal(first, want[:replicatePageSize]) || next == "" {
		t.Fatalf("%d predictions, next %q; want the newest 100 and another page", len(first), next)
	}
	if second, next := list(next); !slices.Equal(second, want[replicatePageSize:]) || next != "" {
		t.Errorf("second page: %v, next %q; want the oldest and no more", second, next)
	}
	at := clock.now().Add(-2 * time.Second) // of the third newest
	window := url.Values{"created_after": {at.Format(time.RFC3339)}, "created_before": {at.Add(2 * time.Second).Format(time.RFC3339)}}
	if found, next := list("/replicate/v1/predictions?" + window.Encode()); !slices.Equal(found, want[1:3]) || next != "" {
		t.Errorf("within two seconds: %v, want %v", found, want[1:3])
	}
	if got := r.do(http.MethodGet, "/replicate/v1/predictions?created_after=yesterday", nil, withReplicateKey); got.status != 400 {
		t.Errorf("a time that is none: %d, want 400", got.status)
	}
}
