package catalog

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
)

var (
	idForm     = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}$`)
	ratioForm  = regexp.MustCompile(`^[1-9][0-9]?:[1-9][0-9]?$`)
	knownModes = []string{"text", "edit", "reference"}
	knownTypes = []string{"png", "jpeg", "webp"}
	knownBacks = []string{"auto", "opaque", "transparent"}
)

// ratioTolerance is how far a size may be from the ratio that it goes by: sides are multiples of 16, and 1376x768 passes for 16:9.
const ratioTolerance = 0.02

// What a deadline must leave room for, in seconds: each attempt's lease beyond its call, and the wait for news of a lost call.
const (
	leaseSeconds       = 60
	graceSeconds       = 120
	shortestDeadline   = 15 * 60
	longestCallSeconds = 780 // below the longest time a function may run, 900 s, with room to stage the answer
)

// What images of a call may have in all, in bytes: enough that sixteen of them still show something, and little enough for the memory of the submit function.
const (
	leastInputBytes = 1 << 20
	mostInputBytes  = 8 << 20
)

// check finds the first hole in a catalogue.
func (c *Catalog) check() error {
	if c.PriceVersion == "" {
		return errors.New("price_version is missing")
	}
	if c.CreditMicroUSD < 1 || c.CreditMicroUSD > highestMicroUSD {
		return fmt.Errorf("credit_micro_usd: %d is outside 1 to %d", c.CreditMicroUSD, highestMicroUSD)
	}
	for name, p := range c.Providers {
		if p.Answers != Job && p.Answers != AtOnce {
			return fmt.Errorf("provider %s: answers %q; allowed: %q, %q", name, p.Answers, Job, AtOnce)
		}
		if p.InputBytes < leastInputBytes || p.InputBytes > mostInputBytes {
			return fmt.Errorf("provider %s: input_bytes %d; allowed: %d to %d", name, p.InputBytes, leastInputBytes, mostInputBytes)
		}
	}
	if len(c.Models) == 0 {
		return errors.New("models: there are none")
	}
	seen, runs := map[string]bool{}, map[string]bool{}
	for _, m := range c.Models {
		if seen[m.ID] {
			return fmt.Errorf("model %s: listed twice", m.ID)
		}
		seen[m.ID] = true
		if err := c.checkModel(m); err != nil {
			return fmt.Errorf("model %s: %w", m.ID, err)
		}
		for _, r := range m.Routes {
			runs[r.Provider] = true
		}
	}
	for name := range c.Providers {
		if !runs[name] { // operators would see a switch that moves nothing, and be asked for a key that nobody uses
			return fmt.Errorf("provider %s: no model's routes lead to it", name)
		}
	}
	return nil
}

func (c *Catalog) checkModel(m Model) error {
	switch {
	case !idForm.MatchString(m.ID):
		return errors.New("id: lower-case letters, digits, dots and dashes only")
	case m.Name == "" || m.Description == "":
		return errors.New("name and description must be given")
	case len(m.Routes) == 0:
		return errors.New("routes: nobody runs it")
	case (m.MaxReferences > 0) != (slices.Contains(m.Modes, "edit") || slices.Contains(m.Modes, "reference")):
		return fmt.Errorf("max_references: %d does not fit the modes %v", m.MaxReferences, m.Modes)
	case m.MaxReferences < 0 || m.MaxReferences > 16 || m.InputCredits < 0 || m.InputCredits > 1000:
		return errors.New("max_references must be 0 to 16, input_credits 0 to 1000")
	case (m.MaxInputPixels > 0) != (m.MaxReferences > 0) || m.MaxInputPixels < 0 || m.MaxInputPixels > 4*megapixel:
		return fmt.Errorf("max_input_pixels: %d is outside 1 to %d, or given for a model without inputs", m.MaxInputPixels, 4*megapixel)
	case m.Mask && !slices.Contains(m.Modes, "edit"):
		return errors.New("mask: only an edit has one")
	case m.PromptLimit < 1 || m.PromptLimit > 32000:
		return fmt.Errorf("prompt_limit: %d is outside 1 to 32000", m.PromptLimit)
	case len(m.Sizes) == 0 || len(m.Qualities) == 0 || len(m.Formats) == 0 || len(m.Modes) == 0:
		return errors.New("modes, sizes, qualities and formats need at least one entry each")
	case m.Backgrounds == nil: // the API promises a list
		return errors.New("backgrounds: write [] where none can be chosen")
	case m.UsualSeconds.P50 < 1 || m.UsualSeconds.P95 < m.UsualSeconds.P50:
		return errors.New("usual_seconds: p50 must be 1 or more, p95 not below it")
	case m.CallSeconds < 1 || m.CallSeconds > longestCallSeconds:
		return fmt.Errorf("call_seconds: %d is outside 1 to %d", m.CallSeconds, longestCallSeconds)
	case m.MaxAttempts < 1 || m.MaxAttempts > 3:
		return fmt.Errorf("max_attempts: %d is outside 1 to 3", m.MaxAttempts)
	}
	// Every attempt may use its whole lease and be lost, and the last one still gets its grace.
	if least := max(shortestDeadline, m.MaxAttempts*(m.CallSeconds+leaseSeconds+graceSeconds)+graceSeconds); m.DeadlineSeconds < least {
		return fmt.Errorf("deadline_seconds: %d is below %d, what its attempts need", m.DeadlineSeconds, least)
	}
	if err := m.checkChoices(); err != nil {
		return err
	}
	for _, r := range m.Routes {
		p, known := c.Providers[r.Provider]
		if !known || r.Model == "" {
			return fmt.Errorf("routes: provider %q or its model id is not known", r.Provider)
		}
		if p.Answers != c.Providers[m.Routes[0].Provider].Answers {
			return errors.New("routes: all must answer in the same way, so that a task stays on its queue")
		}
	}
	if err := m.checkSizes(); err != nil {
		return err
	}
	for _, r := range m.Routes {
		if err := r.Cost.check(m); err != nil {
			return fmt.Errorf("routes: %s: %w", r.Provider, err)
		}
	}
	return nil
}

// checkChoices looks at the lists of words: what stands in them is known, and there once.
func (m Model) checkChoices() error {
	var by []string // a model is found on a provider by the provider's name, so a second route to it would never be taken
	for _, r := range m.Routes {
		by = append(by, r.Provider)
	}
	for _, list := range []struct {
		field        string
		words, known []string // known nil: any
	}{
		{"modes", m.Modes, knownModes}, {"formats", m.Formats, knownTypes}, {"backgrounds", m.Backgrounds, knownBacks}, {"qualities", m.Qualities, nil}, {"routes", by, nil},
	} {
		for i, word := range list.words {
			if list.known != nil && !slices.Contains(list.known, word) {
				return fmt.Errorf("%s: %q; allowed: %v", list.field, word, list.known)
			}
			if slices.Contains(list.words[:i], word) {
				return fmt.Errorf("%s: %q is listed twice", list.field, word)
			}
		}
	}
	return nil
}

func (m Model) checkSizes() error {
	for i, s := range m.Sizes {
		if err := s.checkRatio(); err != nil {
			return err
		}
		if slices.ContainsFunc(m.Sizes[:i], func(o Size) bool { return o.Size == s.Size }) {
			return fmt.Errorf("sizes: %s is listed twice", s.Size)
		}
		if len(s.Credits) != len(m.Qualities) {
			return fmt.Errorf("sizes: %s has %d prices for %d qualities", s.Size, len(s.Credits), len(m.Qualities))
		}
		for _, quality := range m.Qualities {
			if price := s.Credits[quality]; price < 1 || price > 10_000 {
				return fmt.Errorf("sizes: %s at quality %s costs %d; allowed: 1 to 10000", s.Size, quality, price)
			}
		}
	}
	return nil
}

// checkRatio compares the ratio with the sides. Users ask for a ratio and pay for the size, and some providers are told the ratio alone.
func (s Size) checkRatio() error {
	width, height, err := s.Pixels()
	if err != nil {
		return err
	}
	if !ratioForm.MatchString(s.AspectRatio) {
		return fmt.Errorf("sizes: %s: aspect_ratio %q is not <a>:<b> with numbers from 1 to 99", s.Size, s.AspectRatio)
	}
	var a, b float64
	fmt.Sscanf(s.AspectRatio, "%g:%g", &a, &b) //nolint:errcheck // its form was checked
	if off := float64(width) / float64(height) / (a / b); math.Abs(off-1) > ratioTolerance {
		return fmt.Errorf("sizes: %s: aspect_ratio %s is not its own", s.Size, s.AspectRatio)
	}
	return nil
}

// Pixels reads the size.
func (s Size) Pixels() (width, height int, err error) {
	var rest string
	if n, _ := fmt.Sscanf(s.Size, "%dx%d%s", &width, &height, &rest); n != 2 || width < 64 || height < 64 || width > 8192 || height > 8192 {
		return 0, 0, fmt.Errorf("sizes: %q is not <width>x<height> with sides from 64 to 8192", s.Size)
	}
	return width, height, nil
}
