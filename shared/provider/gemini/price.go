package gemini

import "darkroom/shared/provider"

// rates are list prices in millionths of a US dollar for a thousand tokens: a thousand of them is a dollar for a million
// tokens. They are for cost reports, never for what a user pays: the catalogue has that.
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

// cost estimates what a call cost from its tokens. Thoughts are billed as text. A model whose price is not known costs an
// unknown amount, reported as 0.
func (u usage) cost(model string) provider.Usage {
	images := u.CandidatesTokenCount // without details: only an image was asked for
	if len(u.CandidatesTokensDetails) > 0 {
		images = 0
		for _, detail := range u.CandidatesTokensDetails {
			if detail.Modality == "IMAGE" {
				images += detail.TokenCount
			}
		}
		images = min(images, u.CandidatesTokenCount)
	}
	price := modelNamed(model).rates
	return provider.TokenUsage(
		[]provider.Tokens{{Count: u.PromptTokenCount, MicroUSDPer1K: price.in}},
		[]provider.Tokens{
			{Count: images, MicroUSDPer1K: price.image},
			{Count: u.CandidatesTokenCount - images, MicroUSDPer1K: price.text},
			{Count: u.ThoughtsTokenCount, MicroUSDPer1K: price.text},
		})
}
