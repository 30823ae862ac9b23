package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const fetched = "the image"

// fetchFrom fetches a path from a server that passes for a delivery host.
func fetchFrom(t *testing.T, path string, limit int64, handler http.HandlerFunc) ([]byte, error) {
	t.Helper()
	_, guard := tlsServer(t, handler)
	return newFetcher(map[string]Guard{"p": guard}).Fetch(t.Context(), "p", "https://"+allowedHost+path, limit)
}

func TestFetchErrorsCanBeToldApart(t *testing.T) {
	kinds := []error{ErrGone, ErrTooLarge, ErrForbiddenURL}
	for _, test := range []struct {
		rule   string
		want   error // nil: none of the kinds
		answer http.HandlerFunc
	}{
		{"404 is gone", ErrGone, status(404)},
		{"403 is gone", ErrGone, status(403)},
		{"410 is gone", ErrGone, status(410)},
		{"500 may pass", nil, status(500)},
		{"429 may pass", nil, status(429)},
		{"204 may pass", nil, status(204)},
		{"206 may pass", nil, status(206)},
		{"an empty body may pass", nil, status(200)},
		{"too much, as stated", ErrTooLarge, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000000")
			w.WriteHeader(200)
		}},
		{"a body without end", ErrTooLarge, func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				fmt.Fprint(w, fetched)
				http.NewResponseController(w).Flush()
			}
		}},
		{"less than stated", nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "20")
			fmt.Fprint(w, fetched)
		}},
		{"a connection cut", nil, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"redirect to the metadata service", ErrForbiddenURL, redirect("https://169.254.169.254/latest/meta-data")},
		{"redirect to this machine", ErrForbiddenURL, redirect("https://localhost/")},
		{"redirect to another host", ErrForbiddenURL, redirect("https://example.org/")},
		{"redirect to plain http", ErrForbiddenURL, redirect("http://" + allowedHost + "/")},
		{"redirect to another port", ErrForbiddenURL, redirect("https://" + allowedHost + ":8443/")},
		{"redirect to a file", ErrForbiddenURL, redirect("file:///etc/passwd")},
		{"redirect without end", ErrForbiddenURL, redirect("/again")},
		{"redirect to nowhere", nil, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(302) }},
	} {
		raw, err := fetchFrom(t, "/x?sig=SIGNATURE", 100, test.answer)
		if err == nil || raw != nil {
			t.Errorf("%s: %q, %v; want an error", test.rule, raw, err)
			continue
		}
		for _, kind := range kinds {
			if got, want := errors.Is(err, kind), kind == test.want; got != want {
				t.Errorf("%s: error = %v; is %q: %t, want %t", test.rule, err, kind, got, want)
			}
		}
		if strings.Contains(err.Error(), "SIGNATURE") {
			t.Errorf("%s: error = %q holds the signed link", test.rule, err)
		}
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	}
}

func TestFetchFollowsThreeRedirectsAndTellsNoHostOfAnother(t *testing.T) {
	hops := 0
	answer := func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Referer", "Authorization", "X-Key", "Cookie"} {
			if r.Header.Get(name) != "" {
				t.Errorf("hop %d carries %s: %q", hops, name, r.Header.Get(name))
			}
		}
		w.Header().Set("Set-Cookie", "a=b")
		if hops++; hops <= maxHops {
			redirect("https://cdn.example.com/next")(w, r)
			return
		}
		fmt.Fprint(w, fetched)
	}
	_, guard := tlsServer(t, answer)
	raw, err := newFetcher(map[string]Guard{"p": guard}).Fetch(t.Context(), "p", "https://"+allowedHost+"/x", 100)
	if err != nil || string(raw) != fetched || hops != maxHops+1 {
		t.Errorf("%q, %v after %d hops; want the image after %d", raw, err, hops, maxHops+1)
	}
}

func TestFetchOfExactlyTheLimitIsWhole(t *testing.T) {
	raw, err := fetchFrom(t, "/x", int64(len(fetched)), func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, fetched) })
	if err != nil || string(raw) != fetched {
		t.Errorf("%q, %v; want the image", raw, err)
	}
}

func TestFetchEndsABodyOfOneByteAtATime(t *testing.T) {
	_, guard := tlsServer(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			fmt.Fprint(w, "x")
			http.NewResponseController(w).Flush()
			time.Sleep(time.Millisecond)
		}
	})
	fetcher := newFetcher(map[string]Guard{"p": guard})
	fetcher.Timeout = 100 * time.Millisecond
	if _, err := fetcher.Fetch(t.Context(), "p", "https://"+allowedHost+"/", 1<<30); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error = %v, want a deadline", err)
	}
}

func TestFetchKnowsNoOtherProvidersHosts(t *testing.T) {
	fetcher := NewFetcher(map[string][]string{"bfl": {"*.bfl.ai"}, "openai": nil}, nil)
	for provider, link := range map[string]string{
		"openai": "https://delivery.eu.bfl.ai/x", "fal": "https://delivery.eu.bfl.ai/x", "bfl": "https://v3.fal.media/x", "": "https://delivery.eu.bfl.ai/x",
	} {
		if _, err := fetcher.Fetch(t.Context(), provider, link, 100); !errors.Is(err, ErrForbiddenURL) {
			t.Errorf("%q from %s: error = %v, want ErrForbiddenURL", provider, link, err)
		}
	}
}
