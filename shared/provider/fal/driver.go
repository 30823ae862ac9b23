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
	key      provider.Key
	queue    string // base address of submits and requests
	platform string // base address of the list of requests
	guard    provider.Guard
	client   *provider.Client
	keys     *provider.KeySet
}

// New makes a driver.
func New(settings Settings) *Driver {
	key := provider.Key{Source: settings.Key, Name: "Authorization", Prefix: "Key "}
	guard := provider.Guard{Hosts: []string{"*.fal.run", "*.fal.ai"}, Simulator: settings.Simulator}
	client := provider.NewClient(guard)
	base := func(part, own string) string { return provider.Base("", settings.Simulator, Name+"/"+part, own) }
	return &Driver{
		key: key, queue: base("queue", "https://queue.fal.run"), platform: base("api", "https://api.fal.ai"), guard: guard, client: client,
		keys: provider.NewKeySet(client, base("rest", "https://rest.fal.ai")+"/.well-known/jwks.json"),
	}
}

// Name implements provider.Driver.
func (d *Driver) Name() string { return Name }

// OutputHosts implements provider.Deliverer.
func (d *Driver) OutputHosts() []string { return []string{"*.fal.media", "*.fal.ai"} }

// submitHeader turns off fal's own retries, which would count as attempts that nobody wrote down, gives up on a request that no
// machine has taken after ten minutes, and lets result files die after a day: we keep our own copy.
var submitHeader = http.Header{
	"X-Fal-No-Retry":                    {"1"},
	"X-Fal-Request-Timeout":             {"600"},
	"X-Fal-Object-Lifecycle-Preference": {`{"expiration_duration_seconds": 86400}`},
}

// Submit implements provider.Driver. The job's handle is the address of its request.
func (d *Driver) Submit(ctx context.Context, call provider.Call) (provider.Submission, error) {
	endpoint, body, err := translate(call)
	if err != nil {
		return provider.Submission{}, err
	}
	target := d.queue + "/" + endpoint
	if call.Webhook != nil {
		target += "?" + url.Values{"fal_webhook": {call.Webhook.URL}}.Encode()
	}
	answer, err := d.client.Create(ctx, provider.Request{URL: target, Key: d.key, Header: submitHeader, Body: body})
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
	return provider.Submission{Job: &provider.Job{ID: made.RequestID, Handle: d.addressOf(made.ResponseURL, endpoint, made.RequestID)}}, nil
}

// Poll implements provider.Poller. A status says only that a request is over; the result tells how.
func (d *Driver) Poll(ctx context.Context, job provider.Job) (provider.Report, error) {
	address, err := d.find(ctx, job)
	if err != nil {
		return provider.Report{}, err
	}
	if address == "" { // it may be too young for the list
		return provider.Report{State: provider.Running}, nil
	}
	answer, err := d.client.Read(ctx, provider.Request{URL: address + "/status", Key: d.key})
	switch {
	case err != nil:
		return provider.Report{}, err
	case answer.Status == http.StatusNotFound: // or too young for the queue
		return provider.Report{State: provider.Running}, nil
	case !answer.OK():
		return provider.Report{}, readFailure(answer)
	}
	told := provider.Said[status](answer)
	failed := told.ErrorType != "" || (len(told.Error) > 0 && string(told.Error) != "null" && string(told.Error) != `""`) // COMPLETED alone is no success
	switch {
	case told.Status == "":
		return provider.Report{}, answer.Failure(provider.MeansUnread, "without a status")
	case told.RequestID != "" && told.RequestID != job.ID:
		return provider.Report{}, answer.Failure(provider.MeansUnread, "about another request")
	case told.Status != "COMPLETED": // one that is not known counts as running: the task's deadline bounds that
		return provider.Report{State: provider.Running}, nil
	}
	if answer, err = d.client.Read(ctx, provider.Request{URL: address, Key: d.key}); err != nil {
		return provider.Report{}, err
	}
	report, err := result(answer, failed)
	report.Usage = billed(answer)
	return report, err
}

// Cancel implements provider.Canceler. A request that is over or unknown has nothing left to stop.
func (d *Driver) Cancel(ctx context.Context, job provider.Job) error {
	address, err := d.find(ctx, job)
	if err != nil || address == "" {
		return err
	}
	answer, err := d.client.Stop(ctx, http.MethodPut, provider.Request{URL: address + "/cancel", Key: d.key})
	if err != nil {
		return err
	}
	if answer.OK() || answer.Status == http.StatusNotFound || provider.Said[status](answer).Status == "ALREADY_COMPLETED" {
		return nil
	}
	return readFailure(answer)
}
