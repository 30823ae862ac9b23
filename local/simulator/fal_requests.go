package simulator

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// falListed is one request in the platform's list.
type falListed struct {
	RequestID  string         `json:"request_id"`
	EndpointID string         `json:"endpoint_id"`
	SentAt     time.Time      `json:"sent_at"`
	StartedAt  time.Time      `json:"started_at"`
	EndedAt    *time.Time     `json:"ended_at"`
	Input      map[string]any `json:"json_input,omitempty"`
}

// falPage is one page of the list.
type falPage struct {
	Items      []falListed `json:"items"`
	NextCursor *string     `json:"next_cursor"`
	HasMore    bool        `json:"has_more"`
}

// falPlatformError is the error body of the platform's API, which is not the queue's.
type falPlatformError struct {
	Error struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	} `json:"error"`
}

func falPlatformRefusal(kind, message string) falPlatformError {
	var refused falPlatformError
	refused.Error.Type, refused.Error.Message = kind, message
	return refused
}

// falQuery is what a client asks of the list.
type falQuery struct {
	endpoints   []string
	requestID   string // empty: any
	start       time.Time
	payloads    bool
	from, limit int
}

func (f *fal) readQuery(sent url.Values) (falQuery, error) {
	q := falQuery{
		requestID: sent.Get("request_id"), payloads: slices.Contains(sent["expand"], "payloads"),
		start: f.opts.Now().Add(-24 * time.Hour), limit: 50,
	}
	if q.requestID != "" {
		q.start = f.opts.Now().AddDate(0, 0, -90)
	}
	for _, list := range sent["endpoint_id"] {
		q.endpoints = append(q.endpoints, strings.Split(list, ",")...)
	}
	if len(q.endpoints) == 0 || len(q.endpoints) > 50 {
		return falQuery{}, errors.New("endpoint_id takes 1 to 50 ids")
	}
	var err error
	if text := sent.Get("limit"); text != "" {
		if q.limit, err = strconv.Atoi(text); err != nil || q.limit < 1 || q.limit > 100 {
			return falQuery{}, errors.New("limit should be 1 to 100")
		}
	}
	if text := sent.Get("cursor"); text != "" {
		if q.from, err = strconv.Atoi(text); err != nil || q.from < 0 {
			return falQuery{}, errors.New("cursor is not one of this list")
		}
	}
	if text := sent.Get("start"); text != "" {
		if q.start, err = time.Parse(time.RFC3339, text); err != nil {
			return falQuery{}, errors.New("start should be a date and time in ISO 8601")
		}
	}
	return q, nil
}

// listRequests answers GET /fal/api/v1/models/requests/by-endpoint?endpoint_id=&start=&request_id=&expand=&limit=&cursor=, the
// newest first.
func (f *fal) listRequests(w http.ResponseWriter, r *http.Request) {
	v := f.calls.begin(Call{Provider: f.name(), Operation: Lookup})
	if key, named := strings.CutPrefix(r.Header.Get("Authorization"), "Key "); !named || !f.accepts(f.name(), key) {
		v.json(w, http.StatusUnauthorized, falPlatformRefusal("authorization_error", "Authentication required"))
		return
	}
	asked, err := f.readQuery(r.URL.Query())
	if err != nil {
		v.json(w, http.StatusBadRequest, falPlatformRefusal("validation_error", err.Error()))
		return
	}
	f.mu.Lock()
	all := f.requests.newestFirst()
	f.mu.Unlock()
	all = slices.DeleteFunc(all, func(q *falRequest) bool {
		_, accepted := f.jobs.get(q.id) // before that nothing of it may be looked at
		return !accepted || !slices.Contains(asked.endpoints, q.endpoint.path) || q.created.Before(asked.start) ||
			(asked.requestID != "" && asked.requestID != q.id)
	})
	page, end := falPage{Items: []falListed{}}, min(asked.from+asked.limit, len(all))
	for _, q := range all[min(asked.from, end):end] {
		page.Items = append(page.Items, q.listed(asked.payloads))
	}
	if end < len(all) {
		next := strconv.Itoa(end)
		page.NextCursor, page.HasMore = &next, true
	}
	if len(all) > 0 {
		v.plan = all[0].plan
	}
	v.json(w, http.StatusOK, page)
}

func (q *falRequest) listed(payloads bool) falListed {
	item := falListed{RequestID: q.id, EndpointID: q.endpoint.path, SentAt: q.created, StartedAt: q.created}
	if ended := q.info().Finished; !ended.IsZero() {
		item.EndedAt = &ended
	}
	if payloads {
		item.Input = q.input
	}
	return item
}
