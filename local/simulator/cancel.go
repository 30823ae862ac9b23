package simulator

import "time"

// Cancel is a call that asks for the end of a job.
const Cancel Operation = "cancel"

// canceled: a client asked for the job's end before the work was done.
const canceled outcome = "canceled"

// cancel ends a job that still runs. It is false when the job had ended before, which stands then.
func (j *job) cancel(at time.Time) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.finished.IsZero() {
		return false
	}
	j.ends, j.finished = canceled, at
	return true
}
