package provider

import (
	"errors"
	"fmt"
	"net/http"
)

// Meaning is what a provider's "no" means for us: of an HTTP status, of an error code, of the end of a job.
type Meaning struct {
	Class   Class
	Message string // safe for users: it names no provider, and holds nothing that a provider said
}

// The meanings that every provider knows. A driver adds one of its own only where a user could do something else about it.
var (
	MeansRejected         = Meaning{Rejected, "The model does not accept this request. Check the prompt, the images and the settings."}
	MeansModerated        = Meaning{Moderated, "The request was refused by the model's content policy."}
	MeansPromptModerated  = Meaning{Moderated, "The prompt was refused by the model's content policy."}
	MeansPictureModerated = Meaning{Moderated, "The image was refused by the model's content policy."}
	MeansThrottled        = Meaning{Throttled, "The model is busy."}
	MeansDown             = Meaning{Down, "The model is not available at the moment."}
	MeansUnreached        = Meaning{Transient, "The model could not be reached."}
	MeansNotTaken         = Meaning{Transient, "The model is busy."}
	MeansAmbiguous        = Meaning{Ambiguous, "The model did not answer in time."}
	MeansUnread           = Meaning{TransientRead, "The model did not answer in time."}
	MeansFailed           = Meaning{JobFailed, "The model could not make this image."}
)

// Error is a failure with this meaning; err is for the log.
func (m Meaning) Error(err error) *Error { return &Error{Class: m.Class, Message: m.Message, Err: err} }

// Report fails a job with this meaning. The reason is for the log: codes that passed CodeWord, and no free text; it may be empty.
func (m Meaning) Report(reason string) Report {
	failure := m.Error(nil)
	if reason != "" {
		failure.Err = errors.New(reason)
	}
	return Report{State: Failed, Err: failure}
}

// onCreate are the statuses of a create call which say that nothing was executed. A moved address is not followed, and will not
// come back by itself.
var onCreate = map[int]Meaning{
	http.StatusMovedPermanently:      MeansDown,
	http.StatusTemporaryRedirect:     MeansDown,
	http.StatusPermanentRedirect:     MeansDown,
	http.StatusBadRequest:            MeansRejected,
	http.StatusUnauthorized:          MeansDown, // wrong key
	http.StatusPaymentRequired:       MeansDown, // out of credit
	http.StatusForbidden:             MeansDown, // no access, or a locked account
	http.StatusNotFound:              MeansDown, // retired model
	http.StatusMethodNotAllowed:      MeansDown,
	http.StatusGone:                  MeansDown, // retired model
	http.StatusRequestEntityTooLarge: MeansRejected,
	http.StatusUnprocessableEntity:   MeansRejected,
	http.StatusTooManyRequests:       MeansThrottled,
}

// onRead are the statuses of a question that will not pass by asking again.
var onRead = map[int]Meaning{
	http.StatusUnauthorized:    MeansDown,
	http.StatusPaymentRequired: MeansDown,
	http.StatusForbidden:       MeansDown,
	http.StatusTooManyRequests: MeansThrottled,
}

// OnCreate is what the status of a refused create call means where the provider documents nothing else. A status that is not
// listed may come from in front of or behind the work: ambiguous.
func (a Answer) OnCreate() Meaning { return meaningOf(a.Status, onCreate, MeansAmbiguous) }

// OnRead is what the status of a refused question means where the provider documents nothing else. Any other may pass.
func (a Answer) OnRead() Meaning { return meaningOf(a.Status, onRead, MeansUnread) }

func meaningOf(status int, known map[int]Meaning, otherwise Meaning) Meaning {
	if means, found := known[status]; found {
		return means
	}
	return otherwise
}

// Unsent refuses a call before it is made: it asks for something that the model does not have. The message is for the user; the wish, which names
// what was asked for, is for the log.
func Unsent(message, wish string) *Error {
	return Meaning{Rejected, message}.Error(fmt.Errorf("not sent: %s", wish))
}
