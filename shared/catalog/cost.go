package catalog

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Cost is what an attempt costs us by a provider's list prices, in millionths of a US dollar. It stands in wherever the provider does not tell what it charged;
// what a user pays is the credits of a Size.
type Cost struct {
	Input int64  `json:"input"` // for each input image, masks aside, of the model's max_input_pixels
	Image []Tier `json:"image"` // smallest first
}

// Tier is the price of images up to a size.
type Tier struct {
	Megapixels float64          `json:"megapixels"` // of 1024 x 1024 pixels
	MicroUSD   map[string]int64 `json:"micro_usd"`  // by quality
}

const megapixel = 1 << 20

// tier is the cheapest that holds an image; nil when it is larger than any.
func (c Cost) tier(width, height int) *Tier {
	at := slices.IndexFunc(c.Image, func(t Tier) bool { return float64(width*height) <= t.Megapixels*megapixel })
	if at < 0 {
		return nil
	}
	return &c.Image[at]
}

// Estimate is the cost of one image made from a number of input images; 0 for a size or quality that is offered no more.
func (c Cost) Estimate(width, height int, quality string, inputs int) int64 {
	tier := c.tier(width, height)
	if tier == nil || tier.MicroUSD[quality] == 0 {
		return 0
	}
	return tier.MicroUSD[quality] + int64(inputs)*c.Input
}

// highestMicroUSD bounds a price: nobody asks a hundred dollars for an image, so it has a digit too many.
const highestMicroUSD = 100_000_000

// check finds what a model offers and this cost says nothing of.
func (c Cost) check(m Model) error {
	if c.Input < 0 || c.Input > highestMicroUSD {
		return fmt.Errorf("cost: an input at %d; allowed: 0 to %d", c.Input, highestMicroUSD)
	}
	if !slices.IsSortedFunc(c.Image, func(a, b Tier) int { return cmp.Compare(a.Megapixels, b.Megapixels) }) {
		return errors.New("cost: the tiers must be in the order of their megapixels")
	}
	for _, s := range m.Sizes {
		width, height, _ := s.Pixels() // checked before
		tier := c.tier(width, height)
		if tier == nil {
			return fmt.Errorf("cost: no tier holds %s", s.Size)
		}
		for _, quality := range m.Qualities {
			if price := tier.MicroUSD[quality]; price < 1 || price > highestMicroUSD {
				return fmt.Errorf("cost: %s at quality %s is %d; allowed: 1 to %d", s.Size, quality, price, highestMicroUSD)
			}
		}
	}
	return nil
}
