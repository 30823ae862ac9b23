package catalog

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"darkroom/shared/fault"
)

// Params are a user's wishes for one image. Empty fields take the model's defaults.
type Params struct {
	Size         string // "1024x1024"; or
	AspectRatio  string // "3:2"; not both
	Quality      string
	OutputFormat string
	Background   string
	Seed         *int64 // 0 to 2^32 - 1
}

// Order is what will be made: every choice settled, and the price of it.
type Order struct {
	Params
	Width, Height int
	Credits       int64    // for one image
	PriceVersion  string   // of the catalogue that Credits come from
	Warnings      []string // wishes this model ignores
}

// Resolve settles a wish for a model. A refusal names the field, what is wrong and what is allowed; prefix is put before the field's name.
func (c *Catalog) Resolve(m *Model, wish Params, prefix string) (Order, error) {
	order := Order{Params: wish, PriceVersion: c.PriceVersion}
	size, err := m.size(wish, prefix)
	if err != nil {
		return Order{}, err
	}
	order.Size, order.AspectRatio = size.Size, size.AspectRatio
	order.Width, order.Height, _ = size.Pixels() // checked when the catalogue was read
	if order.Quality, err = choose(prefix+"quality", wish.Quality, m.Qualities); err != nil {
		return Order{}, err
	}
	if order.OutputFormat, err = choose(prefix+"output_format", wish.OutputFormat, m.Formats); err != nil {
		return Order{}, err
	}
	switch {
	case len(m.Backgrounds) > 0:
		if order.Background, err = choose(prefix+"background", wish.Background, m.Backgrounds); err != nil {
			return Order{}, err
		}
	case wish.Background != "":
		order.Background = ""
		order.Warnings = append(order.Warnings, fmt.Sprintf("background is ignored: %s has no choice of it", m.ID))
	}
	if order.Background == "transparent" && order.OutputFormat == "jpeg" {
		return Order{}, fault.Invalid(prefix+"background", "is %q, which needs output_format png or webp, not jpeg", order.Background)
	}
	if wish.Seed != nil && !m.Seed {
		order.Seed = nil
		order.Warnings = append(order.Warnings, fmt.Sprintf("seed is ignored: %s takes none", m.ID))
	}
	order.Credits = size.Credits[order.Quality]
	return order, nil
}

func (m *Model) size(wish Params, prefix string) (Size, error) {
	switch {
	case wish.Size != "" && wish.AspectRatio != "":
		return Size{}, fault.Invalid(prefix+"size", "give either size or aspect_ratio, not both")
	case wish.Size != "":
		if at := slices.IndexFunc(m.Sizes, func(s Size) bool { return s.Size == wish.Size }); at >= 0 {
			return m.Sizes[at], nil
		}
		return Size{}, fault.Invalid(prefix+"size", "is %q; allowed for %s: %s", clip(wish.Size), m.ID, m.list(func(s Size) string { return s.Size }))
	case wish.AspectRatio != "":
		if at := slices.IndexFunc(m.Sizes, func(s Size) bool { return s.AspectRatio == wish.AspectRatio }); at >= 0 {
			return m.Sizes[at], nil
		}
		return Size{}, fault.Invalid(prefix+"aspect_ratio", "is %q; allowed for %s: %s", clip(wish.AspectRatio), m.ID, m.list(func(s Size) string { return s.AspectRatio }))
	}
	return m.Sizes[0], nil
}

func (m *Model) list(of func(Size) string) string {
	var all []string
	for _, s := range m.Sizes {
		if text := of(s); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return strings.Join(all, ", ")
}

// choose is the wish if it is allowed, and the first allowed value without one.
func choose(field, wish string, allowed []string) (string, error) {
	if wish == "" {
		return allowed[0], nil
	}
	if !slices.Contains(allowed, wish) {
		return "", fault.Invalid(field, "is %q; allowed: %s", clip(wish), strings.Join(allowed, ", "))
	}
	return wish, nil
}

// clip keeps an echo of somebody's input short.
func clip(text string) string {
	if utf8.RuneCountInString(text) > 40 {
		return string([]rune(text)[:40]) + "…"
	}
	return text
}

// CheckPrompt refuses a prompt that is empty, too long for the model or not plain text.
func (m *Model) CheckPrompt(prompt, field string) error {
	if strings.TrimSpace(prompt) == "" {
		return fault.Invalid(field, "is empty; describe the image in 1 to %d characters", m.PromptLimit)
	}
	if n := utf8.RuneCountInString(prompt); n > m.PromptLimit {
		return fault.Invalid(field, "has %d characters; allowed for %s: 1 to %d", n, m.ID, m.PromptLimit)
	}
	for _, r := range prompt {
		if r == utf8.RuneError || (r < ' ' && r != '\n' && r != '\t' && r != '\r') || r == 0x7f {
			return fault.Invalid(field, "holds the control character %U; allowed: text with line breaks and tabs", r)
		}
	}
	return nil
}
