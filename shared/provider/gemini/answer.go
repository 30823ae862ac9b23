package gemini

import "darkroom/shared/provider"

var recited = provider.Meaning{
	Class:   provider.Moderated,
	Message: "The model stopped because the picture came too close to existing material. Another prompt may work.",
}

// finished are the finish reasons of a call that made no usable image, whatever parts came with it. A reason that is not
// listed, STOP among them, says nothing: the image is there or not.
var finished = map[string]provider.Meaning{
	"SAFETY":                   provider.MeansModerated,
	"IMAGE_SAFETY":             provider.MeansModerated,
	"PROHIBITED_CONTENT":       provider.MeansModerated,
	"IMAGE_PROHIBITED_CONTENT": provider.MeansModerated,
	"BLOCKLIST":                provider.MeansModerated,
	"SPII":                     provider.MeansModerated, // personal data
	"LANGUAGE":                 provider.MeansModerated,
	"RECITATION":               recited,
	"IMAGE_RECITATION":         recited,

	// These pass at times: another attempt is right.
	"NO_IMAGE":                provider.MeansFailed,
	"IMAGE_OTHER":             provider.MeansFailed,
	"OTHER":                   provider.MeansFailed,
	"MAX_TOKENS":              provider.MeansFailed,
	"MALFORMED_FUNCTION_CALL": provider.MeansFailed,
	"CONTINUATION":            provider.MeansFailed,
}

// read takes the image out of an answer with status 200, which is not yet a success. First comes what was blocked before
// the work, then how the work ended, then whether there is an image. However it ended, its tokens are billed.
func read(answer provider.Answer, model string) ([]byte, provider.Usage, error) {
	var made generated
	if answer.Decode(&made) != nil { // executed, and of no use
		return nil, provider.Usage{}, answer.Failure(provider.MeansFailed, "with a body that cannot be read")
	}
	used := made.UsageMetadata.cost(model)
	failed := func(means provider.Meaning, detail string) ([]byte, provider.Usage, error) {
		return nil, provider.Usage{}, answer.Failure(means, detail).Charged(used)
	}
	if len(made.Candidates) == 0 {
		if reason := made.PromptFeedback.BlockReason; reason != "" {
			return failed(provider.MeansModerated, "blocked "+provider.CodeWord(reason))
		}
		return failed(provider.MeansFailed, "without a candidate")
	}
	first := made.Candidates[0]
	if means, bad := finished[first.FinishReason]; bad {
		return failed(means, "finished "+provider.CodeWord(first.FinishReason))
	}
	image := lastImage(first.Content.Parts)
	if len(image) == 0 {
		return failed(provider.MeansFailed, "without an image, finished "+provider.CodeWord(first.FinishReason))
	}
	return image, used, nil
}

// lastImage is the result: a model that thinks shows sketches before it, marked as thoughts, and texts may stand anywhere.
func lastImage(parts []part) []byte {
	var image []byte
	for _, p := range parts {
		if p.InlineData != nil && !p.Thought && len(p.InlineData.Data) > 0 {
			image = p.InlineData.Data
		}
	}
	return image
}
