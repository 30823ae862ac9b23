// Package openai speaks the OpenAI Images API: one call that answers, after up to some minutes, with the image itself. It asks the same vendor's moderation
// endpoint, too.
package openai

import (
	"context"
	"errors"
	"net/url"

	"darkroom/shared/provider"
)

// Name is the provider's name in the catalogue.
const Name = "openai"

// Settings are what a deployment says.
type Settings struct {
	Key       provider.KeySource
	BaseURL   string   // empty: https://api.openai.com, or the simulator's when that is set
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
	base := provider.Base(settings.BaseURL, settings.Simulator, Name, "https://api.openai.com")
	guard := provider.Guard{Hosts: []string{"api.openai.com", "*.api.openai.com"}, Simulator: settings.Simulator}
	key := provider.Key{Source: settings.Key, Name: "Authorization", Prefix: "Bearer "}
	return &Driver{key: key, base: base, client: provider.NewClient(guard)}
}

// Name implements provider.Driver.
func (d *Driver) Name() string { return Name }

// Submit implements provider.Driver. It takes as long as the image takes; memory for about twice the image is needed, and
// for about five times the inputs.
func (d *Driver) Submit(ctx context.Context, call provider.Call) (provider.Submission, error) {
	body, err := translate(call)
	if err != nil {
		return provider.Submission{}, err
	}
	answer, err := d.client.Create(ctx, provider.Request{
		URL:   d.base + body.path(),
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
	var made images
	if err := answer.Decode(&made); err != nil {
		return provider.Submission{}, answer.Failure(provider.MeansFailed, "with a body that cannot be read")
	}
	if len(made.Data) == 0 || len(made.Data[0].B64JSON) == 0 {
		// Seen when the safety system stops a picture late. Another attempt would be paid for and end the same way.
		means := provider.Meaning{Class: provider.Rejected, Message: provider.MeansFailed.Message}
		return provider.Submission{}, answer.Failure(means, "without an image").Charged(made.Usage.cost(call.Model))
	}
	image := made.Data[0].B64JSON
	return provider.Submission{
		Output: &provider.Output{Data: image, ContentType: provider.ImageType(image)},
		Usage:  made.Usage.cost(call.Model),
	}, nil
}
