package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// fake is a driver with every ability, which does what a test says.
type fake struct {
	submit  func(ctx context.Context) (Submission, error)
	poll    func(ctx context.Context) (Report, error)
	cancel  func() error
	lookup  func() (*Job, error)
	webhook func() (Event, error)
}

func (f fake) Name() string                                           { return "fake" }
func (f fake) OutputHosts() []string                                  { return []string{"*.cdn.example.com"} }
func (f fake) Submit(ctx context.Context, _ Call) (Submission, error) { return f.submit(ctx) }
func (f fake) Poll(ctx context.Context, _ Job) (Report, error)        { return f.poll(ctx) }
func (f fake) Cancel(context.Context, Job) error                      { return f.cancel() }
func (f fake) Lookup(context.Context, string, time.Time) (*Job, error) {
	return f.lookup()
}
func (f fake) ReadWebhook(http.Header, []byte, []string, time.Time) (Event, error) {
	return f.webhook()
}

// able is a driver that can do nothing but submit.
type able struct{ fake }

func (able) Poll()        {}
func (able) Cancel()      {}
func (able) Lookup()      {}
func (able) ReadWebhook() {}
func (able) OutputHosts() {}

const (
	goodLink = "https://eu.cdn.example.com/x.png"
	badLink  = "https://cdn.example.com.evil.example/x.png"
)

func TestSubmitClassesWhateverADriverReturns(t *testing.T) {
	job := &Job{ID: "j1"}
	for _, test := range []struct {
		rule string
		made Submission
		err  error
		want Class
	}{
		{"a job", Submission{Job: job}, nil, ""},
		{"bytes", Submission{Output: &Output{Data: []byte("x")}}, nil, ""},
		{"a link", Submission{Output: &Output{URL: goodLink}}, nil, ""},
		{"a class", Submission{}, &Error{Class: Throttled}, Throttled},
		{"a wrapped class", Submission{}, fmt.Errorf("submit: %w", &Error{Class: Transient}), Transient},
		{"an error without a class", Submission{}, errors.New("?"), Ambiguous},
		{"an empty class", Submission{}, &Error{}, Ambiguous},
		{"an unknown class", Submission{}, &Error{Class: "odd"}, Ambiguous},
		{"a class of reads", Submission{}, &Error{Class: TransientRead}, Ambiguous},
		{"nothing", Submission{}, nil, Ambiguous},
		{"a job and an output", Submission{Job: job, Output: &Output{URL: goodLink}}, nil, Ambiguous},
		{"a job without an id", Submission{Job: &Job{Handle: "h"}}, nil, Ambiguous},
		{"a job with a long id", Submission{Job: &Job{ID: strings.Repeat("x", 257)}}, nil, Ambiguous},
		{"a job with the longest handle", Submission{Job: &Job{ID: "j", Handle: strings.Repeat("x", 1024)}}, nil, ""},
		{"a job with a longer handle", Submission{Job: &Job{ID: "j", Handle: strings.Repeat("x", 1025)}}, nil, Ambiguous},
		{"an empty image", Submission{Output: &Output{ContentType: "image/png"}}, nil, JobFailed},
		{"a link and bytes", Submission{Output: &Output{URL: goodLink, Data: []byte("x")}}, nil, JobFailed},
		{"a link to a foreign host", Submission{Output: &Output{URL: badLink}}, nil, JobFailed},
	} {
		p := New(fake{submit: func(context.Context) (Submission, error) { return test.made, test.err }}, Settings{})
		made, err := p.Submit(t.Context(), Call{})
		if got := ClassOf(err); got != test.want {
			t.Errorf("%s: error = %v, want class %q", test.rule, err, test.want)
		}
		var failure *Error
		if err != nil && (made != Submission{} || !errors.As(err, &failure)) {
			t.Errorf("%s: %+v, %T; want nothing with a *Error", test.rule, made, err)
		}
		if test.err != nil && !errors.Is(err, test.err) && !errors.Is(test.err, err) {
			t.Errorf("%s: %v does not lead to %v", test.rule, err, test.err)
		}
	}
}

