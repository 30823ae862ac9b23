package openai

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"darkroom/shared/moderation"
	"darkroom/shared/provider"
)

// moderationModel reads texts and images. The snapshot behind it may change: that is wanted, because what it misses today it may find tomorrow.
const moderationModel = "omni-moderation-latest"

// moderationAnswer bounds an answer, in bytes; a usual one has 3,000.
const moderationAnswer = 64 << 10

// Moderator has content checked by OpenAI's moderation endpoint. A check costs nothing and starts nothing.
type Moderator struct{ api *Driver }

// NewModerator makes a moderator. Its key needs no right but that to the endpoint.
func NewModerator(settings Settings) Moderator { return Moderator{New(settings)} }

// Check has the prompt and every image looked at, and ends at the first that is flagged. The error is a *provider.Error of class TransientRead, Throttled or
// Down: nothing is known of the content then. Down too is a request that the endpoint does not take, because asking again will not change that.
func (m Moderator) Check(ctx context.Context, content moderation.Content) (moderation.Verdict, error) {
	header, err := m.api.key.Source.Header(ctx, provider.Down, "Authorization", "Bearer ")
	if err != nil {
		return moderation.Verdict{}, err
	}
	for _, body := range moderationRequests(content) {
		answer, err := m.api.client.Ask(ctx, provider.Request{URL: m.api.base + "/v1/moderations", Header: header, Body: body, Limit: moderationAnswer})
		if err != nil {
			return moderation.Verdict{}, err
		}
		if verdict, err := readVerdict(answer); err != nil || verdict.Flagged {
			return verdict, err
		}
	}
	return moderation.Verdict{}, nil
}

// moderationRequest is the body of POST /moderations.
type moderationRequest struct {
	Model string            `json:"model"`
	Input []moderationInput `json:"input"`
}

type moderationInput struct {
	Type     string         `json:"type"`
	Text     string         `json:"text,omitempty"`
	ImageURL *moderationURL `json:"image_url,omitempty"`
}

type moderationURL struct {
	URL imageData `json:"url"`
}

// moderationRequests shares a content out: the endpoint takes one image in a request, and the prompt goes with the first.
func moderationRequests(content moderation.Content) []moderationRequest {
	var inputs []moderationInput
	var requests []moderationRequest
	if content.Prompt != "" {
		inputs = append(inputs, moderationInput{Type: "text", Text: content.Prompt})
	}
	for _, image := range content.Images {
		inputs = append(inputs, moderationInput{Type: "image_url", ImageURL: &moderationURL{imageData(image)}})
		requests, inputs = append(requests, moderationRequest{moderationModel, inputs}), nil
	}
	if len(inputs) > 0 {
		requests = append(requests, moderationRequest{moderationModel, inputs})
	}
	return requests
}

// imageData is an image that is written as a data URL when its request is sent, and not before: of several one is in memory twice.
type imageData moderation.Image

// MarshalText writes the data URL.
func (i imageData) MarshalText() ([]byte, error) {
	return []byte(provider.DataURL(i.ContentType, i.Data)), nil
}

// verdicts is the answer. Categories come and go, and some are null where they do not apply; "flagged" alone counts.
type verdicts struct {
	Results []struct {
		Flagged    *bool          `json:"flagged"`
		Categories map[string]any `json:"categories"`
	} `json:"results"`
}

// readVerdict reads an answer. One that does not say whether it flags anything is an error, never a pass.
func readVerdict(answer provider.Answer) (moderation.Verdict, error) {
	if !answer.OK() {
		return moderation.Verdict{}, unchecked(answer)
	}
	var told verdicts
	if err := answer.Decode(&told); err != nil {
		return moderation.Verdict{}, provider.MeansUnread.Error(err)
	}
	if len(told.Results) == 0 {
		return moderation.Verdict{}, provider.MeansUnread.Error(errors.New("the answer has no results"))
	}
	var verdict moderation.Verdict
	for _, result := range told.Results {
		if result.Flagged == nil {
			return moderation.Verdict{}, provider.MeansUnread.Error(errors.New("a result does not say whether it is flagged"))
		}
		if !*result.Flagged {
			continue
		}
		verdict.Flagged = true
		for _, name := range slices.Sorted(maps.Keys(result.Categories)) {
			if result.Categories[name] == true && provider.CodeWord(strings.ReplaceAll(name, "/", "-")) != "" {
				verdict.Categories = append(verdict.Categories, name)
			}
		}
	}
	return verdict, nil
}

// unchecked translates a refusal of the endpoint by the words that it shares with the rest of the API.
func unchecked(answer provider.Answer) *provider.Error {
	failure := failed(answer)
	switch failure.Class {
	case provider.Down, provider.Throttled:
	case provider.Rejected, provider.Moderated:
		failure.Class = provider.Down
	default:
		failure.Class = provider.TransientRead
	}
	return failure
}
