package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Settings are what may differ between stages for one provider. The zero value works.
type Settings struct {
	CallTimeout time.Duration // bounds one submit, besides the deadline that the caller sets by model; 0: ten minutes
	ReadTimeout time.Duration // bounds one poll, cancel or look-up; 0: 15 seconds
	Simulator   *url.URL      // stage local only: where output links may point as well
}

// Set is every provider of a deployment, by name.
type Set map[string]*Provider

// Provider is a driver with everything that holds for all drivers around it. It is safe for concurrent use if its driver is.
type Provider struct {
	driver   Driver
	settings Settings
	outputs  Guard
}

// New wraps a driver.
func New(driver Driver, settings Settings) *Provider {
	if settings.CallTimeout == 0 {
		settings.CallTimeout = 10 * time.Minute
	}
	if settings.ReadTimeout == 0 {
		settings.ReadTimeout = 15 * time.Second
	}
	p := &Provider{driver: driver, settings: settings}
	p.outputs = Guard{Hosts: p.OutputHosts(), Simulator: settings.Simulator}
	return p
}

// Name is the provider's name in the catalogue.
func (p *Provider) Name() string { return p.driver.Name() }

// OutputHosts are the hosts that output links may point to; nil for a provider that gives out no links.
func (p *Provider) OutputHosts() []string {
	if deliverer, can := p.driver.(Deliverer); can {
		return deliverer.OutputHosts()
	}
	return nil
}

// CanPoll says whether Poll works: whether the provider has jobs to ask about.
func (p *Provider) CanPoll() bool { _, can := p.driver.(Poller); return can }

// CanCancel says whether Cancel works.
func (p *Provider) CanCancel() bool { _, can := p.driver.(Canceler); return can }

// CanLookup says whether Lookup works.
func (p *Provider) CanLookup() bool { _, can := p.driver.(LookerUp); return can }

// CanReadWebhook says whether ReadWebhook works.
func (p *Provider) CanReadWebhook() bool { _, can := p.driver.(WebhookReader); return can }

// Submit hands over one attempt, once. The error is an *Error; anything that does not prove the opposite is Ambiguous,
// a panic of the driver and an answer that makes no sense included.
func (p *Provider) Submit(ctx context.Context, call Call) (made Submission, err error) {
	if ctx.Err() != nil {
		return Submission{}, MeansUnreached.Error(fmt.Errorf("not called: %w", context.Cause(ctx)))
	}
	ctx, cancel := context.WithTimeout(ctx, p.settings.CallTimeout)
	defer cancel()
	defer func() {
		if panicked := recover(); panicked != nil {
			err = recovered(panicked)
		}
		if err != nil {
			made, err = Submission{}, classified(err, submitClasses, Ambiguous)
		}
	}()
	made, err = p.driver.Submit(ctx, call)
	if err == nil {
		err = p.checkSubmission(made)
	}
	return made, err
}

// Poll asks how a job stands. The error is an *Error of class TransientRead, Throttled or Down: nothing was learnt.
func (p *Provider) Poll(ctx context.Context, job Job) (told Report, err error) {
	poller, can := p.driver.(Poller)
	if !can {
		return Report{}, p.cannot("poll")
	}
	err = p.read(ctx, func(ctx context.Context) error {
		if told, err = poller.Poll(ctx, job); err != nil {
			return err
		}
		return p.checkReport(told)
	})
	if err != nil {
		return Report{}, err
	}
	return told, nil
}

// Cancel asks the provider to stop a job. The error is an *Error as from Poll; the job may go on all the same.
func (p *Provider) Cancel(ctx context.Context, job Job) error {
	canceler, can := p.driver.(Canceler)
	if !can {
		return p.cannot("cancel")
	}
	return p.read(ctx, func(ctx context.Context) error { return canceler.Cancel(ctx, job) })
}

// Lookup finds the job of a submit that was never answered, nil when there is none. The error is an *Error as from Poll.
func (p *Provider) Lookup(ctx context.Context, marker string, since time.Time) (found *Job, err error) {
	lookerUp, can := p.driver.(LookerUp)
	if !can {
		return nil, p.cannot("look up")
	}
	err = p.read(ctx, func(ctx context.Context) error {
		if found, err = lookerUp.Lookup(ctx, marker, since); err != nil || found == nil {
			return err
		}
		return checkJob(*found)
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// maxWebhook bounds a delivery: no provider documents a larger one.
const maxWebhook = 6 << 20

// ReadWebhook reads a delivery. Every error wraps ErrBadSignature, except one about an authentic body that is not understood;
// a provider that sends no webhooks has no good signatures. An unsigned event carries no report, whatever its body says.
func (p *Provider) ReadWebhook(header http.Header, body []byte, secrets []string, now time.Time) (event Event, err error) {
	reader, can := p.driver.(WebhookReader)
	if !can {
		return Event{}, fmt.Errorf("%w: %w", ErrBadSignature, p.cannot("read webhooks"))
	}
	if len(body) > maxWebhook {
		return Event{}, fmt.Errorf("%w: a body of %d bytes is not looked at", ErrBadSignature, len(body))
	}
	defer func() {
		if panicked := recover(); panicked != nil {
			event, err = Event{}, fmt.Errorf("%w: %w", ErrBadSignature, recovered(panicked))
		}
	}()
	if event, err = reader.ReadWebhook(header, body, secrets, now); err != nil {
		return Event{}, err
	}
	if len(event.JobID) > MaxJobID {
		event.JobID = ""
	}
	// A report that does not hold together leaves the hint: asking the provider will tell.
	if event.Report != nil && (!event.Signed || p.checkReport(*event.Report) != nil) {
		event.Report = nil
	}
	return event, nil
}

// read runs a call that changes nothing for us if it fails.
func (p *Provider) read(ctx context.Context, ask func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, p.settings.ReadTimeout)
	defer cancel()
	defer func() {
		if panicked := recover(); panicked != nil {
			err = recovered(panicked)
		}
		if err != nil {
			err = classified(err, readClasses, TransientRead)
		}
	}()
	return ask(ctx)
}

// cannot is the error for an ability that the driver does not have. errors.Is finds errors.ErrUnsupported in it.
func (p *Provider) cannot(what string) error {
	return Meaning{TransientRead, MeansDown.Message}.Error(fmt.Errorf("%s cannot %s: %w", p.Name(), what, errors.ErrUnsupported))
}
