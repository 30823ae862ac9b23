package sample

import (
	"context"
	"net/url"
	"time"

	"darkroom/shared/provider"
)

// lookupBefore makes up for a clock of ours that is ahead of theirs.
const lookupBefore = time.Minute

// Lookup implements provider.LookerUp: the marker is the reference of the job.
func (d *Driver) Lookup(ctx context.Context, marker string, since time.Time) (*provider.Job, error) {
	if marker == "" {
		return nil, nil //nolint:nilnil // nothing was marked with it
	}
	query := url.Values{"reference": {marker}, "since": {since.Add(-lookupBefore).UTC().Format(time.RFC3339)}}
	found, err := provider.FindInList(ctx, d.client, provider.List{
		Request: provider.Request{URL: d.base + "/v1/images?" + query.Encode(), Key: d.key},
		Items:   "images",
		Pages:   1, // it names no others
		Refused: readFailure,
	}, func(i image) bool { return i.ID != "" })
	if err != nil || found == nil {
		return nil, err
	}
	return &provider.Job{ID: found.ID}, nil
}
