// Package sample is a driver for a provider that does not exist: the pattern for the next one, written by following
// docs/adding-a-provider.md, and the proof that nothing else in the project has to change for it. It is in no deployment.
package sample

import (
	"context"
	"net/http"
	"net/url"

	"darkroom/shared/provider"
)

// Name is the provider's name in the catalogue.
const Name = "sample"

// Settings are what a deployment says.
type Settings struct {
	Key       provider.KeySource
	BaseURL   string   // empty: https://api.example.com, or the simulator's when that is set
	Simulator *url.URL // stage local only
}

// Driver implements provider.Driver, Poller, Canceler, LookerUp, WebhookReader and Deliverer.
type Driver struct {
	key    provider.Key
	base   string
	client *provider.Client
}

// New makes a driver.
func New(settings Settings) *Driver {
	guard := provider.Guard{Hosts: []string{"api.example.com"}, Simulator: settings.Simulator}
	return &Driver{
		key:    provider.Key{Source: settings.Key, Name: "Authorization", Prefix: "Bearer "},
		base:   provider.Base(settings.BaseURL, settings.Simulator, Name, "https://api.example.com"),
		client: provider.NewClient(guard),
	}
}

// Name implements provider.Driver.
func (d *Driver) Name() string { return Name }

// OutputHosts implements provider.Deliverer.
func (d *Driver) OutputHosts() []string { return []string{"*.images.example.com"} }

// Submit implements provider.Driver. The job has no handle: its id is enough to find it.
func (d *Driver) Submit(ctx context.Context, call provider.Call) (provider.Submission, error) {
	body, err := translate(call)
	if err != nil {
		return provider.Submission{}, err
	}
	answer, err := d.client.Create(ctx, provider.Request{URL: d.base + "/v1/images", Key: d.key, Body: body})
	if err != nil {
		return provider.Submission{}, err
	}
	if !answer.OK() {
		return provider.Submission{}, createFailure(answer)
	}
	var made image
	if answer.Decode(&made) != nil || made.ID == "" { // executed, and no telling as what
		return provider.Submission{}, answer.Failure(provider.MeansAmbiguous, "without an id")
	}
	return provider.Submission{Job: &provider.Job{ID: made.ID}, Usage: made.usage()}, nil
}

// Poll implements provider.Poller.
func (d *Driver) Poll(ctx context.Context, job provider.Job) (provider.Report, error) {
	answer, err := d.client.Read(ctx, provider.Request{URL: d.imageURL(job), Key: d.key})
	switch {
	case err != nil:
		return provider.Report{}, err
	case isUnknown(answer): // a young job may not be known everywhere yet
		return provider.Report{State: provider.Running}, nil
	case !answer.OK():
		return provider.Report{}, readFailure(answer)
	}
	var told image
	if answer.Decode(&told) != nil || told.ID != job.ID || told.State == "" {
		return provider.Report{}, answer.Failure(provider.MeansUnread, "without the state of this job")
	}
	return told.report(), nil
}

// Cancel implements provider.Canceler. A job that has ended stays as it is, and that is no error.
func (d *Driver) Cancel(ctx context.Context, job provider.Job) error {
	answer, err := d.client.Stop(ctx, http.MethodPut, provider.Request{URL: d.imageURL(job) + "/stop", Key: d.key})
	if err != nil {
		return err
	}
	if !answer.OK() {
		return readFailure(answer)
	}
	return nil
}

func (d *Driver) imageURL(job provider.Job) string {
	return d.base + "/v1/images/" + url.PathEscape(job.ID)
}
