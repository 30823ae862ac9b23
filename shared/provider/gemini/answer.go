package gemini

import "darkroom/shared/provider"

// finished are the finish reasons of a call that made no usable image, whatever parts came with it. A reason that is not
// listed, STOP among them, says nothing: the image is there or not.
var finished = map[string]failure{
	"SAFETY":                   {provider.Moderated, saysModerated},
	"IMAGE_SAFETY":             {provider.Moderated, saysModerated},
	"PROHIBITED_CONTENT":       {provider.Moderated, saysModerated},
	"IMAGE_PROHIBITED_CONTENT": {provider.Moderated, saysModerated},
	"BLOCKLIST":                {provider.Moderated, saysModerated},
	"SPII":                     {provider.Moderated, saysModerated}, // personal data
	"LANGUAGE":                 {provider.Moderated, saysModerated},
	"RECITATION":               {provider.Moderated, saysRecited},
	"IMAGE_RECITATION":         {provider.Moderated, saysRecited},

	// These pass at times: another attempt is right.
	"NO_IMAGE":                {provider.JobFailed, saysFailed},
	"IMAGE_OTHER":             {provider.JobFailed, saysFailed},
	"OTHER":                   {provider.JobFailed, saysFailed},
	"MAX_TOKENS":              {provider.JobFailed, saysFailed},
	"MALFORMED_FUNCTION_CALL": {provider.JobFailed, saysFailed},
	"CONTINUATION":            {provider.JobFailed, saysFailed},
}

// read takes the image out of an answer with status 200, which is not yet a success. First comes what was blocked before
// the work, then how the work ended, then whether there is an image.
func read(answer provider.Answer) ([]byte, usage, error) {
	var made generated
	if answer.Decode(&made) != nil { // executed, and of no use
		return nil, usage{}, answer.Failure(provider.JobFailed, saysFailed, "with a body that cannot be read")
	}
	if len(made.Candidates) == 0 {
		if reason := made.PromptFeedback.BlockReason; reason != "" {
			return nil, usage{}, answer.Failure(provider.Moderated, saysModerated, "blocked "+provider.CodeWord(reason))
		}
		return nil, usage{}, answer.Failure(provider.JobFailed, saysFailed, "without a candidate")
	}
	first := made.Candidates[0]
	if means, bad := finished[first.FinishReason]; bad {
		return nil, usage{}, answer.Failure(means.class, means.message, "finished "+provider.CodeWord(first.FinishReason))
	}
	image := lastImage(first.Content.Parts)
	if len(image) == 0 {
		return nil, usage{}, answer.Failure(provider.JobFailed, saysFailed, "without an image, finished "+provider.CodeWord(first.FinishReason))
	}
	return image, made.UsageMetadata, nil
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
