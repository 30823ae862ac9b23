package replicate_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

// pages answers calls one after the other with documented pages, whose next address is made to lead back here.
func pages(t *testing.T, files ...string) (driver *provider.Provider, asked *[]string) {
	t.Helper()
	asked = new([]string)
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.RequestURI())
		file := files[min(len(*asked), len(files))-1]
		raw, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, strings.ReplaceAll(string(raw), "https://api.replicate.com", server.URL+"/replicate"))
	}))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return provider.New(build(provider.FixedKey(providertest.ReplayKey), address), provider.Settings{Simulator: address}), asked
}

var since = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

func TestLookupFindsTheMarkerInTheWebhooksAddressAndNowhereElse(t *testing.T) {
	for marker, want := range map[string]string{
		"k1.a.t.2.mac": "aaaa",
		"k1.a.t.1.mac": "cccc", // on the second page
		"k1.a.t.9.mac": "",     // in a prompt
		"k1.a.t.3.mac": "",     // of a prediction without an id
		"k1.a.t":       "",
		"replicate":    "",
		"":             "",
	} {
		driver, _ := pages(t, "page_first.json", "page_last.json")
		job, err := driver.Lookup(t.Context(), marker, since)
		if err != nil || (job == nil) != (want == "") || (job != nil && *job != provider.Job{ID: want}) {
			t.Errorf("%q: job = %+v, %v; want %q", marker, job, err, want)
		}
	}
}

func TestLookupReadsPageAfterPageWithinTheTimeOfTheAttempt(t *testing.T) {
	driver, asked := pages(t, "page_first.json", "page_last.json")
	if _, err := driver.Lookup(t.Context(), "nobody", since); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"/replicate/v1/predictions?created_after=2026-11-20T09%3A59%3A00Z&created_before=2026-11-20T10%3A15%3A00Z",
		"/replicate/v1/predictions?cursor=cD0yMDI2",
	}
	if got := strings.Join(*asked, " "); got != strings.Join(want, " ") {
		t.Errorf("asked %s, want %s", got, want)
	}
}

// "There is none" lets the task be tried again, and paid again: it must not be said while pages are unread.
func TestLookupThatCannotReadEverythingIsNoAnswer(t *testing.T) {
	driver, asked := pages(t, "page_first.json") // again and again
	if job, err := driver.Lookup(t.Context(), "nobody", since); provider.ClassOf(err) != provider.TransientRead || job != nil {
		t.Errorf("job = %+v, %v; want TransientRead", job, err)
	}
	if len(*asked) != 20 {
		t.Errorf("%d pages were read, want 20 at most", len(*asked))
	}
	for _, test := range []struct {
		answer recorded
		want   provider.Class
	}{
		{recorded{Status: 200, File: "page_elsewhere.json"}, provider.TransientRead}, // the next page is no business of the key's
		{recorded{Status: 200, File: "throttled.json"}, provider.TransientRead},      // no results
		{recorded{Status: 200}, provider.TransientRead},
		{recorded{Status: 401, File: "not_authenticated.json"}, provider.Down},
		{recorded{Status: 429, File: "throttled.json"}, provider.Throttled},
		{recorded{Status: 500}, provider.TransientRead},
	} {
		if job, err := newReplay(t, test.answer).Driver.Lookup(t.Context(), "nobody", since); provider.ClassOf(err) != test.want || job != nil {
			t.Errorf("%+v: job = %+v, %v; want %q", test.answer, job, err, test.want)
		}
	}
}
