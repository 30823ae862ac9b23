package openai

import (
	"strings"

	"darkroom/shared/provider"
)

// rate is a list price in US dollars for a million tokens, which is also millionths of a dollar for one.
type rate struct {
	model                string // the beginning of the model's id
	textIn, imageIn, out int64
}

// rates are for cost reports, never for what a user pays: the catalogue has that. The first that fits counts; a model
// without a line costs an unknown amount, reported as 0.
var rates = []rate{
	{"gpt-image-2", 5, 8, 30}, // 2, 2.5 and 2.6
	{"gpt-image-1.5", 5, 8, 32},
}

// cost estimates what a call cost from its tokens, without discounts for cached ones.
func (u usage) cost(model string) provider.Usage {
	used := provider.Usage{InputTokens: max(0, u.InputTokens), OutputTokens: max(0, u.OutputTokens)}
	for _, r := range rates {
		if strings.HasPrefix(model, r.model) {
			images := min(max(0, u.InputTokensDetails.ImageTokens), used.InputTokens)
			used.CostMicroUSD = (used.InputTokens-images)*r.textIn + images*r.imageIn + used.OutputTokens*r.out
			break
		}
	}
	return used
}
