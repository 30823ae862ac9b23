// Package task is the heart of Darkroom: what a task is, every move it can make, and the one function that decides which move comes next.
//
// It is pure. Nothing in it reads a clock, calls a service or waits: Decide turns a task, an event and a time into a decision, and
// package workflow carries decisions out. The moves are data (Transitions), read by both stores and by the tests that break them.
package task

// State is where a task stands, for ourselves. Status is what users see of it.
type State string

// The states. Each comment says who moves a task on, and when.
const (
	// Created: accepted, credits held. The create call moves it on (T2) once its hint is sent; a submit step may claim it before that.
	Created State = "CREATED"
	// Queued: its hint is in a queue. The submit step claims it (T3).
	Queued State = "QUEUED"
	// Submitting: one submit step holds the lease and may be calling the provider. That step records what came of it (T4 to T7r); when its
	// lease has run out, another submit step finds out what happened (T9, T13).
	Submitting State = "SUBMITTING"
	// Running: the provider works on a job whose id we know. A webhook or a poll moves it on.
	Running State = "RUNNING"
	// Backoff: an attempt failed and another is allowed. A submit step claims it (T3) once next_at has come.
	Backoff State = "BACKOFF"
	// Storing: a success is recorded. The store step brings the image home and completes the task (T10), or gives up (T11, T11p).
	Storing State = "STORING"
	// Completed: the image is ours and is paid for. Final.
	Completed State = "COMPLETED"
	// Failed: there is no image and the credits are back. Final.
	Failed State = "FAILED"
)

// States lists all of them in the order of a task's life.
var States = []State{Created, Queued, Submitting, Running, Backoff, Storing, Completed, Failed}

// Status is the public side of a state. It never goes backwards.
type Status string

// The statuses, in the words of the API.
const (
	StatusCreated    Status = "created"
	StatusQueued     Status = "queued"
	StatusProcessing Status = "processing"
	StatusCompleted  Status = "completed"
	StatusFailed     Status = "failed"
)

// Statuses lists all of them in order.
var Statuses = []Status{StatusCreated, StatusQueued, StatusProcessing, StatusCompleted, StatusFailed}

var statuses = map[State]Status{
	Created: StatusCreated, Queued: StatusQueued,
	Submitting: StatusProcessing, Running: StatusProcessing, Backoff: StatusProcessing, Storing: StatusProcessing,
	Completed: StatusCompleted, Failed: StatusFailed,
}

// Status projects a state. A state of a newer version shows as processing.
func (s State) Status() Status {
	if status, known := statuses[s]; known {
		return status
	}
	return StatusProcessing
}

// Terminal tells whether nothing can happen to the task any more, except to its content.
func (s State) Terminal() bool { return s == Completed || s == Failed }

// Known is false for a state written by a newer version. Readers then do nothing and let the sweep come back.
func (s State) Known() bool { return statuses[s] != "" }
