package simulator

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func (r falRig) list(query url.Values) answered {
	r.Helper()
	return r.do(http.MethodGet, "/fal/api/v1/models/requests/by-endpoint?"+query.Encode(), nil, withFalKey)
}

// idsIn are the requests of a page, in its order.
func idsIn(page object) (ids []string) {
	items, _ := page["items"].([]any)
	for _, item := range items {
		ids = append(ids, item.(map[string]any)["request_id"].(string))
	}
	return ids
}

func TestFalListShowsWhatWasSentNewestFirst(t *testing.T) {
	t.Parallel()
	r := newFalRig(t, func(o *Options) { o.Delay = time.Hour })
	body := smallFal("find me")
	body["client_reference_id"] = "marker-1"
	first := r.submit(body, "").object["request_id"]
	second := r.submitTo("fal-ai/flux-2-max", object{"prompt": "no reference"}, "").object["request_id"]
	both := url.Values{"endpoint_id": {"fal-ai/flux-2-pro,fal-ai/flux-2-max"}, "expand": {"payloads"}}
	got := r.list(both)
	if ids := idsIn(got.object); len(ids) != 2 || ids[0] != second || ids[1] != first || got.object["next_cursor"] != nil || got.object["has_more"] != false {
		t.Fatalf("list = %s, want %v and %v on one page", got.raw, second, first)
	}
	item := got.object["items"].([]any)[1].(map[string]any)
	input, _ := item["json_input"].(map[string]any)
	if input["client_reference_id"] != "marker-1" || item["endpoint_id"] != "fal-ai/flux-2-pro" || item["ended_at"] != nil {
		t.Errorf("item = %v, want the input as sent, and no end", item)
	}
	both.Del("expand")
	if got := r.list(both); strings.Contains(string(got.raw), "marker-1") {
		t.Errorf("list = %s, want no inputs unless asked for", got.raw)
	}
}

func TestFalListsTheLastDayOfTheNamedEndpointsUnlessAskedForMore(t *testing.T) {
	t.Parallel()
	clock := newClock()
	r := newFalRig(t, func(o *Options) { o.Now = clock.now })
	old := r.submit(smallFal("old"), "").object["request_id"].(string)
	clock.add(25 * time.Hour)
	fresh := r.submit(smallFal("fresh"), "").object["request_id"].(string)
	for _, c := range []struct {
		rule  string
		query url.Values
		want  []string
	}{
		{"the last day", url.Values{}, []string{fresh}},
		{"a start", url.Values{"start": {clock.now().Add(-48 * time.Hour).Format(time.RFC3339)}}, []string{fresh, old}},
		{"a start after all", url.Values{"start": {clock.now().Add(time.Hour).Format(time.RFC3339)}}, nil},
		{"one request, however old", url.Values{"request_id": {old}}, []string{old}},
		{"another endpoint", url.Values{"endpoint_id": {"fal-ai/flux-2-max"}}, nil},
	} {
		if !c.query.Has("endpoint_id") {
			c.query.Set("endpoint_id", "fal-ai/flux-2-pro")
		}
		if got := r.list(c.query); got.status != 200 || strings.Join(idsIn(got.object), " ") != strings.Join(c.want, " ") {
			t.Errorf("%s: %d %s, want %v", c.rule, got.status, got.raw, c.want)
		}
	}
	for _, wrong := range []url.Values{
		{}, {"endpoint_id": {strings.Repeat("x,", 50) + "x"}}, {"endpoint_id": {"x"}, "limit": {"101"}}, {"endpoint_id": {"x"}, "limit": {"0"}},
		{"endpoint_id": {"x"}, "start": {"yesterday"}}, {"endpoint_id": {"x"}, "cursor": {"-1"}},
	} {
		if got := r.list(wrong); got.status != 400 || got.object["error"] == nil {
			t.Errorf("%v: %d %s, want 400 with an error", wrong, got.status, got.raw)
		}
	}
}

func TestFalListComesInPages(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	var want []string
	for range 5 {
		want = append([]string{r.submit(smallFal("one of five"), "").object["request_id"].(string)}, want...)
	}
	query, got := url.Values{"endpoint_id": {"fal-ai/flux-2-pro"}, "limit": {"2"}}, []string(nil)
	for {
		page := r.list(query).object
		got = append(got, idsIn(page)...)
		next, more := page["next_cursor"].(string)
		if more != page["has_more"] {
			t.Errorf("page = %v, want has_more to say what next_cursor says", page)
		}
		if !more {
			break
		}
		query.Set("cursor", next)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("pages hold %v, want %v", got, want)
	}
}

// A list of requests with inputs of many megabytes would fill the memory.
func TestFalListCutsLongInputs(t *testing.T) {
	t.Parallel()
	r := newFalRig(t)
	body := object{"prompt": "x", "image_urls": []string{"data:image/png;base64," + strings.Repeat("A", 1<<20)}}
	r.submitTo("fal-ai/flux-2-pro/edit", body, "")
	got := r.list(url.Values{"endpoint_id": {"fal-ai/flux-2-pro/edit"}, "expand": {"payloads"}})
	if len(idsIn(got.object)) != 1 || len(got.raw) > 4000 {
		t.Errorf("%d requests in %d bytes, want one in less than 4,000", len(idsIn(got.object)), len(got.raw))
	}
}