func TestSubmitThatPanicsIsAmbiguous(t *testing.T) {
	p := New(fake{submit: func(context.Context) (Submission, error) { panic("nil map") }}, Settings{})
	if made, err := p.Submit(t.Context(), Call{}); ClassOf(err) != Ambiguous || made != (Submission{}) {
		t.Errorf("%+v, %v; want Ambiguous: the call may have been made", made, err)
	}
}

func TestSubmitAfterTheDeadlineIsNotMade(t *testing.T) {
	p := New(fake{submit: func(context.Context) (Submission, error) {
		t.Error("the driver was called")
		return Submission{}, nil
	}}, Settings{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Submit(ctx, Call{}); ClassOf(err) != Transient {
		t.Errorf("error = %v, want Transient", err)
	}
}

func TestCallsHaveADeadline(t *testing.T) {
	wait := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	p := New(fake{
		submit: func(ctx context.Context) (Submission, error) { return Submission{}, wait(ctx) },
		poll:   func(ctx context.Context) (Report, error) { return Report{}, wait(ctx) },
	}, Settings{CallTimeout: time.Millisecond, ReadTimeout: time.Millisecond})
	if _, err := p.Submit(t.Context(), Call{}); ClassOf(err) != Ambiguous || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("submit: %v, want Ambiguous for a deadline", err)
	}
	if _, err := p.Poll(t.Context(), Job{}); ClassOf(err) != TransientRead || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("poll: %v, want TransientRead for a deadline", err)
	}
}

func TestPollLetsNoContradictionThrough(t *testing.T) {
	out, failure := &Output{URL: goodLink}, &Error{Class: Moderated}
	for _, test := range []struct {
		rule string
		told Report
		err  error
		want Class
	}{
		{"running", Report{State: Running}, nil, ""},
		{"success", Report{State: Succeeded, Output: out}, nil, ""},
		{"failure", Report{State: Failed, Err: failure}, nil, ""},
		{"no state", Report{}, nil, TransientRead},
		{"unknown state", Report{State: "odd", Output: out}, nil, TransientRead},
		{"running with an output", Report{State: Running, Output: out}, nil, TransientRead},
		{"success without an output", Report{State: Succeeded}, nil, TransientRead},
		{"success with an empty output", Report{State: Succeeded, Output: &Output{}}, nil, TransientRead},
		{"success with a failure", Report{State: Succeeded, Output: out, Err: failure}, nil, TransientRead},
		{"success with a foreign link", Report{State: Succeeded, Output: &Output{URL: badLink}}, nil, TransientRead},
		{"failure without a reason", Report{State: Failed}, nil, TransientRead},
		{"failure with an output", Report{State: Failed, Output: out, Err: failure}, nil, TransientRead},
		{"failure of a class that is not about the job", Report{State: Failed, Err: &Error{Class: Down}}, nil, TransientRead},
		{"down", Report{}, &Error{Class: Down}, Down},
		{"throttled", Report{}, &Error{Class: Throttled, RetryAfter: time.Second}, Throttled},
		{"a class of submits", Report{State: Failed}, &Error{Class: JobFailed}, TransientRead},
		{"an error without a class", Report{}, errors.New("?"), TransientRead},
	} {
		p := New(fake{poll: func(context.Context) (Report, error) { return test.told, test.err }}, Settings{})
		told, err := p.Poll(t.Context(), Job{})
		if (err == nil) != (test.want == "") || (err != nil && (ClassOf(err) != test.want || told != Report{})) {
			t.Errorf("%s: %+v, %v; want class %q", test.rule, told, err, test.want)
		}
	}
	p := New(fake{poll: func(context.Context) (Report, error) { panic("nil map") }}, Settings{})
	if _, err := p.Poll(t.Context(), Job{}); ClassOf(err) != TransientRead {
		t.Errorf("panic: %v, want TransientRead", err)
	}
}

func TestALookUpFindsAJobThatHasAnIDOrNone(t *testing.T) {
	var job *Job
	p := New(fake{lookup: func() (*Job, error) { return job, nil }}, Settings{})
	if found, err := p.Lookup(t.Context(), "m", time.Time{}); found != nil || err != nil {
		t.Errorf("not found: %v, %v; want neither", found, err)
	}
	job = &Job{ID: "j"}
	if found, err := p.Lookup(t.Context(), "m", time.Time{}); found != job || err != nil {
		t.Errorf("found: %v, %v", found, err)
	}
	job = &Job{}
	if found, err := p.Lookup(t.Context(), "m", time.Time{}); found != nil || ClassOf(err) != TransientRead {
		t.Errorf("job without an id: %v, %v; want TransientRead", found, err)
	}
}

