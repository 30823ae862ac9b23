// Package gemini speaks the generateContent call of Google's Gemini API: one call that answers, after up to some minutes,
// with the image itself.
package gemini

import (
	"context"
	"errors"
	"net/url"

	"darkroom/shared/provider"
)

// Name is the provider's name in the catalogue.
const Name = "gemini"

// Settings are what a deployment says.
type Settings struct {
	Key       provider.KeySource
	BaseURL   string   // empty: https://generativelanguage.googleapis.com, or the simulator's when that is set
	Simulator *url.URL // stage local only
}

// Driver implements provider.Driver and none of the abilities: the image comes in the answer, so there is no job to poll, cancel or
// look up, and no link to follow. When the connection is lost, so is the image.
type Driver struct {
	key    provider.Key
	base   string
	client *provider.Client
}

// New makes a driver.
func New(settings Settings) *Driver {
	base := provider.Base(settings.BaseURL, settings.Simulator, Name, "https://generativelanguage.googleapis.com")
	guard := provider.Guard{Hosts: []string{"generativelanguage.googleapis.com"}, Simulator: settings.Simulator}
	key := provider.Key{Source: settings.Key, Name: "X-Goog-Api-Key"}
	return &Driver{key: key, base: base, client: provider.NewClient(guard)}
}

// Name implements provider.Driver.
func (d *Driver) Name() string { return Name }

// Submit implements provider.Driver. Inputs come as Data: the API follows no links of ours. It takes as long as the image
// takes; memory for about three times the inputs and twice the answer is needed.
func (d *Driver) Submit(ctx context.Context, call provider.Call) (provider.Submission, error) {
	body, err := translate(call)
	if err != nil {
		return provider.Submission{}, err
	}
	answer, err := d.client.Create(ctx, provider.Request{
		URL:   d.base + "/v1beta/models/" + url.PathEscape(call.Model) + ":generateContent",
		Key:   d.key,
		Body:  body,
		Limit: provider.ImageAnswer,
	})
	switch {
	case errors.Is(err, provider.ErrAnswerTooLarge): // executed for certain, and of no use
		return provider.Submission{}, provider.MeansFailed.Error(err)
	case err != nil:
		return provider.Submission{}, err
	case !answer.OK():
		return provider.Submission{}, createFailure(answer)
	}
	image, usage, err := read(answer, call.Model)
	if err != nil {
		return provider.Submission{}, err
	}
	return provider.Submission{
		Output: &provider.Output{Data: image, ContentType: provider.ImageType(image)},
		Usage:  usage,
	}, nil
}
