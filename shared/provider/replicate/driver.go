// Package replicate speaks the API of Replicate: a create call makes a prediction, which is asked about by its id, and a signed
// webhook tells its end.
package replicate

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"darkroom/shared/provider"
)

// Name is the provider's name in the catalogue.
const Name = "replicate"

// Settings are what a deployment says.
type Settings struct {
	Key       provider.KeySource
	BaseURL   string   // empty: https://api.replicate.com, or the simulator's when that is set
	Simulator *url.URL // stage local only
	// CancelAfter is when Replicate gives up a job by itself, counted from its creation, so that nobody pays for one that is
	// not waited for any more; 0: 15 minutes, as long as a task usually lives. At least 5 seconds.
	CancelAfter time.Duration
}

// Driver implements provider.Driver, Poller, Canceler, LookerUp, WebhookReader and Deliverer.
type Driver struct {
	key         provider.KeySource
	base        string
	cancelAfter time.Duration
	client      *provider.Client
}

// New makes a driver.
func New(settings Settings) *Driver {
	base := provider.Base(settings.BaseURL, settings.Simulator, Name, "https://api.replicate.com")
	cancelAfter := settings.CancelAfter
	if cancelAfter == 0 {
		cancelAfter = 15 * time.Minute
	}
	guard := provider.Guard{Hosts: []string{"api.replicate.com"}, Simulator: settings.Simulator}
	return &Driver{key: settings.Key, base: base, cancelAfter: max(cancelAfter, 5*time.Second), client: provider.NewClient(guard)}
}

// Name implements provider.Driver.
func (d *Driver) Name() string { return Name }

// OutputHosts implements provider.Deliverer. The links need no key.
func (d *Driver) OutputHosts() []string {
	return []string{"replicate.delivery", "*.replicate.delivery"}
}

// Submit implements provider.Driver. The job has no handle: its id is enough to find it. Replicate tells no price.
func (d *Driver) Submit(ctx context.Context, call provider.Call) (provider.Submission, error) {
	body, err := translate(call)
	if err != nil {
		return provider.Submission{}, err
	}
	header, err := d.header(ctx, provider.Transient)
	if err != nil {
		return provider.Submission{}, err
	}
	// No Prefer: wait. It would hold the call open and gain nothing over the webhook.
	header.Set("Cancel-After", fmt.Sprintf("%ds", int(d.cancelAfter.Seconds())))
	answer, err := d.client.Create(ctx, provider.Request{
		URL: d.base + "/v1/models/" + call.Model + "/predictions", Header: header, Body: body, Limit: predictionAnswer,
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
	header, err := d.header(ctx, provider.TransientRead)
	if err != nil {
		return provider.Report{}, err
	}
	answer, err := d.client.Read(ctx, provider.Request{URL: d.predictionURL(job), Header: header, Limit: predictionAnswer})
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
	header, err := d.header(ctx, provider.TransientRead)
	if err != nil {
		return err
	}
	answer, err := d.client.Stop(ctx, http.MethodPost, provider.Request{URL: d.predictionURL(job) + "/cancel", Header: header, Limit: predictionAnswer})
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

// header holds the key. A key that could not be had is a failure of the given class: nothing was sent.
func (d *Driver) header(ctx context.Context, class provider.Class) (http.Header, error) {
	return d.key.Header(ctx, class, "Authorization", "Bearer ")
}
