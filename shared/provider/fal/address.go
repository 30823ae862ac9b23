package fal

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"darkroom/shared/provider"
)

// addresses are where one request is asked about and stopped. As JSON they are a job's handle.
type addresses struct {
	Status   string `json:"status"`
	Response string `json:"response"`
	Cancel   string `json:"cancel"`
}

// handle keeps the addresses that fal gave, or those that its rule makes where one may not be shown our key.
func (d *Driver) handle(at addresses, endpoint, requestID string) string {
	raw, err := json.Marshal(at)
	if err != nil || !d.takesKey(at) || len(raw) > provider.MaxHandle {
		raw, _ = json.Marshal(d.addressesBy(endpoint, requestID)) //nolint:errcheck // three texts
	}
	return string(raw)
}

// addressesBy makes addresses by fal's rule: the app is the first two parts of an endpoint, and what follows belongs in the
// address of a submit only.
func (d *Driver) addressesBy(endpoint, requestID string) addresses {
	parts := strings.SplitN(endpoint, "/", 3)
	at := d.queue + "/" + strings.Join(parts[:min(2, len(parts))], "/") + "/requests/" + url.PathEscape(requestID)
	return addresses{at + "/status", at, at + "/cancel"}
}

// addressesOf reads a job's handle. A job without a good one is looked for in the list of requests, which names its endpoint;
// false when it is not there.
func (d *Driver) addressesOf(ctx context.Context, header http.Header, job provider.Job) (addresses, bool, error) {
	var at addresses
	if json.Unmarshal([]byte(job.Handle), &at) == nil && d.takesKey(at) {
		return at, true, nil
	}
	page, err := d.list(ctx, header, url.Values{"request_id": {job.ID}})
	if err != nil {
		return addresses{}, false, err
	}
	for _, item := range page.Items {
		if item.RequestID == job.ID {
			return d.addressesBy(item.EndpointID, job.ID), true, nil
		}
	}
	return addresses{}, false, nil
}

// takesKey says whether all addresses are the queue's, which alone may see our key.
func (d *Driver) takesKey(at addresses) bool {
	for _, raw := range []string{at.Status, at.Response, at.Cancel} {
		target, err := d.guard.Check(raw)
		if err != nil {
			return false
		}
		host := "." + target.Hostname()
		if !strings.HasPrefix(raw, d.queue+"/") && !strings.HasSuffix(host, ".fal.run") && !strings.HasSuffix(host, ".fal.ai") {
			return false
		}
	}
	return true
}
