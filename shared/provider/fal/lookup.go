package fal

import (
	"context"
	"net/url"
	"strings"
	"time"

	"darkroom/shared/provider"
)

// The bounds of a look-up. A page repeats what clients sent, images included, and must come within the time of one question: so pages are short.
const (
	pageItems = "20"
	maxPages  = 25
	skew      = time.Minute // between fal's clock and ours
)

// listed is what is kept of a request in a list, which repeats its input.
type listed struct {
	RequestID  string `json:"request_id"`
	EndpointID string `json:"endpoint_id"`
	Input      struct {
		Reference string `json:"client_reference_id"`
	} `json:"json_input"`
}

// Lookup implements provider.LookerUp: the marker stands in what we sent, which the list repeats.
//
// That a model ignores an input that it does not know, and that the list repeats this one as it was sent, are assumptions: fal documents neither. Should a
// model refuse the input, its requests fail for everybody to see. Should the list leave it out, every look-up finds nothing, and a lost submit is paid for again.
func (d *Driver) Lookup(ctx context.Context, marker string, since time.Time) (*provider.Job, error) {
	if marker == "" { // would find every request without one
		return nil, nil //nolint:nilnil // nothing was marked with it
	}
	query := url.Values{"start": {since.Add(-skew).UTC().Format(time.RFC3339)}, "expand": {"payloads"}}
	found, err := d.findListed(ctx, query, func(one listed) bool { return one.Input.Reference == marker && one.RequestID != "" })
	if err != nil || found == nil {
		return nil, err
	}
	return &provider.Job{ID: found.RequestID, Handle: d.addressOf("", found.EndpointID, found.RequestID)}, nil
}

// findListed reads the list of requests to all endpoints that this driver calls.
func (d *Driver) findListed(ctx context.Context, query url.Values, wanted func(listed) bool) (*listed, error) {
	query.Set("endpoint_id", strings.Join(endpoints(), ","))
	query.Set("limit", pageItems)
	list := d.platform + "/v1/models/requests/by-endpoint?"
	return provider.FindInList(ctx, d.client, provider.List{
		Request: provider.Request{URL: list + query.Encode(), Key: d.key},
		Items:   "items",
		Next:    "next_cursor",
		Follow: func(next string) string {
			query.Set("cursor", next)
			return list + query.Encode()
		},
		Pages:   maxPages,
		Refused: readFailure,
	}, wanted)
}
