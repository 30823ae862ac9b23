package fal

import (
	"context"
	"net/url"
	"strings"

	"darkroom/shared/provider"
)

// addressOf is where a request is asked about: the address that fal gave, or the one that its rule makes where that may not be shown our key. The rule: the
// app is the first two parts of an endpoint, and what follows belongs in the address of a submit only. The status and the end of a request are asked for
// below its address, as every client of fal's does it.
func (d *Driver) addressOf(given, endpoint, requestID string) string {
	if _, takesKey := d.guard.TakesKey(given, d.queue); takesKey {
		return given
	}
	parts := strings.SplitN(endpoint, "/", 3)
	return d.queue + "/" + strings.Join(parts[:min(2, len(parts))], "/") + "/requests/" + url.PathEscape(requestID)
}

// find is the address of a job. One without a good handle is looked for in the list of requests, which names its endpoint; empty when it is not there.
func (d *Driver) find(ctx context.Context, job provider.Job) (string, error) {
	if _, takesKey := d.guard.TakesKey(job.Handle, d.queue); takesKey {
		return job.Handle, nil
	}
	found, err := d.findListed(ctx, url.Values{"request_id": {job.ID}}, func(one listed) bool { return one.RequestID == job.ID })
	if err != nil || found == nil {
		return "", err
	}
	return d.addressOf("", found.EndpointID, job.ID), nil
}
