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
	header, err := d.header(ctx, provider.TransientRead)
	if err != nil {
		return nil, err
	}
	query := url.Values{"reference": {marker}, "since": {since.Add(-lookupBefore).UTC().Format(time.RFC3339)}}
	answer, err := d.client.Read(ctx, provider.Request{URL: d.base + "/v1/images?" + query.Encode(), Header: header})
	if err != nil {
		return nil, err
	}
	if !answer.OK() {
		return nil, failed(answer, answer.OnRead())
	}
	var found list
	switch err := answer.Decode(&found); {
	case err != nil:
		return nil, err
	case found.Images == nil: // an answer about something else must not count as "there is none"
		return nil, answer.Failure(provider.MeansUnread, "without a list")
	case len(found.Images) == 0:
		return nil, nil //nolint:nilnil // there is none
	}
	return &provider.Job{ID: found.Images[0].ID}, nil
}
