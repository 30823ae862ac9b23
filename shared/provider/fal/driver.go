// Package fal speaks the API of fal: a submit puts a request into a queue, its addresses tell how it stands, what came of it
// and stop it, and a signed webhook announces its end. A lost submit is found again in the account's list of requests.
package fal

import (
	"context"
	"net/http"
	"net/url"

	"darkroom/shared/provider"
)

// Name is the provider's name in the catalogue.
const Name = "fal"

// Settings are what a deployment says.
type Settings struct {
	Key       provider.KeySource
	Simulator *url.URL // stage local only
}

// Driver implements provider.Driver, Poller, Canceler, LookerUp, WebhookReader and Deliverer.
type Driver struct {
	key      provider.KeySource
	queue    string // base address of submits and requests
	platform string // base address of the list of requests
	guard    provider.Guard
	client   *provider.Client
	keys     *keyRing
}

// New makes a driver.
func New(settings Settings) *Driver {
	d := &Driver{key: settings.Key, queue: "https://queue.fal.run", platform: "https://api.fal.ai"}
	published := "https://rest.fal.ai"
	if settings.Simulator != nil {
		base := settings.Simulator.JoinPath(Name)
		d.queue, d.platform, published = base.JoinPath("queue").String(), base.JoinPath("api").String(), base.JoinPath("rest").String()
	}
	d.guard = provider.Guard{Hosts: []string{"*.fal.run", "*.fal.ai"}, Simulator: settings.Simulator}
	d.client = provider.NewClient(d.guard)
	d.keys = &keyRing{client: d.client, url: published + "/.well-known/jwks.json"}
	return d
}

// Name implements provider.Driver.
func (d *Driver) Name() string { return Name }

// OutputHosts implements provider.Deliverer.
func (d *Driver) OutputHosts() []string { return []string{"*.fal.media", "*.fal.ai"} }

// submitHeaders turn off fal's own retries, which would count as attempts that nobody wrote down, give up on a request that no
// machine has taken after ten minutes, and let result files die after a day: we keep our own copy.
var submitHeaders = map[string]string{
	"X-Fal-No-Retry":                    "1",
	"X-Fal-Request-Timeout":             "600",
	"X-Fal-Object-Lifecycle-Preference": `{"expiration_duration_seconds": 86400}`,
}

// Submit implements provider.Driver. The job's handle is the addresses of its request.
func (d *Driver) Submit(ctx context.Context, call provider.Call) (provider.Submission, error) {
	endpoint, body, err := translate(call)
	if err != nil {
		return provider.Submission{}, err
	}
	header, err := d.header(ctx, provider.Transient)
	if err != nil {
		return provider.Submission{}, err
	}
	for name, value := range submitHeaders {
		header.Set(name, value)
	}
	target := d.queue + "/" + endpoint
	if call.Webhook != nil {
		target += "?" + url.Values{"fal_webhook": {call.Webhook.URL}}.Encode()
	}
	answer, err := d.client.Create(ctx, provider.Request{URL: target, Header: header, Body: body})
	if err != nil {
		return provider.Submission{}, err
	}
	if !answer.OK() {
		return provider.Submission{}, createFailure(answer)
	}
	var made created
	if answer.Decode(&made) != nil || made.RequestID == "" { // executed, and no telling as what
		return provider.Submission{}, answer.Failure(provider.MeansAmbiguous, "without a request id")
	}
	at := addresses{made.StatusURL, made.ResponseURL, made.CancelURL}
	return provider.Submission{Job: &provider.Job{ID: made.RequestID, Handle: d.handle(at, endpoint, made.RequestID)}}, nil
}

// Poll implements provider.Poller. A status says only that a request is over; the result tells how.
func (d *Driver) Poll(ctx context.Context, job provider.Job) (provider.Report, error) {
	header, err := d.header(ctx, provider.TransientRead)
	if err != nil {
		return provider.Report{}, err
	}
	at, found, err := d.addressesOf(ctx, header, job)
	if err != nil {
		return provider.Report{}, err
	}
	if !found { // it may be too young for the list
		return provider.Report{State: provider.Running}, nil
	}
	answer, err := d.client.Read(ctx, provider.Request{URL: at.Status, Header: header})
	switch {
	case err != nil:
		return provider.Report{}, err
	case answer.Status == http.StatusNotFound: // or too young for the queue
		return provider.Report{State: provider.Running}, nil
	case !answer.OK():
		return provider.Report{}, readFailure(answer)
	}
	var told status
	switch {
	case answer.Decode(&told) != nil || told.Status == "":
		return provider.Report{}, answer.Failure(provider.MeansUnread, "without a status")
	case told.RequestID != "" && told.RequestID != job.ID:
		return provider.Report{}, answer.Failure(provider.MeansUnread, "about another request")
	case told.Status != completed: // one that is not known counts as running: the task's deadline bounds that
		return provider.Report{State: provider.Running}, nil
	}
	if answer, err = d.client.Read(ctx, provider.Request{URL: at.Response, Header: header}); err != nil {
		return provider.Report{}, err
	}
	report, err := result(answer, told.failed())
	report.Usage = billed(answer)
	return report, err
}

// Cancel implements provider.Canceler. A request that is over or unknown has nothing left to stop.
func (d *Driver) Cancel(ctx context.Context, job provider.Job) error {
	header, err := d.header(ctx, provider.TransientRead)
	if err != nil {
		return err
	}
	at, found, err := d.addressesOf(ctx, header, job)
	if err != nil || !found {
		return err
	}
	answer, err := d.client.Stop(ctx, http.MethodPut, provider.Request{URL: at.Cancel, Header: header})
	if err != nil {
		return err
	}
	var told status
	if answer.OK() || answer.Status == http.StatusNotFound || (answer.Decode(&told) == nil && told.Status == alreadyCompleted) {
		return nil
	}
	return readFailure(answer)
}

// header holds the key. A key that could not be had is a failure of the given class: nothing was sent.
func (d *Driver) header(ctx context.Context, class provider.Class) (http.Header, error) {
	return d.key.Header(ctx, class, "Authorization", "Key ")
}
