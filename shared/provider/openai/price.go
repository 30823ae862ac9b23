package openai

import (
	"slices"
	"strings"

	"darkroom/shared/provider"
)

// rate is a list price in millionths of a US dollar for a thousand tokens: a thousand of them is a dollar for a million tokens.
type rate struct {
	model                string // the beginning of the model's id
	textIn, imageIn, out int64
}

// rates are for cost reports, never for what a user pays: the catalogue has that. The first that fits counts; a model
// without a line costs an unknown amount, reported as 0.
var rates = []rate{
	{"gpt-image-2", 5_000, 8_000, 30_000}, // 2, 2.5 and 2.6
	{"gpt-image-1.5", 5_000, 8_000, 32_000},
}

// cost estimates what a call cost from its tokens.
func (u usage) cost(model string) provider.Usage {
	var price rate
	if at := slices.IndexFunc(rates, func(r rate) bool { return strings.HasPrefix(model, r.model) }); at >= 0 {
		price = rates[at]
	}
	images := min(u.InputTokensDetails.ImageTokens, u.InputTokens)
	return provider.TokenUsage(
		[]provider.Tokens{{Count: u.InputTokens - images, MicroUSDPer1K: price.textIn}, {Count: images, MicroUSDPer1K: price.imageIn}},
		[]provider.Tokens{{Count: u.OutputTokens, MicroUSDPer1K: price.out}})
}
