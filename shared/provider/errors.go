package provider

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Class says what a failure means for the task, whichever provider it came from.
type Class string

// The classes.
const (
	Rejected      Class = "rejected"       // the request itself is refused: permanent
	Moderated     Class = "moderated"      // refused by a content policy, before or after the work: permanent
	Throttled     Class = "throttled"      // not executed; to be repeated after RetryAfter
	Down          Class = "down"           // not executed, and no call will be until an operator acts: key, balance, retired model
	Transient     Class = "transient"      // certainly not executed; may be repeated
	Ambiguous     Class = "ambiguous"      // may have been executed, and nobody knows: a repeat may be paid twice
	TransientRead Class = "transient_read" // a question was not answered; may be asked again at will
	JobFailed     Class = "job_failed"     // the provider took the job and then failed it: may be tried again as a new attempt
)

// Error is a failure in our words. The error text is for the log: neither Message nor Err holds a key, a prompt, a signed
// link or free text of a provider.
type Error struct {
	Class      Class
	Message    string        // safe for users
	RetryAfter time.Duration // when the provider asks to be left alone; 0: it did not say; at most one hour
	Err        error         // for the log
	Usage      Usage         // what a call that was executed cost all the same
}

func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("%s: %s", e.Class, e.Message)
	}
	return fmt.Sprintf("%s: %s: %v", e.Class, e.Message, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Charged is the same failure, of a call that was executed all the same and tells what it cost.
func (e *Error) Charged(usage Usage) *Error {
	charged := *e
	charged.Usage = usage
	return &charged
}

// ClassOf is the class of an error from Submit: Ambiguous for one that has none, because only a class can say that nothing
// was executed. It is empty for nil.
func ClassOf(err error) Class {
	var failure *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &failure) && failure.Class != "":
		return failure.Class
	}
	return Ambiguous
}

// ErrBadSignature reports a webhook delivery whose sender is not proven.
var ErrBadSignature = errors.New("the delivery's signature is missing or wrong")

// Classes are all there are.
func Classes() []Class { return append([]Class{TransientRead}, submitClasses...) }

var submitClasses = []Class{Rejected, Moderated, Throttled, Down, Transient, Ambiguous, JobFailed}

var readClasses = []Class{TransientRead, Throttled, Down}

// classified makes an *Error of one of the allowed classes from whatever a driver returned; the first *Error in the chain
// decides, fallback when there is none or its class is not allowed.
func classified(err error, allowed []Class, fallback Class) *Error {
	var failure *Error
	if errors.As(err, &failure) && slices.Contains(allowed, failure.Class) {
		return failure
	}
	return Meaning{fallback, MeansAmbiguous.Message}.Error(err)
}

// recovered makes an error of a panic in a driver, so that a crash after a paid call is not taken for "nothing happened".
func recovered(panicked any) error { return fmt.Errorf("the driver panicked: %v", panicked) }
