// Package simulator plays the image providers: one HTTP server that speaks their real protocols, makes real pictures that
// show the prompt, and misbehaves on order.
//
// It is the other side of the wire, for the local stack and for tests: the real drivers talk to it with real HTTP, keys,
// error bodies, job ids, expiring links and webhooks. Each provider is one file that implements protocol; everything
// the providers share (jobs, links, webhooks, pictures, faults, the record of calls) stands in files of its own.
//
// It serves and calls loopback addresses only.
package simulator

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options are the settings of a Simulator. The zero value works, except that it accepts no API key.
type Options struct {
	// Keys holds the API keys that each provider accepts, by the provider's name ("bfl", "openai"), and under "openai/moderations"
	// those that may call the moderation endpoint and nothing else.
	Keys map[string][]string
	// BaseURL is the address under which clients reach the simulator; polling and result links start with it.
	// Empty: the Host header of the call that made the job. SetBaseURL changes it later.
	BaseURL string
	// Now tells the time for records and for the life of result links; nil: time.Now. Delays use real time.
	Now func() time.Time
	// Delay is how long a job, or a synchronous answer, takes when no fault says otherwise.
	Delay time.Duration
	// LinkLifetime is how long a result link works; 0: ten minutes, as BFL documents.
	LinkLifetime time.Duration
	// WebhookRetries are the waits before the second and further tries of a webhook; nil: 1 s, 5 s, 30 s as BFL
	// documents. Tests give shorter ones.
	WebhookRetries []time.Duration
	// HangLimit bounds how long a hanging call is held when the client does not leave; 0: one minute.
	HangLimit time.Duration
	// Keep is how many calls, and how many jobs, are remembered; 0: 20,000.
	Keep int
	// Parallel is how many pictures are drawn at once; 0: two.
	Parallel int
	// Sample adds "sample", a provider that does not exist, for the proof that one more can be added.
	Sample bool
	// Log gets accepted work, webhooks that were not taken and directives that were not understood, never a key or more of a prompt
	// than the word that is wrong; nil: no log.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.LinkLifetime == 0 {
		o.LinkLifetime = 10 * time.Minute
	}
	if o.WebhookRetries == nil {
		o.WebhookRetries = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second}
	}
	if o.HangLimit == 0 {
		o.HangLimit = time.Minute
	}
	if o.Keep == 0 {
		o.Keep = 20_000
	}
	if o.Parallel == 0 {
		o.Parallel = 2
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// protocol is one provider's side of the wire. A new provider is one file with a type that implements it and one line in New.
type protocol interface {
	// name is the provider's name and the first part of its paths: /bfl/…
	name() string
	// models are the names that create calls have for its models, for the check of orders.
	models() []string
	// hasJobs says whether a create call makes a job that goes on after the answer. Faults of jobs, polls, webhooks and
	// links mean nothing to the others and are refused there.
	hasJobs() bool
	// routes adds the provider's paths.
	routes(mux *http.ServeMux)
	// refuse gives the documented status and error body for a reason to refuse.
	refuse(why refusal) (status int, body any)
}

// refusal is a reason to refuse a call that every provider has, each in its own words.
type refusal struct {
	why    reason
	detail string // free text for the message
	wait   int    // seconds, for tooMany
}

type reason string

const (
	wrongKey     reason = "wrong key"     // none, or an unknown one
	noBalance    reason = "no balance"    // the account has no money left
	noAccess     reason = "no access"     // the key is known but may not do this
	retired      reason = "retired"       // there is no such model any more
	tooMany      reason = "too many"      // rate limit
	broken       reason = "broken"        // the provider's own fault
	badDirective reason = "bad directive" // a fault order in the prompt that the simulator does not know
)

// Simulator is an http.Handler that plays every provider. Close it when done.
type Simulator struct {
	opts      Options
	mux       *http.ServeMux
	studio    *studio
	protocols []protocol
	providers []string // their names
	calls     *callLog
	orders    *orderBook
	jobs      *jobStore
	bodies    bodies
	loopback  *http.Client // for webhooks and input images

	baseMu sync.RWMutex
	base   string

	ctx  context.Context // ends with Close: jobs, webhooks and hanging calls watch it
	stop context.CancelFunc
	work sync.WaitGroup // one per running job
}

// New makes a simulator. It runs nothing until it is called.
func New(opts Options) *Simulator {
	opts = opts.withDefaults()
	s := &Simulator{
		opts:     opts,
		mux:      http.NewServeMux(),
		studio:   newStudio(opts.Parallel),
		calls:    newCallLog(opts.Keep, opts.Now),
		orders:   newOrderBook(opts.Keep),
		jobs:     newJobStore(opts.Keep),
		loopback: loopbackClient(),
		base:     strings.TrimRight(opts.BaseURL, "/"),
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	protocols := []protocol{&bfl{s}, &openai{s}, &gemini{s}, newFal(s), newReplicate(s)}
	if opts.Sample {
		protocols = append(protocols, sample{s})
	}
	for _, p := range protocols {
		p.routes(s.mux)
		s.protocols = append(s.protocols, p)
		s.providers = append(s.providers, p.name())
	}
	s.mux.HandleFunc("GET /delivery/{job}/{token}/{file}", s.serveLink)
	s.mux.HandleFunc(elsewhere, s.serveElsewhere)
	s.controlRoutes()
	s.thumbnailRoutes()
	s.pageRoutes()
	return s
}

// ServeHTTP answers provider calls, result links, the control endpoints and the page.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// SetBaseURL sets the address under which clients reach the simulator, for links made from now on.
func (s *Simulator) SetBaseURL(url string) {
	s.baseMu.Lock()
	defer s.baseMu.Unlock()
	s.base = strings.TrimRight(url, "/")
}

// Close ends running jobs, webhooks and hanging calls and waits for them. Links of finished jobs stop working with the server.
func (s *Simulator) Close() {
	s.stop()
	s.work.Wait()
	s.loopback.CloseIdleConnections()
}

// baseURL is the address to put in front of links that answer a call.
func (s *Simulator) baseURL(r *http.Request) string {
	s.baseMu.RLock()
	defer s.baseMu.RUnlock()
	if s.base != "" {
		return s.base
	}
	return "http://" + r.Host
}

// accepts says whether a provider knows an API key.
func (s *Simulator) accepts(provider, key string) bool {
	known := false
	for _, k := range s.opts.Keys[provider] {
		if k != "" && subtle.ConstantTimeCompare([]byte(k), []byte(key)) == 1 {
			known = true
		}
	}
	return known
}

// acceptsBearer says whether a call shows a key that a provider knows, as a bearer token.
func (s *Simulator) acceptsBearer(provider string, r *http.Request) bool {
	key, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return bearer && s.accepts(provider, key)
}

// sleep waits; it is false when the simulator closed or ctx ended first.
func (s *Simulator) sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	case <-s.ctx.Done():
		return false
	}
}
