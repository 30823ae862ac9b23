package httpapi_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"darkroom/shared/workflow/simtest"
)

// unchanged asks again with the ETag of an answer, and tells whether that answer still holds.
func (w *world) unchanged(as token, target string, old answer) bool {
	w.t.Helper()
	tag := old.header.Get("ETag")
	if !strings.HasPrefix(tag, `"`) || !strings.HasSuffix(tag, `"`) || len(tag) < 10 {
		w.t.Fatalf("%s: ETag is %q", target, tag)
	}
	got := w.call(as, http.MethodGet, target, nil, "If-None-Match", tag)
	switch {
	case got.status == http.StatusNotModified && len(got.body) == 0 && got.header.Get("ETag") == tag:
		return true
	case got.status == http.StatusOK && got.header.Get("ETag") != tag && len(got.body) > 0:
		return false
	}
	w.t.Fatalf("%s: got %d with ETag %s, asked with %s: %s", target, got.status, got.header.Get("ETag"), tag, got.body)
	return false
}

func TestATagHoldsUntilTheTaskChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.create(ann)
	for _, target := range []string{"/v1/tasks/" + id, "/v1/tasks?ids=" + id} {
		if got := w.call(ann, http.MethodGet, target, nil).want(http.StatusOK); !w.unchanged(ann, target, got) {
			t.Errorf("%s: nothing has changed, and yet the tag has", target)
		}
	}
	queued := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil)
	w.clock.Add(time.Second)
	w.work()
	if w.unchanged(ann, "/v1/tasks/"+id, queued) {
		t.Error("the task runs, and its tag stays")
	}
	running := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil)
	w.clock.Add(time.Second)
	w.call(operator("olga"), http.MethodPost, at("/admin/v1/accounts/{account}/tasks/{id}/release", ann.account(), id), map[string]any{"reason": "test"}).want(http.StatusOK)
	if w.unchanged(ann, "/v1/tasks/"+id, running) {
		t.Error("the task has failed, and its tag stays")
	}
}

// expiry is when a signed link ends.
func expiry(t *testing.T, link string) time.Time {
	t.Helper()
	parsed, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	seconds, err := strconv.ParseInt(parsed.Query().Get("Expires"), 10, 64)
	if err != nil || parsed.Host != cdnHost || parsed.Query().Get("Signature") == "" {
		t.Fatalf("not a signed link of the CDN: %s", link)
	}
	return time.Unix(seconds, 0)
}

// A client that is told "not modified" keeps the links it has, so they must still work for a while.
func TestNotModifiedNeverKeepsALinkThatIsAboutToDie(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.complete(ann)
	for _, target := range []string{"/v1/tasks/" + id, "/v1/tasks?ids=" + id} {
		first := w.call(ann, http.MethodGet, target, nil).want(http.StatusOK)
		link := first.text("asset.url") + first.text("tasks.0.asset.url") // one of the two
		holds, kept := true, 0
		for range 24 { // two hours, in steps of five minutes
			if holds = holds && w.unchanged(ann, target, first); holds {
				kept++
				if left := expiry(t, link).Sub(w.clock.Now()); left < time.Hour {
					t.Errorf("%s: not modified, with links that end in %v", target, left)
				}
			}
			w.clock.Add(5 * time.Minute)
		}
		if holds || kept == 0 {
			t.Errorf("%s: the tag held for %d of 24 times, want some and not all", target, kept)
		}
	}
}

func TestLinksOfAnHourAreAlikeAndOfTheNextAreNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.complete(ann)
	read := func() time.Time {
		got := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK)
		shown, err := time.Parse(time.RFC3339, got.text("asset.expires_at"))
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range []string{"asset.url", "asset.preview_url"} {
			if signed := expiry(t, got.text(link)); !signed.Equal(shown) {
				t.Errorf("%s ends at %v, and the task says %v", link, signed, shown)
			}
		}
		return shown
	}
	first := read()
	w.clock.Add(58 * time.Minute)
	if again := read(); !again.Equal(first) {
		t.Errorf("within an hour the links' end moved from %v to %v", first, again)
	}
	w.clock.Add(2 * time.Minute)
	if later := read(); !later.Equal(first.Add(time.Hour)) {
		t.Errorf("in the next hour the links end at %v, want %v", later, first.Add(time.Hour))
	}
}

// The asset route is the link that never ends: it leads to one that does.
func TestTheAssetRouteLeadsToASignedLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.complete(ann)
	for query, prefix := range map[string]string{
		"": "/o/", "?variant=original": "/o/", "?variant=preview": "/p/",
		"?download=1": "/o/", "?variant=original&download=1": "/o/", "?variant=preview&download=1": "/o/",
	} {
		got := w.call(ann, http.MethodGet, "/v1/tasks/"+id+"/asset"+query, nil).want(http.StatusFound)
		link := got.header.Get("Location")
		parsed, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		if want := prefix + ann.account() + "/" + id + "/"; !strings.HasPrefix(parsed.Path, want) {
			t.Errorf("%q leads to %s, want %s…", query, parsed.Path, want)
		}
		if ends := expiry(t, link); !ends.After(w.clock.Now().Add(time.Hour - time.Second)) {
			t.Errorf("%q leads to a link that ends at %v", query, ends)
		}
	}
	download := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).text("asset.download_url")
	w.clock.Add(50 * 24 * time.Hour)
	w.call(ann, http.MethodGet, download, nil).want(http.StatusFound)
}

func TestATaskWithoutAnImageHasNoAsset(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	for _, id := range []string{w.create(ann), w.fail(ann)} {
		w.call(ann, http.MethodGet, "/v1/tasks/"+id+"/asset", nil).want(http.StatusNotFound)
	}
}

func TestTheCatalogueMayBeCached(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.call(nil, http.MethodGet, "/v1/models", nil).want(http.StatusOK)
	if control := got.header.Get("Cache-Control"); !strings.HasPrefix(control, "public, max-age=") {
		t.Errorf("Cache-Control is %q, want public", control)
	}
	if !w.unchanged(nil, "/v1/models", got) {
		t.Error("nothing has changed, and yet the tag has")
	}
	w.switchFlux(false)
	if w.unchanged(nil, "/v1/models", got) {
		t.Error("a model is off, and the tag stays")
	}
	off := w.call(nil, http.MethodGet, "/v1/models", nil).want(http.StatusOK)
	if off.get("models.0.available") != false || off.get("models.6.available") != true {
		t.Errorf("available is %v and %v, want only the first to be off", off.get("models.0.available"), off.get("models.6.available"))
	}
	w.switchFlux(true)
	if !w.unchanged(nil, "/v1/models", got) {
		t.Error("everything is as before, but the tag is not")
	}
}

func TestAnOpenTaskSaysWhenToLookAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := person("ann")
	id := w.create(ann)
	for _, age := range []struct{ passed, wait time.Duration }{{0, time.Second}, {10 * time.Second, 2 * time.Second}, {time.Minute, 5 * time.Second}} {
		w.clock.Add(simtest.Epoch.Add(age.passed).Sub(w.clock.Now()))
		got := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK)
		if got.number("next_check_in_ms") != age.wait.Milliseconds() || got.header.Get("Retry-After") != strconv.Itoa(int(age.wait.Seconds())) {
			t.Errorf("after %v: next_check_in_ms is %d and Retry-After %q, want %v", age.passed, got.number("next_check_in_ms"), got.header.Get("Retry-After"), age.wait)
		}
	}
	w.finish()
	got := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK)
	if got.get("next_check_in_ms") != nil || got.header.Get("Retry-After") != "" {
		t.Errorf("a task that has ended says when to look again: %s", got.body)
	}
}
