package task

import (
	"time"

	"darkroom/shared/asset"
)

// Event is what happened to a task or is asked of it.
type Event interface{ event() }

// Hints: a message says "look at this task now". Repeating, reordering and losing them changes nothing but time.
type (
	// SubmitHint reaches the submit step. Provider is the one that would run the next attempt; empty when all are off until RetryAt.
	SubmitHint struct {
		LeaseID          string
		Provider         string
		RetryAt          time.Time
		CallTime         time.Duration // bound of one call to the provider
		EstimateMicroUSD int64         // what that provider's list prices say the attempt costs
	}
	// PollHint reaches the poll step.
	PollHint struct{}
	// StoreHint reaches the store step.
	StoreHint struct{ LeaseID string }
	// Sweep is the sweeper's look at a task in the due index.
	Sweep struct{}
)

// Reports: what a submit, a poll or a webhook said about an attempt's job.
type (
	// Accepted: the provider has the job. Found is true when a signed webhook or a look-up said so after the answer was lost.
	Accepted struct {
		Attempt int
		Job     string
		Handle  string
		Found   bool
		Usage   Usage // as told; zero: nothing was
	}
	// Succeeded: the attempt has an output.
	Succeeded struct {
		Attempt int
		Source  Source
		Usage   Usage // as told; zero: nothing was
	}
	// Failing: the attempt came to nothing, for this reason.
	Failing struct {
		Attempt    int
		Reason     FailReason
		LeaseID    string        // of the submit step that reports, for Ambiguous
		RetryAfter time.Duration // the provider's wish; 0: none
		Usage      Usage         // as told; zero: nothing was
	}
	// Pending: the provider still works on it.
	Pending struct{ Attempt int }
	// Unstaged: a repair looked for staged bytes of a lost submit and for its job, and found neither.
	Unstaged struct{ Attempt int }
	// LookupFailed: a repair found no staged bytes, and its question for the job was not answered.
	LookupFailed struct{ Attempt int }
	// StagedFound: a repair found staged bytes.
	StagedFound struct {
		Attempt int
		Source  Source
	}
)

// FailReason says how an attempt came to nothing. What follows from it is decided here, once.
type FailReason string

// The reasons.
const (
	RejectedByProvider FailReason = "rejected"  // it will never make this image
	ModeratedAway      FailReason = "moderated" // its content policy
	BadInput           FailReason = "input"     // an input cannot be used
	NotExecuted        FailReason = "refused"   // the call was certainly not executed: throttled, refused, no connection
	AnswerLost         FailReason = "ambiguous" // the call may have been executed
	JobLost            FailReason = "job"       // the provider accepted the job and then failed it
)

// Ends of the store step.
type (
	// Stored: original and preview are in our bucket.
	Stored struct{ Asset asset.Asset }
	// StoreFailed: this try failed. DeadLink asks for a fresh link. HeldBack: our own check of the image could not be made.
	StoreFailed struct {
		LeaseID  string
		DeadLink bool
		HeldBack bool
	}
	// Unusable: the output will never do. Moderated when our own check refused it.
	Unusable struct {
		LeaseID   string
		Moderated bool
	}
	// Erased: the objects of the task are gone. Live is the request's count of tasks with content.
	Erased struct{ Live int }
)

// Asked for by people, or seen going wrong.
type (
	Cancel        struct{}
	Delete        struct{}
	Restore       struct{}
	ForcedRelease struct{ By, Why string }
	// Crashed: a handler crashed on this task.
	Crashed struct{}
	// SettledAlready: the ledger holds a settle entry although the task is open.
	SettledAlready struct{ Captured bool }
)

func (SubmitHint) event()     {}
func (PollHint) event()       {}
func (StoreHint) event()      {}
func (Sweep) event()          {}
func (Accepted) event()       {}
func (Succeeded) event()      {}
func (Failing) event()        {}
func (Pending) event()        {}
func (Unstaged) event()       {}
func (LookupFailed) event()   {}
func (StagedFound) event()    {}
func (Stored) event()         {}
func (StoreFailed) event()    {}
func (Unusable) event()       {}
func (Erased) event()         {}
func (Cancel) event()         {}
func (Delete) event()         {}
func (Restore) event()        {}
func (ForcedRelease) event()  {}
func (Crashed) event()        {}
func (SettledAlready) event() {}
