package simulator

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// link is a temporary address of a job's image, as a provider's delivery host gives out.
type link struct {
	token   string
	expires time.Time
	dead    bool // ordered to answer 404
	tried   bool // a dead one that was fetched: the next report carries a fresh one
}

// resultLink returns the job's present link, or a fresh one when that expired or was found dead.
func (s *Simulator) resultLink(j *job) string {
	now := s.opts.Now()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.link == nil || !now.Before(j.link.expires) || j.link.tried {
		j.link = &link{token: rand.Text(), expires: now.Add(s.opts.LinkLifetime), dead: j.plan.take("dead_link")}
	}
	return fmt.Sprintf("%s/delivery/%s/%s/sample.%s", j.base, j.id, j.link.token, j.picture.Format)
}

// serveLink answers GET /delivery/{job}/{token}/{file}: the image, 404 for a link that never was, is dead or was replaced, 403
// for an expired one.
func (s *Simulator) serveLink(w http.ResponseWriter, r *http.Request) {
	j, known := s.jobs.get(r.PathValue("job"))
	if !known {
		s.calls.begin(Call{Operation: Fetch, Status: http.StatusNotFound, Job: r.PathValue("job")})
		http.Error(w, "The specified resource does not exist.", http.StatusNotFound)
		return
	}
	v := s.calls.begin(Call{Provider: j.provider, Model: j.model, Operation: Fetch, Job: j.id, Prompt: j.prompt})
	v.plan = j.plan
	answer := func(status int, text string) {
		v.note(func(c *Call) { c.Status = status })
		http.Error(w, text, status)
	}
	// A delivery host is somebody else's. A client that shows it an API key has a bug that must not go unseen.
	if showsKey(r) {
		v.note(func(c *Call) { c.KeyLeaked = true })
		answer(http.StatusBadRequest, "Result links take no credentials: send API keys to the API host only.")
		return
	}

	j.mu.Lock()
	present := j.link != nil && j.link.token == r.PathValue("token")
	dead := present && j.link.dead
	expired := present && !s.opts.Now().Before(j.link.expires)
	if dead {
		j.link.tried = true
	}
	j.mu.Unlock()
	switch {
	case !present:
		answer(http.StatusNotFound, "The specified resource does not exist.")
		return
	case dead:
		v.suffered("dead_link")
		answer(http.StatusNotFound, "The specified resource does not exist.")
		return
	case expired:
		answer(http.StatusForbidden, "Signature not valid in the specified time frame.")
		return
	}

	if v.leadOn(w, r) {
		return
	}
	out, err := s.output(v, j.picture)
	if err != nil {
		answer(http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", out.contentType)
	if out.encoding != "" {
		w.Header().Set("Content-Encoding", out.encoding)
	}
	if out.padding == 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(out.bytes)))
	}
	s.send(w, r, v, func(w io.Writer) error { return out.writeTo(w) })
}

// showsKey says whether a call has an API key in it, in any of the providers' ways.
func showsKey(r *http.Request) bool {
	return r.Header.Get("x-key") != "" || r.Header.Get("Authorization") != "" || r.Header.Get("x-goog-api-key") != ""
}
