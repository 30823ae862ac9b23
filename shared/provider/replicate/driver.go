// Package replicate speaks the API of Replicate: a create call makes a prediction, which is asked about by its id, and a signed
// webhook tells its end.
package replicate

import (
	"context"
	"net/http"
	"net/url"

	"darkroom/shared/provider"
)

// Name is the provider's name in the catalogue.
const Name = "replicate"

// Settings are what a deployment says.
type Settings struct {
	Key       provider.KeySource
	BaseURL   string   // empty: https://api.replicate.com, or the simulator's when that is set
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
	base := provider.Base(settings.BaseURL, settings.Simulator, Name, "https://api.replicate.com")
	guard := provider.Guard{Hosts: []string{"api.replicate.com"}, Simulator: settings.Simulator}
	key := provider.Key{Source: settings.Key, Name: "Authorization", Prefix: "Bearer "}
	return &Driver{key: key, base: base, client: provider.NewClient(guard)}
}

// Name implements provider.Driver.
func (d *Driver) Name() string { return Name }

// OutputHosts implements provider.Deliverer. The links need no key.
func (d *Driver) OutputHosts() []string {
	return []string{"replicate.delivery", "*.replicate.delivery"}
}

// submitHeader has Replicate give up a job by itself 15 minutes after its creation, as long as a task usually lives, so that nobody pays for one
// that is not waited for any more. There is no Prefer: wait, which would hold the call open and gain nothing over the webhook.
var submitHeader = http.Header{"Cancel-After": {"15m"}}

// Submit implements provider.Driver. The job has no handle: its id is enough to find it. Replicate tells no price.
func (d *Driver) Submit(ctx context.Context, call provider.Call) (provider.Submission, error) {
	body, err := translate(call)
	if err != nil {
		return provider.Submission{}, err
	}
	answer, err := d.client.Create(ctx, provider.Request{
		URL: d.base + "/v1/models/" + call.Model + "/predictions", Key: d.key, Header: submitHeader, Body: body, Limit: predictionAnswer,
	})
	if err != nil {
		return provider.Submission{}, err
	}
	if !answer.OK() {
		return provider.Submission{}, createFailure(answer)
	}
	made, err := readPrediction(answer.Body)
	if err != nil || made.id == "" { // executed, and no telling as what
		return provider.Submission{}, answer.Failure(provider.MeansAmbiguous, "without a job id")
	}
	return provider.Submission{Job: &provider.Job{ID: made.id}}, nil
}

// Poll implements provider.Poller.
func (d *Driver) Poll(ctx context.Context, job provider.Job) (provider.Report, error) {
	answer, err := d.client.Read(ctx, provider.Request{URL: d.predictionURL(job), Key: d.key, Limit: predictionAnswer})
	if err != nil {
		return provider.Report{}, err
	}
	if !answer.OK() {
		if isUnknownJob(answer) {
			return provider.Report{State: provider.Running}, nil
		}
		return provider.Report{}, readFailure(answer)
	}
	told, err := readPrediction(answer.Body)
	switch {
	case err != nil || told.status == "":
		return provider.Report{}, answer.Failure(provider.MeansUnread, "without a status")
	case told.id != job.ID:
		return provider.Report{}, answer.Failure(provider.MeansUnread, "about another job")
	}
	return told.report(), nil
}

// Cancel implements provider.Canceler. A job that has ended stays as it is, and that is no error.
func (d *Driver) Cancel(ctx context.Context, job provider.Job) error {
	answer, err := d.client.Stop(ctx, http.MethodPost, provider.Request{URL: d.predictionURL(job) + "/cancel", Key: d.key, Limit: predictionAnswer})
	if err != nil {
		return err
	}
	if !answer.OK() {
		return readFailure(answer)
	}
	return nil
}

func (d *Driver) predictionURL(job provider.Job) string {
	return d.base + "/v1/predictions/" + url.PathEscape(job.ID)
}
