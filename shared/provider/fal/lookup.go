package fal

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"darkroom/shared/provider"
)

// The bounds of a look-up. Pages hold what clients sent, images included, so they are short and may be large.
const (
	pageItems = "50"
	maxPages  = 10
	skew      = time.Minute // between fal's clock and ours
)

// page is one page of the list of requests.
type page struct {
	Items []struct {
		RequestID  string `json:"request_id"`
		EndpointID string `json:"endpoint_id"`
		Input      struct {
			Reference string `json:"client_reference_id"`
		} `json:"json_input"`
	} `json:"items"`
	NextCursor *string `json:"next_cursor"`
}

// Lookup implements provider.LookerUp: the marker stands in what we sent, which the list repeats. In an account with very many
// requests a job may stand beyond the last page that is read; it counts as not found, as one that the list does not show yet.
func (d *Driver) Lookup(ctx context.Context, marker string, since time.Time) (*provider.Job, error) {
	if marker == "" { // would find every request without one
		return nil, nil
	}
	header, err := d.header(ctx, provider.TransientRead)
	if err != nil {
		return nil, err
	}
	query := url.Values{"start": {since.Add(-skew).UTC().Format(time.RFC3339)}, "expand": {"payloads"}, "limit": {pageItems}}
	for range maxPages {
		listed, err := d.list(ctx, header, query)
		if err != nil {
			return nil, err
		}
		for _, item := range listed.Items {
			if item.Input.Reference == marker && item.RequestID != "" {
				return &provider.Job{ID: item.RequestID, Handle: d.handle(addresses{}, item.EndpointID, item.RequestID)}, nil
			}
		}
		if listed.NextCursor == nil || *listed.NextCursor == "" {
			return nil, nil
		}
		query.Set("cursor", *listed.NextCursor)
	}
	return nil, nil
}

// list asks for one page of the requests to all endpoints that this driver calls.
func (d *Driver) list(ctx context.Context, header http.Header, query url.Values) (page, error) {
	query.Set("endpoint_id", strings.Join(endpoints(), ","))
	answer, err := d.client.Read(ctx, provider.Request{
		URL: d.platform + "/v1/models/requests/by-endpoint?" + query.Encode(), Header: header, Limit: provider.ImageAnswer,
	})
	if err != nil {
		return page{}, err
	}
	if !answer.OK() {
		return page{}, readFailure(answer)
	}
	var listed page
	if answer.Decode(&listed) != nil || listed.Items == nil {
		return page{}, answer.Failure(provider.MeansUnread, "without a list of requests")
	}
	return listed, nil
}
