package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"net/http"
	"slices"
	"strings"
	"testing"

	"darkroom/local/client"

	_ "golang.org/x/image/webp"
)

func TestBothKindsOfProvidersDeliverAnImageThatIsPaidForOnce(t *testing.T) {
	t.Parallel()
	for model, cost := range map[string]int64{jobModel: 3, syncModel: 1} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			created := p.create(calm(wish(t, model, "")))
			done := p.ended(created.IDs()...)[0]
			p.expect(done, "completed", "")
			p.settled(signupGrant, cost)
			if done.Credits.Captured != cost || done.Credits.Held != 0 || done.Credits.Released != 0 {
				t.Errorf("credits of the task: %+v, want %d captured", done.Credits, cost)
			}
			checkImages(t, p, done)
			checkTimeline(t, done)
		})
	}
}

// checkImages fetches original, preview and download as a browser does.
func checkImages(t *testing.T, p *person, done client.Task) {
	t.Helper()
	original, err := client.Fetch(p.ctx, done.Asset.URL)
	if err != nil || original.Status != http.StatusOK {
		t.Fatalf("original: %v %+v", err, original)
	}
	sum := sha256.Sum256(original.Body)
	if hex.EncodeToString(sum[:]) != done.Asset.SHA256 || int64(len(original.Body)) != done.Asset.Bytes {
		t.Errorf("the bytes served are not those of the asset: %+v", done.Asset)
	}
	picture, format, err := image.Decode(bytes.NewReader(original.Body))
	if err != nil || picture.Bounds().Dx() != done.Asset.Width || picture.Bounds().Dy() != done.Asset.Height {
		t.Errorf("the original is no %d x %d image: %v", done.Asset.Width, done.Asset.Height, err)
	}
	if original.Header.Get("Content-Type") != "image/"+format || done.Asset.ContentType != "image/"+format {
		t.Errorf("a %s image is served as %s", format, original.Header.Get("Content-Type"))
	}
	if saved := original.Header.Get("Content-Disposition"); !strings.HasPrefix(saved, "attachment;") || !strings.Contains(saved, "darkroom-"+done.ID) {
		t.Errorf("it is not saved under its own name: %q", original.Header.Get("Content-Disposition"))
	}
	preview, err := client.Fetch(p.ctx, done.Asset.PreviewURL)
	if err != nil || preview.Status != http.StatusOK {
		t.Fatalf("preview: %v", err)
	}
	if small, _, err := image.Decode(bytes.NewReader(preview.Body)); err != nil || max(small.Bounds().Dx(), small.Bounds().Dy()) > 768 {
		t.Errorf("the preview is no image of at most 768 pixels: %v", err)
	}
	redirect, err := p.Send(p.ctx, http.MethodGet, "/v1/tasks/"+done.ID+"/asset?download=1", nil)
	if err != nil || redirect.Status != http.StatusFound {
		t.Fatalf("the stable link answers %d: %v", redirect.Status, err)
	}
	if again, err := client.Fetch(p.ctx, redirect.Header.Get("Location")); err != nil || !bytes.Equal(again.Body, original.Body) {
		t.Errorf("the stable link leads to other bytes: %v", err)
	}
	for name, link := range map[string]string{
		"unsigned": strings.SplitN(done.Asset.URL, "?", 2)[0],
		"tampered": strings.Replace(done.Asset.URL, done.ID, "tsk_00000000000000000000000000", 1),
		"direct":   info.AWSEndpoint + "/" + info.Outputs["BucketName"] + "/" + strings.TrimPrefix(strings.SplitN(done.Asset.URL, "?", 2)[0], info.CDNURL+"/"),
	} {
		if answer, err := client.Fetch(p.ctx, link); err != nil || answer.Status != http.StatusForbidden {
			t.Errorf("%s link: %v, want 403", name, answer.Status)
		}
	}
}

// checkTimeline wants every status once, in order. "queued" may be missing when the worker was faster.
func checkTimeline(t *testing.T, done client.Task) {
	t.Helper()
	var seen []string
	for i, entry := range done.Timeline {
		seen = append(seen, entry.Status)
		if i > 0 && entry.At.Before(done.Timeline[i-1].At) {
			t.Errorf("the timeline goes back: %+v", done.Timeline)
		}
	}
	seen = slices.DeleteFunc(seen, func(s string) bool { return s == "queued" })
	if !slices.Equal(seen, []string{"created", "processing", "completed"}) {
		t.Errorf("timeline %v", done.Timeline)
	}
}

func TestOneRequestMakesUpToEightTasksSettledOneByOne(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	w := wish(t, jobModel, "")
	w.Count = 8
	created := p.create(calm(w))
	if len(created.Tasks) != 8 {
		t.Fatalf("%d tasks, want 8", len(created.Tasks))
	}
	for _, done := range p.ended(created.IDs()...) {
		p.expect(done, "completed", "")
		if done.RequestID != created.RequestID {
			t.Errorf("%s belongs to %s, not to %s", done.ID, done.RequestID, created.RequestID)
		}
	}
	p.settled(signupGrant, 24)
}

func TestTheSameKeyTwiceMakesOneRequest(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	w := calm(wish(t, jobModel, ""))
	first, err := p.Create(p.ctx, w, "key-1")
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Create(p.ctx, w, "key-1")
	if err != nil || !again.Replayed || again.RequestID != first.RequestID || again.Tasks[0].ID != first.Tasks[0].ID {
		t.Errorf("repeated: %+v, %v; first: %+v", again, err, first)
	}
	other := w
	other.Prompt += " and a moth"
	if _, err := p.Create(p.ctx, other, "key-1"); problem(err).Code != "idempotency_mismatch" || problem(err).Status != 422 {
		t.Errorf("the same key with another body: %v", err)
	}
	p.ended(first.IDs()...)
	p.settled(signupGrant, 3)
}

func problem(err error) client.Problem {
	if p, is := err.(*client.Problem); is {
		return *p
	}
	return client.Problem{}
}

func TestAQuoteNamesThePriceAndAHigherOneIsRefused(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	w := wish(t, jobModel, "")
	quote, err := p.Quote(p.ctx, w)
	if err != nil || quote.Cost != 3 || quote.BalanceAfter != signupGrant-3 {
		t.Fatalf("quote %+v, %v", quote, err)
	}
	w.MaxCost = quote.Cost - 1 // as if the price had risen since
	if _, err := p.Create(p.ctx, w, ""); problem(err).Status != 409 || problem(err).Required != 3 {
		t.Errorf("a create call above max_cost: %v, want 409 with the price", err)
	}
	p.settled(signupGrant, 0)
	w.MaxCost = quote.Cost
	p.ended(p.create(calm(w)).IDs()...)
	p.settled(signupGrant, 3)
}

func TestTheBillingHistoryAddsUp(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	good := p.create(calm(wish(t, syncModel, "")))
	bad := p.create(wish(t, jobModel, "moderate_input"))
	p.ended(append(good.IDs(), bad.IDs()...)...)
	entries, err := p.Entries(p.ctx)
	if err != nil || len(entries) != 3 {
		t.Fatalf("%d lines, %v; want the grant and two tasks", len(entries), err)
	}
	balance := int64(0)
	for _, e := range slices.Backward(entries) {
		switch {
		case e.Kind == "grant":
			balance += e.Amount
		case e.State != "released":
			balance -= e.Amount
		}
		if e.BalanceAfter != balance {
			t.Errorf("%+v: balance after it is %d", e, balance)
		}
	}
	if credits, _ := p.Credits(p.ctx); credits.Available != balance {
		t.Errorf("the lines add up to %d, available is %d", balance, credits.Available)
	}
}
