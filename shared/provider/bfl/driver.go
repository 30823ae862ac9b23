// Package bfl speaks the API of Black Forest Labs: a create call makes a job, a polling URL tells how it stands, and an
// unproven webhook hints at its end.
package bfl

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"darkroom/shared/provider"
)

// Name is the provider's name in the catalogue.
const Name = "bfl"

// Regions are the hosts of the API by where jobs are sent to: wherever there is room, or one region.
var Regions = map[string]string{"": "https://api.bfl.ai", "eu": "https://api.eu.bfl.ai", "us": "https://api.us.bfl.ai"}

// Settings are what a deployment says.
type Settings struct {
	Key       provider.KeySource
	Region    string   // of Regions; the first call to one that is not known is refused as Down
	Simulator *url.URL // stage local only, whatever the region
}

// Driver implements provider.Driver, Poller, WebhookReader and Deliverer. BFL can neither cancel a job nor look one up.
type Driver struct {
	key    provider.Key
	base   string
	guard  provider.Guard
	client *provider.Client
}

// New makes a driver.
func New(settings Settings) *Driver {
	base := provider.Base("", settings.Simulator, Name, Regions[settings.Region])
	guard := provider.Guard{Hosts: []string{"bfl.ai", "*.bfl.ai"}, Simulator: settings.Simulator}
	key := provider.Key{Source: settings.Key, Name: "X-Key"}
	return &Driver{key: key, base: base, guard: guard, client: provider.NewClient(guard)}
}

// Name implements provider.Driver.
func (d *Driver) Name() string { return Name }

// OutputHosts implements provider.Deliverer. The host changes with the cluster (delivery.eu1.bfl.ai …).
func (d *Driver) OutputHosts() []string { return []string{"*.bfl.ai"} }

// Submit implements provider.Driver. The job's handle is its polling URL when that may be shown our key, else empty.
func (d *Driver) Submit(ctx context.Context, call provider.Call) (provider.Submission, error) {
	body, err := translate(call)
	if err != nil {
		return provider.Submission{}, err
	}
	answer, err := d.client.Create(ctx, provider.Request{URL: d.base + "/v1/" + url.PathEscape(call.Model), Key: d.key, Body: body})
	if err != nil {
		return provider.Submission{}, err
	}
	if !answer.OK() {
		return provider.Submission{}, createFailure(answer)
	}
	var made created
	if answer.Decode(&made) != nil || made.ID == "" { // executed, and no telling as what
		return provider.Submission{}, answer.Failure(provider.MeansAmbiguous, "without a job id")
	}
	job := &provider.Job{ID: made.ID}
	if d.takesKey(made.PollingURL) {
		job.Handle = made.PollingURL
	}
	return provider.Submission{Job: job, Usage: usageIn(answer)}, nil
}

// Poll implements provider.Poller.
func (d *Driver) Poll(ctx context.Context, job provider.Job) (provider.Report, error) {
	answer, err := d.client.Read(ctx, provider.Request{URL: d.statusURL(job), Key: d.key})
	if err != nil {
		return provider.Report{}, err
	}
	var told result
	readable := answer.Decode(&told) == nil
	if !answer.OK() && !(answer.Status == http.StatusNotFound && readable && told.word() == taskNotFound) {
		return provider.Report{}, readFailure(answer)
	}
	switch {
	case !readable || told.word() == "":
		return provider.Report{}, answer.Failure(provider.MeansUnread, "without a status")
	case told.ID != "" && told.ID != job.ID:
		return provider.Report{}, answer.Failure(provider.MeansUnread, "about another job")
	}
	return told.report(), nil
}

// statusURL is where a job is asked about: the address that BFL gave for it, which leads to the cluster that has it, or else the host that it was sent to, because
// another region's does not know it.
func (d *Driver) statusURL(job provider.Job) string {
	if d.takesKey(job.Handle) {
		return job.Handle
	}
	return d.base + "/v1/get_result?id=" + url.QueryEscape(job.ID)
}

// takesKey says whether an address that BFL gave us is one of its API's, and fits into a handle. Its delivery hosts are under
// bfl.ai too, and must not see our key.
func (d *Driver) takesKey(raw string) bool {
	host, takes := d.guard.TakesKey(raw, d.base)
	return takes && !strings.Contains("."+host, ".delivery")
}
