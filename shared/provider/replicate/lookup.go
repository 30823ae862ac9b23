package replicate

import (
	"context"
	"net/url"
	"path"
	"strings"
	"time"

	"darkroom/shared/provider"
)

const (
	lookupBefore = time.Minute      // our clock may be ahead of theirs
	lookupAfter  = 15 * time.Minute // longer than any create call lasts
	lookupPages  = 20               // of 100 predictions, which no parameter changes: two minutes and more at the highest documented rate of creates
)

// listed is what is kept of a prediction in a list, which repeats its input.
type listed struct {
	ID      string `json:"id"`
	Webhook string `json:"webhook"`
}

// Lookup implements provider.LookerUp. Replicate has no place for a marker, so the job is the one whose webhook address ends in
// it; a submit without a webhook cannot be found.
//
// That a prediction repeats its webhook is an assumption: answers have been seen to, and Replicate's own clients know the field,
// but its document does not list it. Should it go, every look-up finds nothing, and a lost submit is paid for again.
func (d *Driver) Lookup(ctx context.Context, marker string, since time.Time) (*provider.Job, error) {
	if marker == "" {
		return nil, nil //nolint:nilnil // nothing was marked with it
	}
	list := d.base + "/v1/predictions?"
	query := url.Values{
		"created_after":  {since.Add(-lookupBefore).UTC().Format(time.RFC3339)},
		"created_before": {since.Add(lookupAfter).UTC().Format(time.RFC3339)},
	}
	found, err := provider.FindInList(ctx, d.client, provider.List{
		Request: provider.Request{URL: list + query.Encode(), Key: d.key},
		Items:   "results",
		Next:    "next",
		Follow: func(next string) string {
			if !strings.HasPrefix(next, list) { // our key goes to this list only
				return ""
			}
			return next
		},
		Pages:   lookupPages,
		Refused: readFailure,
	}, func(one listed) bool { return one.ID != "" && one.marked(marker) })
	if err != nil || found == nil {
		return nil, err
	}
	return &provider.Job{ID: found.ID}, nil
}

// marked says whether the last part of the webhook's path is the marker.
func (l listed) marked(marker string) bool {
	address, err := url.Parse(l.Webhook)
	return err == nil && path.Base(address.Path) == marker
}
