package storetest

import (
	"context"
	"testing"
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/workflow"
	"darkroom/shared/workflow/simtest"
)

func twoStepsCallOnce(t *testing.T, s Store) {
	driver := &simtest.JobDriver{}
	e := engine(s)
	submitter := &workflow.Submitter{Engine: e, Providers: provider.Set{"bfl": provider.New(driver, provider.Settings{})}, Staging: &simtest.Bucket{},
		Switches: &workflow.Switches{Store: s, Now: e.Now}, Tokens: simtest.Tokens(),
		CallLimit: time.Minute}
	for i, made := range seed(t, s, "a", task.Queued, 10) {
		hint := task.Message{Account: made.Account, Task: made.ID, Request: made.Request}
		errs := make([]error, 2)
		together(2, func(j int) { errs[j] = submitter.Submit(context.Background(), hint) })
		must(t, errs[0])
		must(t, errs[1])
		if calls := len(driver.Calls()); calls != i+1 {
			t.Fatalf("after %d tasks the provider was called %d times", i+1, calls)
		}
		item, err := s.Get(context.Background(), made.Key())
		must(t, err)
		if got := task.From(made.Key(), item); got.State != task.Running || got.Att != 1 || got.Attempts[1].Job == "" {
			t.Errorf("the task is %s in attempt %d with job %q", got.State, got.Att, got.Attempts[1].Job)
		}
	}
}
