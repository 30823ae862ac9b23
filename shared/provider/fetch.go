package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// What can become of a fetch besides the bytes and ErrForbiddenURL. Any other error may pass: try again.
var (
	// ErrGone: the link is dead. A fresh one must be asked for.
	ErrGone = errors.New("the link is dead")
	// ErrTooLarge: there are more bytes than were asked for.
	ErrTooLarge = errors.New("larger than the limit")
)

// maxHops bounds the redirects of one fetch.
const maxHops = 3

// Fetcher reads images from providers' delivery hosts. It sends no credentials, and every hop of a redirect must pass the
// same guard as the link itself.
type Fetcher struct {
	// Timeout bounds one fetch as a whole, redirects and body included, so that a body of one byte a second ends. NewFetcher
	// sets 40 seconds.
	Timeout time.Duration

	guards map[string]Guard
	client map[string]*http.Client
}

// NewFetcher makes a fetcher that takes each provider's links from that provider's hosts only, written as in Guard.Hosts.
// The simulator is for stage local, nil elsewhere.
func NewFetcher(hostsByProvider map[string][]string, simulator *url.URL) *Fetcher {
	guards := map[string]Guard{}
	for name, hosts := range hostsByProvider {
		guards[name] = Guard{Hosts: hosts, Simulator: simulator}
	}
	return newFetcher(guards)
}

func newFetcher(guards map[string]Guard) *Fetcher {
	f := &Fetcher{Timeout: 40 * time.Second, guards: guards, client: map[string]*http.Client{}}
	for name, guard := range guards {
		f.client[name] = &http.Client{Transport: guard.transport(), CheckRedirect: noRedirect}
	}
	return f
}

// Fetch reads an output of a provider, at most limit bytes. The error wraps ErrForbiddenURL, ErrGone or ErrTooLarge, or
// else nothing is known and the fetch may be repeated. It never holds the link, which may be signed.
func (f *Fetcher) Fetch(ctx context.Context, provider, link string, limit int64) ([]byte, error) {
	guard, known := f.guards[provider]
	if !known {
		return nil, fmt.Errorf("%w: provider %q has no output hosts", ErrForbiddenURL, provider)
	}
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	target, err := guard.Check(link)
	if err != nil {
		return nil, err
	}
	for range maxHops + 1 {
		raw, next, err := f.hop(ctx, f.client[provider], target, limit)
		if err != nil || next == nil {
			return raw, err
		}
		if target, err = guard.Check(next.String()); err != nil {
			return nil, fmt.Errorf("redirect: %w", err)
		}
	}
	return nil, fmt.Errorf("%w: more than %d redirects", ErrForbiddenURL, maxHops)
}

// hop makes one GET. It returns the body, or where to go next.
func (f *Fetcher) hop(ctx context.Context, client *http.Client, target *url.URL, limit int64) (raw []byte, next *url.URL, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, nil, fmt.Errorf("make the request: %w", withoutURL(err))
	}
	request.Header.Set("User-Agent", "darkroom")
	response, err := client.Do(request)
	if err != nil {
		return nil, nil, fmt.Errorf("fetch: %w", withoutURL(err))
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		if response.ContentLength > limit {
			return nil, nil, fmt.Errorf("%w of %d bytes", ErrTooLarge, limit)
		}
		raw, err = readLimited(response.Body, limit, ErrTooLarge)
		if err == nil && len(raw) == 0 {
			return nil, nil, errors.New("fetch: the body is empty")
		}
		return raw, nil, err
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if next, err = response.Location(); err != nil {
			return nil, nil, errors.New("fetch: a redirect without a readable target")
		}
		return nil, next, nil
	case http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return nil, nil, fmt.Errorf("%w: status %d", ErrGone, response.StatusCode)
	}
	return nil, nil, fmt.Errorf("fetch: status %d", response.StatusCode)
}
