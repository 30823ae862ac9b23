package httpapi_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io/fs"
	"net/http"
	"sync"
	"testing"
	"time"

	"darkroom/shared/upload"
)

// space is a bucket in which a test puts what a browser would send.
type space struct {
	mu      sync.Mutex
	objects map[string][]byte
}

func (s *space) PresignUpload(_ context.Context, key, contentType string, _ int64, _ time.Duration) (string, map[string]string, error) {
	return "https://bucket.example.com/", map[string]string{"key": key, "Content-Type": contentType}, nil
}

func (s *space) First(_ context.Context, key string, n int64) ([]byte, string, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, there := s.objects[key]
	if !there {
		return nil, "", 0, fs.ErrNotExist
	}
	return data[:min(n, int64(len(data)))], "etag-of-" + key, int64(len(data)), nil
}

func (s *space) send(key string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.objects == nil {
		s.objects = map[string][]byte{}
	}
	s.objects[key] = data
}

// drawn is a PNG of these sides.
func drawn(t *testing.T, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewNRGBA(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// upload announces an image, sends it, completes it, and returns its id.
func (w *world) upload(as token, data []byte) string {
	w.t.Helper()
	form := w.call(as, http.MethodPost, "/v1/uploads", map[string]any{"content_type": "image/png", "bytes": len(data)}).want(http.StatusCreated)
	w.space.send(form.text("fields.key"), data)
	id := form.text("upload_id")
	ready := w.call(as, http.MethodPost, "/v1/uploads/"+id+"/complete", nil).want(http.StatusOK)
	if ready.text("state") != "ready" || ready.number("width") == 0 {
		w.t.Errorf("completed as %s", ready.body)
	}
	return id
}

// uses is a wish that is made from uploads.
func uses(mode string, pairs ...string) map[string]any {
	var all []any
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, map[string]any{"upload_id": pairs[i], "role": pairs[i+1]})
	}
	return wish("mode", mode, "inputs", all)
}

func TestAnUploadBecomesAnInputAndIsPaidFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	one, two := w.upload(ann, drawn(t, 64, 48)), w.upload(ann, drawn(t, 32, 32))
	quote := w.call(ann, http.MethodPost, "/v1/quotes", uses("reference", one, "reference", two, "reference")).want(http.StatusOK)
	if quote.number("cost") != 5+2*2 {
		t.Errorf("two references cost %d, want 5 and 2 each", quote.number("cost"))
	}
	created := w.call(ann, http.MethodPost, "/v1/tasks", uses("edit", one, "source")).want(http.StatusAccepted)
	read := w.call(ann, http.MethodGet, created.header.Get("Location"), nil).want(http.StatusOK)
	if read.text("inputs.0.upload_id") != one || read.text("inputs.0.role") != "source" || read.number("credits.held") != 7 {
		t.Errorf("the task is %s", read.body)
	}
}

func TestInputsThatCannotBeUsedAreRefusedBeforeAnythingIsHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, eve := person("ann"), person("eve")
	good := w.upload(ann, drawn(t, 64, 48))
	announced := w.call(ann, http.MethodPost, "/v1/uploads", map[string]any{"content_type": "image/png", "bytes": 10}).want(http.StatusCreated).text("upload_id")
	form := w.call(ann, http.MethodPost, "/v1/uploads", map[string]any{"content_type": "image/png", "bytes": 9}).want(http.StatusCreated)
	w.space.send(form.text("fields.key"), []byte("not a png"))
	bad := form.text("upload_id")
	if got := w.call(ann, http.MethodPost, "/v1/uploads/"+bad+"/complete", nil).want(http.StatusUnprocessableEntity); got.text("code") != "invalid_image" {
		t.Errorf("completing what is no image: %s", got.body)
	}
	otherSize := w.upload(ann, drawn(t, 10, 10))
	masked := uses("edit", good, "source", otherSize, "mask")
	masked["model"] = "gpt-image-2"
	delete(masked, "params")
	for name, c := range map[string]struct {
		as     token
		body   map[string]any
		status int
		code   string
	}{
		"another's":               {eve, uses("edit", good, "source"), 404, "not_found"},
		"one that was never sent": {ann, uses("edit", announced, "source"), 409, "conflict"},
		"one that was refused":    {ann, uses("edit", bad, "source"), 422, "invalid_image"},
		"one that does not exist": {ann, uses("edit", "upl_01JD3YQ5T8Z6M3N0V4W2X7K9BC", "source"), 404, "not_found"},
		"a mask of another size":  {ann, masked, 422, "invalid_image"},
	} {
		got := w.call(c.as, http.MethodPost, "/v1/tasks", c.body).want(c.status)
		if got.text("code") != c.code || got.text("field") == "" {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	if held := w.call(ann, http.MethodGet, "/v1/credits", nil).want(http.StatusOK).number("held"); held != 0 {
		t.Errorf("%d credits are held", held)
	}
}

func TestARetryUsesTheSameInputsWhileTheyAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	source := w.upload(ann, drawn(t, 64, 48))
	first := w.call(ann, http.MethodPost, "/v1/tasks", uses("edit", source, "source")).want(http.StatusAccepted)
	id := first.text("tasks.0.id")
	again := w.call(ann, http.MethodPost, "/v1/tasks/"+id+"/retry", nil).want(http.StatusAccepted)
	if read := w.call(ann, http.MethodGet, again.header.Get("Location"), nil).want(http.StatusOK); read.text("inputs.0.upload_id") != source || read.text("mode") != "edit" {
		t.Errorf("retried as %s", read.body)
	}
	w.clock.Add(47 * time.Hour)
	if got := w.call(ann, http.MethodPost, "/v1/tasks/"+id+"/retry", nil).want(http.StatusConflict); got.text("code") != "conflict" {
		t.Errorf("retried without its input: %s", got.body)
	}
}

func TestAnUploadCanBeCompletedByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.call(person("ann"), http.MethodPost, "/v1/uploads", map[string]any{"content_type": "image/png", "bytes": 9}).want(http.StatusCreated)
	w.call(person("eve"), http.MethodPost, "/v1/uploads/"+form.text("upload_id")+"/complete", nil).want(http.StatusNotFound)
	for name, body := range map[string]map[string]any{
		"a type that is none of ours": {"content_type": "image/gif", "bytes": 10}, "too many bytes": {"content_type": "image/png", "bytes": 20<<20 + 1},
		"no bytes": {"content_type": "image/png", "bytes": 0}, "nothing": {},
	} {
		if got := w.call(person("ann"), http.MethodPost, "/v1/uploads", body).want(http.StatusBadRequest); got.text("field") == "" {
			t.Errorf("%s: %s", name, got.body)
		}
	}
}

// A form costs us whatever is sent with it, so it is only for accounts that could ask for work, and for so much of it a day.
func TestAFormIsRefusedToAnAccountThatCannotUseIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.clock.Add(20 * time.Hour)
	announce := func(as token) answer {
		return w.call(as, http.MethodPost, "/v1/uploads", map[string]any{"content_type": "image/png", "bytes": upload.MaxBytes})
	}
	ann, eve, ida := person("ann"), person("eve"), person("ida")
	announce(ann).want(http.StatusCreated) // it opens her account
	w.grant(ann, -signupGrant, "all").want(http.StatusOK)
	if got := announce(ann).want(http.StatusPaymentRequired); got.text("code") != "insufficient_credits" || got.number("required") != 1 || got.get("available") != 0.0 {
		t.Errorf("without credits: %s", got.body)
	}
	w.call(eve, http.MethodGet, "/v1/credits", nil).want(http.StatusOK)
	w.freeze(eve.account())
	if got := announce(eve).want(http.StatusForbidden); got.text("code") != "forbidden" {
		t.Errorf("frozen: %s", got.body)
	}
	for range upload.DayBytes / upload.MaxBytes {
		announce(ida).want(http.StatusCreated)
	}
	if got := announce(ida).want(http.StatusTooManyRequests); got.text("code") != "rate_limited" || got.header.Get("Retry-After") != "14400" || got.get("retryable") != true {
		t.Errorf("beyond the bound of a day: %s, Retry-After %s; want it until midnight", got.body, got.header.Get("Retry-After"))
	}
}

func TestAnUploadThatWasNotCompletedSaysWhatToDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.call(ann, http.MethodPost, "/v1/uploads", map[string]any{"content_type": "image/png", "bytes": 10}).want(http.StatusCreated).text("upload_id")
	got := w.call(ann, http.MethodPost, "/v1/tasks", uses("edit", id, "source")).want(http.StatusConflict)
	if want := "inputs[0].upload_id: this upload is not complete: send the file to its form, then POST /v1/uploads/" + id + "/complete"; got.text("detail") != want {
		t.Errorf("got  %s\nwant %s", got.text("detail"), want)
	}
}
