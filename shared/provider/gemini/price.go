package gemini

import "darkroom/shared/provider"

// rates are list prices in US cents for a million tokens. They are for cost reports, never for what a user pays: the
// catalogue has that.
type rates struct{ in, text, image int64 }

// usage counts the tokens of a call.
type usage struct {
	PromptTokenCount        int64 `json:"promptTokenCount"`
	CandidatesTokenCount    int64 `json:"candidatesTokenCount"`
	ThoughtsTokenCount      int64 `json:"thoughtsTokenCount"`
	CandidatesTokensDetails []struct {
		Modality   string `json:"modality"`
		TokenCount int64  `json:"tokenCount"`
	} `json:"candidatesTokensDetails"`
}

// cost estimates what a call cost from its tokens, without discounts for cached ones. Thoughts are billed as text. A model
// whose price is not known costs an unknown amount, reported as 0.
func (u usage) cost(model string) provider.Usage {
	made, thoughts := plausible(u.CandidatesTokenCount), plausible(u.ThoughtsTokenCount)
	images := made // without details: only an image was asked for
	if len(u.CandidatesTokensDetails) > 0 {
		images = 0
		for _, detail := range u.CandidatesTokensDetails {
			if detail.Modality == "IMAGE" {
				images += plausible(detail.TokenCount)
			}
		}
		images = min(images, made)
	}
	used := provider.Usage{InputTokens: plausible(u.PromptTokenCount), OutputTokens: made + thoughts}
	price := modelNamed(model).rates
	const centsPerDollar = 100 // a dollar for a million tokens is a millionth of a dollar for one
	used.CostMicroUSD = (used.InputTokens*price.in + images*price.image + (made-images+thoughts)*price.text) / centsPerDollar
	return used
}

// plausible keeps a count within what can be multiplied by a price.
func plausible(tokens int64) int64 { return min(max(0, tokens), 1<<31) }
