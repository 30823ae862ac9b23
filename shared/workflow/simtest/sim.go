package simtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"darkroom/shared/catalog"
	"darkroom/shared/memstore"
	"darkroom/shared/moderation"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/workflow"
	"darkroom/shared/workflow/invariant"
)

// Options say how hard a simulation is. The zero value draws everything from the seed.
type Options struct {
	Broken map[string]*transition.Row // rows to be replaced by broken ones: the simulation must notice
	Brief  bool                       // stop when the trouble ends: enough to find a mistake
	Wrote  func(row string)           // hears of every write by its row's id, to see how far a simulation goes; nil: nobody
	Trace  func(string)               // hears what happens, to understand a failure; nil: nobody
}

// faults are the shares of calls, messages and answers that go wrong, 0 to 1.
type faults struct {
	Lose, Double float64 // messages and webhooks
	Errors       float64 // calls that fail, half of them after they took effect
	Crashes      float64 // calls at which the process dies
	Provider     float64 // answers of providers that are no success
	Lies         float64 // reports of providers that are drawn anew each time
}

// sim is one run.
type sim struct {
	seed     uint64
	options  Options
	faults   faults
	random   *rand.Rand
	clock    *Clock
	store    *memstore.Store
	bucket   *Bucket
	counts   *Counts
	step     int
	machines []machine

	processes []*process
	messages  []posted
	webhooks  []posted
	jobs      []*simJob
	calls     map[string]int  // submits by marker: by attempt
	perTask   map[task.ID]int // submits by task
	executed  map[task.ID]int // those that may have been executed
	newID     func() string
	deadline  time.Duration

	mu      sync.Mutex
	changed map[transition.Key]bool            // written since the last check
	items   map[transition.Key]transition.Item // as they were then
	told    []error                            // what must not have happened
}

// machine is one set of processes that share a clock, which may be wrong.
type machine struct {
	skew      time.Duration
	creator   *workflow.Creator
	submitter *workflow.Submitter
	poller    *workflow.Poller
	storer    *workflow.Storer
	receiver  *workflow.Receiver
	sweeper   *workflow.Sweeper
	tasks     *workflow.Tasks
	operators *workflow.Operators
}

// posted is something on its way.
type posted struct {
	at      time.Time
	message task.Message
	call    provider.Call // of a webhook
	words   []string
}

// simDeadline is the longest of the catalogue.
const simDeadline = 35 * time.Minute

// simSteps is how long a run goes wrong before it is left in peace.
const simSteps = 180

// Simulate runs the workflow through one seed: first with everything going wrong that the seed says, then in peace until every task has ended. The error
// names the seed, the step and the first invariant that did not hold.
func Simulate(seed uint64, options Options) error {
	s := newSim(seed, options)
	for s.step = 1; s.step <= simSteps; s.step++ {
		s.act()
		if err := s.check(); err != nil {
			s.killAll()
			return fmt.Errorf("seed %d, step %d: %w", seed, s.step, err)
		}
	}
	if options.Brief {
		s.killAll()
		return nil
	}
	if err := s.peace(); err != nil {
		return fmt.Errorf("seed %d, in peace: %w", seed, err)
	}
	return nil
}

func newSim(seed uint64, options Options) *sim {
	s := &sim{seed: seed, options: options, random: rand.New(rand.NewPCG(seed, 7)), clock: NewClock(), store: memstore.New(), bucket: &Bucket{}, counts: &Counts{},
		calls: map[string]int{}, perTask: map[task.ID]int{}, executed: map[task.ID]int{}, newID: IDs(),
		changed: map[transition.Key]bool{}, items: map[transition.Key]transition.Item{}, deadline: []time.Duration{3 * time.Minute, 15 * time.Minute, time.Hour}[rand.New(rand.NewPCG(seed, 8)).IntN(3)]}
	share := func(most float64) float64 { // often nothing, sometimes all of it
		return []float64{0, 0, most * s.random.Float64(), most * s.random.Float64(), most}[s.random.IntN(5)]
	}
	s.faults = faults{Lose: share(1), Double: share(0.9), Errors: share(0.3), Crashes: share(0.2), Provider: share(0.8), Lies: share(1)}
	for range 3 {
		skew := time.Duration(0)
		if s.random.IntN(3) == 0 {
			skew = time.Duration(s.random.Int64N(int64(2*time.Hour))) - time.Hour
		}
		s.machines = append(s.machines, s.machine(skew))
	}
	return s
}

func (s *sim) machine(skew time.Duration) machine {
	now := func() time.Time { return s.clock.Now().Add(skew) }
	providers := provider.Set{"bfl": provider.New(simDriver{&JobDriver{}, s}, provider.Settings{}), "openai": provider.New(simAtOnce{s}, provider.Settings{})}
	rules := Rules
	rules.Undo = 10 * time.Minute
	e := &workflow.Engine{Store: simStore{s}, Hints: simQueue{s}, Rules: rules, Catalog: simCatalog, Now: now, NewID: s.newID, Log: slog.New(slog.DiscardHandler), Metrics: s.counts}
	switches := &workflow.Switches{Store: simStore{s}, Now: now}
	m := machine{skew: skew}
	accounts := &workflow.Accounts{Engine: e, SignupGrant: 40, Limit: 4}
	m.creator = &workflow.Creator{Engine: e, Accounts: accounts, Switches: switches, Policy: moderation.Policy{}, DeadlineLimit: s.deadline}
	m.submitter = &workflow.Submitter{Engine: e, Providers: providers, Switches: switches, Staging: simBucket{s}, Tokens: Tokens(), PublicURL: "https://api.example.com", CallLimit: time.Minute}
	m.poller = &workflow.Poller{Engine: e, Providers: providers}
	m.storer = &workflow.Storer{Engine: e, Objects: simBucket{s}, Fetcher: s}
	m.receiver = &workflow.Receiver{Engine: e, Providers: providers, Tokens: Tokens()}
	m.sweeper = &workflow.Sweeper{Engine: e, Index: simStore{s}}
	m.tasks = &workflow.Tasks{Engine: e, Creator: m.creator}
	m.operators = &workflow.Operators{Engine: e, Accounts: accounts}
	return m
}

