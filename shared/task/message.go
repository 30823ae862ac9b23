package task

import "time"

// Message is a hint on its way through a queue. It names the task and nothing that could be out of date; Request saves the submit step a read.
type Message struct {
	Account string
	Task    ID
	Request string        // sort key of the request row; only on the way to the submit step
	Queue   Queue         // where it goes
	Delay   time.Duration // 0 to 15 min
}

// Queue names one of the four queues of hints.
type Queue string

// The queues. Generate is Submit for models whose provider answers with the image and holds the call open meanwhile.
const (
	SubmitQueue   Queue = "submit"
	GenerateQueue Queue = "generate"
	PollQueue     Queue = "poll"
	StoreQueue    Queue = "store"
)
