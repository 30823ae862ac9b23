package replicate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"

	"darkroom/shared/provider"
)

const (
	lookupBefore = time.Minute      // our clock may be ahead of theirs
	lookupAfter  = 15 * time.Minute // longer than any create call lasts
	lookupPages  = 20               // of 100 predictions: two minutes and more at the highest documented rate of creates
	pageAnswer   = 32 << 20         // bytes of a page, which repeats the inputs of its predictions
)

// page is the answer to GET /v1/predictions, newest first.
type page struct {
	Next    string            `json:"next"`
	Results []json.RawMessage `json:"results"`
}

// Lookup implements provider.LookerUp. Replicate has no place for a marker, so the job is the one whose webhook address ends in
// it; a submit without a webhook cannot be found. When the pages are too many to read, the error says that nothing is known.
func (d *Driver) Lookup(ctx context.Context, marker string, since time.Time) (*provider.Job, error) {
	if marker == "" {
		return nil, nil //nolint:nilnil // nothing was marked with it
	}
	query := url.Values{
		"created_after":  {since.Add(-lookupBefore).UTC().Format(time.RFC3339)},
		"created_before": {since.Add(lookupAfter).UTC().Format(time.RFC3339)},
	}
	for next, pages := d.base+"/v1/predictions?"+query.Encode(), 0; next != ""; pages++ {
		switch {
		case pages == lookupPages:
			return nil, fmt.Errorf("not among the first %d pages of predictions", lookupPages)
		case !strings.HasPrefix(next, d.base+"/v1/predictions?"): // no business of our key's
			return nil, errors.New("the next page of predictions is somewhere else")
		}
		listed, err := d.readPage(ctx, next)
		if err != nil {
			return nil, err
		}
		for _, raw := range listed.Results {
			if one, err := readPrediction(raw); err == nil && one.id != "" && one.marked(marker) {
				return &provider.Job{ID: one.id}, nil
			}
		}
		next = listed.Next
	}
	return nil, nil //nolint:nilnil // there is none
}

func (d *Driver) readPage(ctx context.Context, address string) (page, error) {
	header, err := d.header(ctx, provider.TransientRead)
	if err != nil {
		return page{}, err
	}
	answer, err := d.client.Read(ctx, provider.Request{URL: address, Header: header, Limit: pageAnswer})
	if err != nil {
		return page{}, err
	}
	if !answer.OK() {
		return page{}, readFailure(answer)
	}
	var listed page
	if err := answer.Decode(&listed); err != nil {
		return page{}, err
	}
	if listed.Results == nil { // an answer about something else must not count as "there is none"
		return page{}, answer.Failure(provider.MeansUnread, "without results")
	}
	return listed, nil
}

// marked says whether the last part of the webhook's path is the marker.
func (p prediction) marked(marker string) bool {
	address, err := url.Parse(p.webhook)
	return err == nil && path.Base(address.Path) == marker
}