var simCatalog = catalog.Load()

// trace tells whoever listens.
func (s *sim) trace(format string, values ...any) {
	if s.options.Trace != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.options.Trace(fmt.Sprintf("%4d %s ", s.step, s.clock.Now().Format("15:04:05")) + fmt.Sprintf(format, values...))
	}
}

// post puts a message on its way.
func (s *sim) post(m task.Message, delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, posted{at: s.clock.Now().Add(delay), message: m})
}

func (s *sim) deliver(j *simJob, delay time.Duration, words ...string) {
	s.webhooks = append(s.webhooks, posted{at: s.clock.Now().Add(delay), call: j.call, words: words})
}

// check runs the invariants when something has changed.
func (s *sim) check() error {
	errs := s.told
	if s.counts.Of("LedgerMismatch") > 0 {
		errs = append(errs, errors.New("a task and its ledger disagreed"))
	}
	for _, code := range s.counts.Dimensions()["Code"] {
		if task.Fail(task.FailureCode(code)).Message == "" {
			errs = append(errs, fmt.Errorf("a metric has the code %q, which is none of the failure codes", code))
		}
	}
	if len(s.changed) > 0 {
		errs = append(errs, s.checkItems()...)
	}
	return errors.Join(errs...)
}

// checkItems holds the items against the invariants, and those that have changed against what they were.
func (s *sim) checkItems() []error {
	var before, after []transition.Stored
	for key := range s.changed {
		if old := s.items[key]; old != nil {
			before = append(before, transition.Stored{Key: key, Item: old})
		}
		s.items[key], _ = s.store.Get(context.Background(), key) // never fails
		after = append(after, transition.Stored{Key: key, Item: s.items[key]})
	}
	clear(s.changed)
	all := make([]transition.Stored, 0, len(s.items))
	for key, item := range s.items {
		all = append(all, transition.Stored{Key: key, Item: item})
	}
	tasks, ledger := split(all)
	return append(invariant.Check(tasks, ledger), invariant.Step(before, after)...)
}

// peace stops every fault, kills every process, loses everything that is on its way, and lets the sweep and the workers finish.
func (s *sim) peace() error {
	s.killAll()
	s.faults = faults{}
	s.messages, s.webhooks = nil, nil
	m := s.machine(0)
	s.run("on", func(ctx context.Context) error { return s.switchAll(ctx, m) })
	limit := simDeadline + Rules.Store + 15*time.Minute // the last lease and its grace, the waits of the last tries, two sweeps
	for _, m := range s.machines {
		limit += 2 * m.skew.Abs() // its times may be written in the items
	}
	for spent := time.Duration(0); ; spent += time.Minute {
		open := openTasks(s.items)
		if open == "" {
			break
		}
		if spent > limit {
			return fmt.Errorf("23 everything ends: after %s still open: %s", spent, open)
		}
		s.step++
		s.clock.Add(time.Minute)
		s.run("sweep", func(ctx context.Context) error { _, err := m.sweeper.Sweep(ctx); return err })
		for len(s.messages) > 0 {
			sortPosted(s.messages)
			next := s.take(&s.messages, 0)
			s.run("hint", func(ctx context.Context) error { return s.handle(ctx, m, next.message) })
		}
		if err := s.check(); err != nil {
			return err
		}
	}
	tasks, _ := split(s.store.All())
	return errors.Join(append(invariant.Objects(tasks, s.bucket.Keys()), invariant.DueInReach(tasks, s.clock.Now(), 15*time.Minute)...)...)
}

// run runs a process from its start to its end.
func (s *sim) run(name string, body func(context.Context) error) {
	p := s.start(name, false, body, nil)
	s.resume(p)
}

// take removes one of the things on their way.
func (s *sim) take(from *[]posted, n int) posted {
	taken := (*from)[n]
	*from = slices.Delete(*from, n, n+1)
	return taken
}

// sortPosted makes an order of what is on its way, so that nothing depends on which goroutine of a process was first to send.
func sortPosted(all []posted) {
	slices.SortFunc(all, func(a, b posted) int {
		return cmp.Or(a.at.Compare(b.at), strings.Compare(string(a.message.Task), string(b.message.Task)), strings.Compare(string(a.message.Queue), string(b.message.Queue)),
			strings.Compare(a.message.Request, b.message.Request), strings.Compare(a.call.Marker, b.call.Marker), slices.Compare(a.words, b.words))
	})
}

// openTasks names the tasks that have not ended, or whose content waits to be erased.
func openTasks(items map[transition.Key]transition.Item) string {
	var open []string
	for key, item := range items {
		_, id, ok := task.OfKey(key)
		if ok && (!task.State(item.Text("state")).Terminal() || item.Flag("erase")) {
			open = append(open, fmt.Sprintf("%s (%s, attempt %d)", id, item.Text("state"), item.Int("att")))
		}
	}
	slices.Sort(open)
	return strings.Join(open, ", ")
}