func TestACancelThatFailsWithoutAClassWasNotAnswered(t *testing.T) {
	var failure error
	p := New(fake{cancel: func() error { return failure }}, Settings{})
	if err := p.Cancel(t.Context(), Job{}); err != nil {
		t.Errorf("cancel: %v", err)
	}
	failure = errors.New("?")
	if err := p.Cancel(t.Context(), Job{}); ClassOf(err) != TransientRead {
		t.Errorf("cancel: %v, want TransientRead", err)
	}
}

func TestWebhookBodyCountsOnlyWhenSigned(t *testing.T) {
	good := &Report{State: Succeeded, Output: &Output{URL: goodLink}}
	for _, test := range []struct {
		rule      string
		came      Event
		err       error
		want      Event
		refused   bool
		withPanic bool
	}{
		{rule: "signed report", came: Event{JobID: "j", Signed: true, Report: good}, want: Event{JobID: "j", Signed: true, Report: good}},
		{rule: "unsigned report", came: Event{JobID: "j", Report: good}, want: Event{JobID: "j"}},
		{rule: "signed report with a foreign link", came: Event{Signed: true, Report: &Report{State: Succeeded, Output: &Output{URL: badLink}}}, want: Event{Signed: true}},
		{rule: "long job id", came: Event{JobID: strings.Repeat("x", 257)}},
		{rule: "bad signature", err: fmt.Errorf("x: %w", ErrBadSignature), refused: true},
		{rule: "panic", withPanic: true, refused: true},
	} {
		p := New(fake{webhook: func() (Event, error) {
			if test.withPanic {
				panic("nil map")
			}
			return test.came, test.err
		}}, Settings{})
		event, err := p.ReadWebhook(nil, nil, nil, time.Time{})
		if event != test.want || errors.Is(err, ErrBadSignature) != test.refused {
			t.Errorf("%s: %+v, %v; want %+v, refused: %t", test.rule, event, err, test.want, test.refused)
		}
	}
	p := New(fake{webhook: func() (Event, error) { return Event{}, nil }}, Settings{})
	if _, err := p.ReadWebhook(nil, make([]byte, maxWebhook+1), nil, time.Time{}); !errors.Is(err, ErrBadSignature) {
		t.Errorf("huge body: %v, want ErrBadSignature", err)
	}
}

func TestMissingAbilitiesSaySo(t *testing.T) {
	full, bare := New(fake{}, Settings{}), New(able{}, Settings{})
	if !full.CanPoll() || !full.CanCancel() || !full.CanLookup() || !full.CanReadWebhook() || len(full.OutputHosts()) != 1 {
		t.Error("an ability is not seen")
	}
	if bare.CanPoll() || bare.CanCancel() || bare.CanLookup() || bare.CanReadWebhook() || bare.OutputHosts() != nil {
		t.Error("an ability is seen that is not there")
	}
	_, poll := bare.Poll(t.Context(), Job{})
	_, lookup := bare.Lookup(t.Context(), "", time.Time{})
	_, webhook := bare.ReadWebhook(nil, nil, nil, time.Time{})
	for name, err := range map[string]error{"poll": poll, "cancel": bare.Cancel(t.Context(), Job{}), "look up": lookup, "read webhooks": webhook} {
		if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "fake cannot "+name) {
			t.Errorf("%s: %v, want an error that says so", name, err)
		}
	}
	if !errors.Is(webhook, ErrBadSignature) {
		t.Errorf("webhook: %v, want ErrBadSignature", webhook)
	}
}

func TestClassOfAnUnknownErrorIsAmbiguous(t *testing.T) {
	for want, err := range map[Class]error{
		"": nil, Ambiguous: errors.New("?"), Moderated: fmt.Errorf("x: %w", &Error{Class: Moderated}),
	} {
		if got := ClassOf(err); got != want {
			t.Errorf("ClassOf(%v) = %q, want %q", err, got, want)
		}
	}
}
