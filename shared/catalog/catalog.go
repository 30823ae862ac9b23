// Package catalog is what Darkroom offers: models, who runs them, what they can do, and what they cost. It is data; models.json is all of it.
package catalog

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"
)

//go:embed models.json
var embedded []byte

// The ways a provider answers. A job is started and asked about; a synchronous answer holds the image.
const (
	Job    = "job"
	AtOnce = "at once"
)

// Catalog is every model on offer. Prices change only together with PriceVersion.
type Catalog struct {
	PriceVersion   string              `json:"price_version"`
	CreditMicroUSD int64               `json:"credit_micro_usd"` // what a credit is worth to us, in millionths of a US dollar
	Providers      map[string]Provider `json:"providers"`
	Models         []Model             `json:"models"`

	etag string
}

// Provider is what the catalogue knows of a provider.
type Provider struct {
	Answers    string `json:"answers"`     // Job or AtOnce
	InputBytes int    `json:"input_bytes"` // of all images of a call, before they are written as text; masks aside. Lists of lost calls repeat them, so less is more there
}

// Model is one thing a user can pick. The first of sizes, qualities, formats and backgrounds is the default.
type Model struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	Description   string   `json:"description"`
	Routes        []Route  `json:"routes"` // who runs it, best first
	Modes         []string `json:"modes"`
	MaxReferences int      `json:"max_references"` // input images it takes, masks aside
	Mask          bool     `json:"mask"`           // whether an edit may have a mask
	InputCredits  int64    `json:"input_credits"`  // for each input image, masks aside
	// MaxInputPixels is what inputs are scaled down to, width x height: where a provider bills inputs by size, input_credits must cover it.
	MaxInputPixels int      `json:"max_input_pixels"`
	PromptLimit    int      `json:"prompt_limit"` // characters
	Seed           bool     `json:"seed"`         // whether a seed can be given
	Qualities      []string `json:"qualities"`
	Formats        []string `json:"formats"`
	Backgrounds    []string `json:"backgrounds"` // empty: cannot be chosen
	Sizes          []Size   `json:"sizes"`
	UsualSeconds   struct {
		P50 int `json:"p50"`
		P95 int `json:"p95"`
	} `json:"usual_seconds"`
	CallSeconds     int `json:"call_seconds"`     // one call to the provider
	DeadlineSeconds int `json:"deadline_seconds"` // from create to giving up
	MaxAttempts     int `json:"max_attempts"`     // 2 where an ambiguous submit is paid twice, else 3
}

// Route says under which name a provider runs the model, and what that costs us.
type Route struct {
	Provider string `json:"provider"`
	Model    string `json:"model"` // the provider's own id
	Cost     Cost   `json:"cost"`
}

// Size is one image size with its price at every quality.
type Size struct {
	Size        string           `json:"size"` // width x height in pixels: "1024x768"
	AspectRatio string           `json:"aspect_ratio"`
	Credits     map[string]int64 `json:"credits"` // by quality
}

// Load reads and checks the embedded catalogue. It panics on a hole: a test has read the same bytes before.
func Load() *Catalog {
	c, err := Parse(embedded)
	if err != nil {
		panic(err)
	}
	return c
}

// Parse reads and checks a catalogue. The error names the model and the rule that it breaks.
func Parse(data []byte) (*Catalog, error) {
	c, err := decode(data)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	sum := sha256.Sum256(data)
	c.etag = hex.EncodeToString(sum[:8])
	return c, nil
}

// Version changes whenever anything in the catalogue does.
func (c *Catalog) Version() string { return c.etag }

// Model finds a model by its id.
func (c *Catalog) Model(id string) (*Model, bool) {
	at := slices.IndexFunc(c.Models, func(m Model) bool { return m.ID == id })
	if at < 0 {
		return nil, false
	}
	return &c.Models[at], true
}

// Synchronous tells whether a model's providers answer with the image itself. Every route of a model is of one kind, so that a task stays
// on the queue it began on. An unknown model (retired since) is not.
func (c *Catalog) Synchronous(model string) bool {
	m, known := c.Model(model)
	return known && c.Providers[m.Routes[0].Provider].Answers == AtOnce
}

// ModelOn is the provider's own id of a model; false when the provider does not run it.
func (c *Catalog) ModelOn(model, provider string) (string, bool) {
	if m, known := c.Model(model); known {
		for _, route := range m.Routes {
			if route.Provider == provider {
				return route.Model, true
			}
		}
	}
	return "", false
}

// CallTime bounds one call to a provider.
func (m *Model) CallTime() time.Duration { return time.Duration(m.CallSeconds) * time.Second }

// Deadline is how long a task may take from create to giving up.
func (m *Model) Deadline() time.Duration { return time.Duration(m.DeadlineSeconds) * time.Second }

// ProviderNames lists the providers in alphabetical order.
func (c *Catalog) ProviderNames() []string { return slices.Sorted(maps.Keys(c.Providers)) }
