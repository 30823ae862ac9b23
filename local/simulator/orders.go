package simulator

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Order is a fault order by the control endpoint. It applies to the submits that come after it and match, and through
// them to their jobs' polls, webhooks and links. Faults of the moderation endpoint apply to the calls of that instead: it is told
// neither provider nor model, and of images no prompt.
type Order struct {
	ID       string `json:"id,omitempty"`       // given by the simulator
	Provider string `json:"provider,omitempty"` // empty: every provider that knows the faults
	Model    string `json:"model,omitempty"`    // by the provider's own name for it; empty: every model
	Prompt   string `json:"prompt,omitempty"`   // part of the prompt; empty: every prompt
	Times    int    `json:"times,omitempty"`    // how many submits it applies to in all; 0: until it is removed
	Faults   string `json:"faults"`             // as in a directive: "throttle=2 retry_after=1"
	Applied  int    `json:"applied,omitempty"`  // how many submits it has applied to
}

// maxOrders bounds the order book; tests that never clean up should notice.
const maxOrders = 1000

// orderBook holds the orders and counts how often each fault struck.
type orderBook struct {
	mu     sync.Mutex
	orders []*placed
	struck *bounded[int] // by plan counter and fault name
}

type placed struct {
	Order
	settings map[string]setting
}

// takes says whether the order has a fault of the moderation endpoint, or one of anything else, and is not used up.
func (o *placed) takes(screening bool) bool {
	some := false
	for name := range o.settings {
		f, _ := faultNamed(name)
		some = some || (f.Stage == AtScreen) == screening
	}
	return some && (o.Times == 0 || o.Applied < o.Times)
}

func newOrderBook(keep int) *orderBook { return &orderBook{struck: newBounded[int](keep)} }

// place adds an order after checking it.
func (b *orderBook) place(o Order, protocols []protocol) (Order, error) {
	settings, err := readFaults(o.Faults)
	switch {
	case err != nil:
		return Order{}, fmt.Errorf("faults: %w", err)
	case len(settings) == 0:
		return Order{}, fmt.Errorf("faults: none given; allowed: %s", allowedFaults())
	case o.Times < 0:
		return Order{}, fmt.Errorf("times: %d; allowed: 1 or more, or 0 for no limit", o.Times)
	}
	if err := suitable(o.Provider, settings, protocols); err != nil {
		return Order{}, err
	}
	if err := modelKnown(o.Provider, o.Model, protocols); err != nil {
		return Order{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.orders) == maxOrders {
		return Order{}, fmt.Errorf("%d orders are placed already; remove some with DELETE /_control/faults", maxOrders)
	}
	o.ID, o.Applied = "ord_"+rand.Text(), 0
	b.orders = append(b.orders, &placed{o, settings})
	return o, nil
}

// suitable says why the provider that an order names, if any, does not know one of its faults.
func suitable(provider string, settings map[string]setting, protocols []protocol) error {
	if provider == "" {
		return nil
	}
	var names []string
	for _, p := range protocols {
		if p.name() == provider {
			return misfit(p, settings)
		}
		names = append(names, p.name())
	}
	return fmt.Errorf("provider: unknown %q; allowed: %s, or none for all", provider, strings.Join(names, ", "))
}

// modelKnown says why the model that an order names, if any, is not one of its provider, or of any when it names none.
func modelKnown(provider, model string, protocols []protocol) error {
	var known []string
	for _, p := range protocols {
		if provider == "" || p.name() == provider {
			known = append(known, p.models()...)
		}
	}
	if model == "" || slices.Contains(known, model) {
		return nil
	}
	return fmt.Errorf("model: unknown %q; allowed, as the provider names them: %s, or none for all", model, strings.Join(known, ", "))
}

// names lists the names in a provider's table of models.
func names[M any](table []M, name func(M) string) []string {
	all := make([]string, 0, len(table))
	for _, m := range table {
		all = append(all, name(m))
	}
	return all
}

// misfit reports the first fault that means nothing to a provider.
func misfit(p protocol, settings map[string]setting) error {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if f, _ := faultNamed(name); !f.suits(p, settings[name].word) {
			return fmt.Errorf("fault %q is about jobs, and %s has none: its create call answers with the image", name, p.name())
		}
	}
	return nil
}

