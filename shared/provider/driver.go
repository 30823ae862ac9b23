// Package provider is how Darkroom talks to the services that make images: what a driver is, and what holds for every driver.
//
// A Driver speaks one provider's API and nothing else. A Provider wraps a driver and adds, once for all of them, time-outs,
// validation, failure classes and the question of what the driver can do at all. Guard, Client and Fetcher are the only
// ways out to the network: API keys go to allowed hosts only, and no address of our own network can be reached.
package provider

import (
	"context"
	"net/http"
	"time"
)

// Driver speaks one provider's API. It never retries: whether a call may be repeated is decided once, by who calls. Every
// driver must pass providertest.Run.
type Driver interface {
	// Name is the provider's name in the catalogue: "bfl".
	Name() string
	// Submit hands over one attempt. The error is or wraps an *Error of class Rejected, Moderated, Throttled, Down,
	// Transient, Ambiguous or JobFailed.
	Submit(ctx context.Context, call Call) (Submission, error)
}

// The other interfaces are abilities that a driver may have. Nobody calls them but Provider.

// Poller can ask how a job stands. An error means that it could not be read, not that the job failed: the class is
// TransientRead, Down or Throttled.
type Poller interface {
	Poll(ctx context.Context, job Job) (Report, error)
}

// Canceler can ask the provider to stop a job. Nothing follows from the answer: the job may have ended before.
type Canceler interface {
	Cancel(ctx context.Context, job Job) error
}

// LookerUp can find out what became of a submit that was never answered. The job is nil when the provider has none for the
// marker that began at since or later.
type LookerUp interface {
	Lookup(ctx context.Context, marker string, since time.Time) (*Job, error)
}

// WebhookReader can read a delivery. It verifies before it parses: ErrBadSignature unless one of the secrets proves the
// sender. Headers that came more than once arrive joined with commas.
type WebhookReader interface {
	ReadWebhook(header http.Header, body []byte, secrets []string, now time.Time) (Event, error)
}

// Deliverer gives out links. OutputHosts are the hosts they may point to, as in Guard.Hosts.
type Deliverer interface {
	OutputHosts() []string
}
