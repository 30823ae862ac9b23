package openai

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

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

// A check's requests.
const (
	moderationTime = 6 * time.Second // for one; a usual one takes 1.3 seconds
	moderationSide = 4               // side by side
)

// Check has the prompt looked at, then every image, each in a request of its own: what is wrong with one must not keep another from being looked at. The
// error is a *provider.Error. Of class TransientRead and Down nothing is known of the content, for reasons that are not in it; of class Throttled because
// there was too much of it; of class Rejected because the endpoint cannot read it, and never will.
func (m Moderator) Check(ctx context.Context, content moderation.Content) (moderation.Verdict, error) {
	header, err := m.api.key.Source.Header(ctx, provider.TransientRead, "Authorization", "Bearer ")
	if err != nil {
		return moderation.Verdict{}, err
	}
	if content.Prompt != "" {
		verdict, err := m.ask(ctx, header, moderationInput{Type: "text", Text: content.Prompt})
		if err != nil || verdict.Flagged {
			return verdict, err
		}
	}
	return m.checkImages(ctx, header, content.Images)
}

// checkImages ends at the first image that is flagged. One that fails keeps no other from being looked at.
func (m Moderator) checkImages(caller context.Context, header http.Header, images []moderation.Image) (moderation.Verdict, error) {
	ctx, cancel := context.WithCancel(caller)
	defer cancel()
	verdicts, failures := make([]moderation.Verdict, len(images)), make([]error, len(images))
	var all errgroup.Group
	all.SetLimit(moderationSide)
	for i, image := range images {
		all.Go(func() error {
			verdicts[i], failures[i] = m.ask(ctx, header, moderationInput{Type: "image_url", ImageURL: &moderationURL{imageData(image)}})
			if verdicts[i].Flagged {
				cancel()
			}
			return nil
		})
	}
	all.Wait() //nolint:errcheck // the errors are in failures
	for _, verdict := range verdicts {
		if verdict.Flagged {
			return verdict, nil
		}
	}
	if len(images) > moderationSide && caller.Err() != nil {
		failures = append(failures, provider.MeansThrottled.Error(fmt.Errorf("%d images: %w", len(images), caller.Err())))
	}
	return moderation.Verdict{}, worst(failures)
}

// worst is the failure that lets content pass least: whoever adds an image that cannot be read, or too many of them, must not be let through for an outage.
func worst(failures []error) error {
	var found error
	for _, err := range failures {
		if err != nil && (found == nil || slices.Index(strictness, provider.ClassOf(err)) < slices.Index(strictness, provider.ClassOf(found))) {
			found = err
		}
	}
	return found
}

var strictness = []provider.Class{provider.Rejected, provider.Throttled, provider.Down, provider.TransientRead}

// ask has one content looked at.
func (m Moderator) ask(ctx context.Context, header http.Header, input moderationInput) (moderation.Verdict, error) {
	own, cancel := context.WithTimeout(ctx, moderationTime)
	defer cancel()
	body := moderationRequest{moderationModel, []moderationInput{input}}
	answer, err := m.api.client.Ask(own, provider.Request{URL: m.api.base + "/v1/moderations", Header: header, Body: body, Limit: moderationAnswer})
	if err != nil {
		return moderation.Verdict{}, err
	}
	return readVerdict(answer)
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

// imageData is an image that is written as a data URL when its request is sent, and not before: of several only those that
// are on their way are in memory twice.
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

// ofContent are the statuses of a refusal that lies in what was sent.
var ofContent = []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}

// unchecked translates a refusal of the endpoint by the words that it shares with the rest of the API.
func unchecked(answer provider.Answer) *provider.Error {
	failure := createFailure(answer)
	switch failure.Class {
	case provider.Down, provider.Throttled:
	case provider.Rejected, provider.Moderated:
		if failure.Class = provider.Down; slices.Contains(ofContent, answer.Status) {
			failure.Class = provider.Rejected
		}
	default:
		failure.Class = provider.TransientRead
	}
	return failure
}