// errNoOrder reports a removal of an order that is not there.
var errNoOrder = errors.New("no such order")

// remove takes one order away, or all when id is empty.
func (b *orderBook) remove(id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := len(b.orders)
	b.orders = slices.DeleteFunc(b.orders, func(o *placed) bool { return id == "" || o.ID == id })
	if id != "" && len(b.orders) == before {
		return errNoOrder
	}
	return nil
}

// list returns the orders, oldest first.
func (b *orderBook) list() []Order {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]Order, 0, len(b.orders))
	for _, o := range b.orders {
		all = append(all, o.Order)
	}
	return all
}

// plan is what was ordered for one submit and its job. The zero plan is no faults.
type plan struct {
	book   *orderBook
	faults map[string]planned
}

type planned struct {
	setting
	counter string // what the times are counted by: the provider and prompt, and the order if there is one
}

// plan collects the faults for a submit: those in the prompt first, then those of matching orders, oldest first; the
// first to name a fault wins. text is the prompt without its directives.
func (b *orderBook) plan(p protocol, model, prompt string) (_ plan, text string, err error) {
	text, inPrompt, err := splitPrompt(prompt)
	if err != nil {
		return plan{}, "", err
	}
	if err := misfit(p, inPrompt); err != nil {
		return plan{}, "", err
	}
	counter := fmt.Sprintf("%s %x", p.name(), sha256.Sum256([]byte(prompt)))
	made := plan{book: b, faults: map[string]planned{}}
	made.add(inPrompt, counter, p)

	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range b.orders {
		if (o.Provider == "" || o.Provider == p.name()) && (o.Model == "" || o.Model == model) &&
			strings.Contains(prompt, o.Prompt) && o.takes(false) {
			o.Applied++
			made.add(o.settings, o.ID+" "+counter, p)
		}
	}
	return made, text, nil
}

// screening collects the faults for a call of the moderation endpoint. What it does not understand is for the provider to refuse.
func (b *orderBook) screening(prompt string) plan {
	_, inPrompt, _ := splitPrompt(prompt) //nolint:errcheck // see above
	counter := fmt.Sprintf("moderation %x", sha256.Sum256([]byte(prompt)))
	made := plan{book: b, faults: map[string]planned{}}
	made.add(inPrompt, counter, &openai{})

	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range b.orders {
		if strings.Contains(prompt, o.Prompt) && o.takes(true) {
			o.Applied++
			made.add(o.settings, o.ID+" "+counter, &openai{})
		}
	}
	return made
}

func (pl plan) add(settings map[string]setting, counter string, p protocol) {
	for name, set := range settings {
		f, _ := faultNamed(name)
		if _, taken := pl.faults[name]; !taken && f.suits(p, set.word) {
			pl.faults[name] = planned{set, counter}
		}
	}
}

// get returns a fault's setting, and whether it was ordered.
func (pl plan) get(name string) (setting, bool) {
	found, ok := pl.faults[name]
	return found.setting, ok
}

// has says whether a fault without a count was ordered.
func (pl plan) has(name string) bool {
	_, ok := pl.faults[name]
	return ok
}

// milliseconds returns a fault's time, and whether it was ordered.
func (pl plan) milliseconds(name string) (time.Duration, bool) {
	found, ok := pl.faults[name]
	return time.Duration(found.number) * time.Millisecond, ok
}

// take says whether a counted fault strikes now, and counts it.
func (pl plan) take(name string) bool {
	found, ok := pl.faults[name]
	if !ok {
		return false
	}
	if found.number == endless {
		return true
	}
	pl.book.mu.Lock()
	defer pl.book.mu.Unlock()
	key := found.counter + " " + name
	times, _ := pl.book.struck.get(key)
	if times >= found.number {
		return false
	}
	pl.book.struck.put(key, times+1)
	return true
}
