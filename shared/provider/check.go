package provider

import (
	"errors"
	"fmt"
)

// checkSubmission refuses an answer that the workflow could not record. The call was executed in every case.
func (p *Provider) checkSubmission(made Submission) error {
	switch {
	case made.Job == nil && made.Output == nil:
		return errors.New("the driver returned neither a job nor an output")
	case made.Job != nil && made.Output != nil:
		return errors.New("the driver returned a job and an output")
	case made.Job != nil:
		return checkJob(*made.Job)
	}
	if err := p.checkOutput(*made.Output); err != nil {
		return MeansFailed.Error(err)
	}
	return nil
}

func checkJob(job Job) error {
	switch {
	case job.ID == "":
		return errors.New("the job has no id")
	case len(job.ID) > MaxJobID:
		return fmt.Errorf("the job's id has %d bytes; allowed: %d", len(job.ID), MaxJobID)
	case len(job.Handle) > MaxHandle:
		return fmt.Errorf("the job's handle has %d bytes; allowed: %d", len(job.Handle), MaxHandle)
	}
	return nil
}

// checkReport refuses a report that says two things at once. A success with a link to a host that is not allowed is
// unreadable rather than failed: an operator may allow a provider's new host while the link lives, and a failure would pay
// for the same surprise again.
func (p *Provider) checkReport(told Report) error {
	switch {
	case told.State == Running && told.Output == nil && told.Err == nil:
		return nil
	case told.State == Succeeded && told.Output != nil && told.Err == nil:
		return p.checkOutput(*told.Output)
	case told.State == Failed && told.Output == nil && told.Err != nil:
		switch told.Err.Class {
		case Rejected, Moderated, JobFailed:
			return nil
		}
		return fmt.Errorf("the report fails a job with class %q", told.Err.Class)
	}
	return fmt.Errorf("the report %q contradicts itself (output: %t, failure: %t)", told.State, told.Output != nil, told.Err != nil)
}

func (p *Provider) checkOutput(out Output) error {
	switch {
	case out.URL == "" && len(out.Data) == 0:
		return errors.New("the output is empty")
	case out.URL != "" && len(out.Data) > 0:
		return errors.New("the output is a link and bytes at once")
	case out.URL != "":
		if _, err := p.outputs.Check(out.URL); err != nil {
			return fmt.Errorf("output link: %w", err)
		}
	}
	return nil
}
