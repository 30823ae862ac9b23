package simulator

import (
	"net/http"
	"net/url"
	"time"
)

// replicatePageSize is how many predictions one answer lists.
const replicatePageSize = 100

// replicatePage is the answer to GET /replicate/v1/predictions.
type replicatePage struct {
	Next     *string               `json:"next"`
	Previous *string               `json:"previous"`
	Results  []replicatePrediction `json:"results"`
}

// listPredictions answers GET /replicate/v1/predictions?created_after=&created_before=&cursor=, newest first. The cursor is the last
// prediction of the page before; clients take the address of the next page as it is.
func (p *replicate) listPredictions(w http.ResponseWriter, r *http.Request) {
	v := p.calls.begin(Call{Provider: p.name(), Operation: Lookup})
	if !p.acceptsBearer(p.name(), r) {
		v.refuse(w, p, refusal{why: wrongKey})
		return
	}
	query := r.URL.Query()
	limits := map[string]time.Time{}
	for _, name := range []string{"created_after", "created_before"} {
		if query.Get(name) == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, query.Get(name))
		if err != nil {
			v.json(w, http.StatusBadRequest, replicateError{Title: "Bad request", Detail: name + " should be a time in ISO 8601", Status: http.StatusBadRequest})
			return
		}
		limits[name] = at
	}
	page := replicatePage{Results: []replicatePrediction{}}
	for _, made := range p.after(query.Get("cursor")) {
		after, before := limits["created_after"], limits["created_before"]
		switch {
		case made.created.Before(after), !before.IsZero() && !made.created.Before(before):
			continue
		case len(page.Results) == replicatePageSize:
			next := p.nextPage(r, page.Results[replicatePageSize-1].ID)
			page.Next = &next
		}
		if page.Next != nil {
			break
		}
		if len(page.Results) == 0 {
			v.plan = made.plan
		}
		page.Results = append(page.Results, p.show(made, made.stands()))
	}
	v.json(w, http.StatusOK, page)
}

// after lists the accepted predictions that are older than one, newest first; all when id is empty.
func (p *replicate) after(id string) []*prediction {
	p.mu.Lock()
	all := p.all.newestFirst()
	p.mu.Unlock()
	var found []*prediction
	begun := id == ""
	for _, made := range all {
		if _, accepted := p.jobs.get(made.id); begun && accepted {
			found = append(found, made)
		}
		begun = begun || made.id == id
	}
	return found
}

func (p *replicate) nextPage(r *http.Request, last string) string {
	query := url.Values{"cursor": {last}}
	for _, name := range []string{"created_after", "created_before"} {
		if value := r.URL.Query().Get(name); value != "" {
			query.Set(name, value)
		}
	}
	return p.baseURL(r) + "/replicate/v1/predictions?" + query.Encode()
}
