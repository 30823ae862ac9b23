package providertest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"darkroom/shared/provider"
)

// Recordings are a provider's answers by what a driver must make of them. Every class of failure that the provider has an answer
// for, and every end of a job, has at least one with a recorded body.
type Recordings struct {
	// Taken are answers to a submit that was taken. The first begins the job of the polls below, so the addresses in it must be
	// none that the driver would follow.
	Taken []Recorded
	// Refused are answers to a submit, by the class of the failure.
	Refused map[provider.Class][]Recorded

	// Running, Done and Failed are answers to a poll: the last by the class of the failure, of the job or of the question.
	Running, Done []Recorded
	Failed        map[provider.Class][]Recorded

	// Unsaid are the classes that no documented answer of the provider has.
	Unsaid []provider.Class
}

// replayed puts a driver before recorded answers and submits a call, whose prompt no error may repeat.
func (s Subject) replayed(t *testing.T, answers ...Recorded) (*Replay, provider.Submission, error) {
	t.Helper()
	replay := NewReplay(t, s.New, answers...)
	call := s.Call
	call.Prompt = "SECRET PROMPT"
	made, err := replay.Driver.Submit(t.Context(), call)
	if replay.Calls != 1 {
		t.Errorf("%+v: %d calls, want 1: a driver never retries", answers[0], replay.Calls)
	}
	return replay, made, err
}

// polled submits, which the provider takes, and polls the job, with a recorded answer.
func (s Subject) polled(t *testing.T, answer Recorded) (provider.Report, error) {
	t.Helper()
	answers := []Recorded{s.Recorded.Taken[0], answer}
	if answer.Then != nil {
		answers = append(answers, *answer.Then)
	}
	replay, made, err := s.replayed(t, answers...)
	if err != nil || made.Job == nil {
		t.Fatalf("%+v: %+v, %v; want a job", answers[0], made, err)
	}
	told, err := replay.Driver.Poll(t.Context(), *made.Job)
	if asked := replay.Calls - 1; asked != len(answers)-1 {
		t.Errorf("%+v: asked %d times, want %d", answer, asked, len(answers)-1)
	}
	return told, err
}

// testRecorded replays the recorded answers.
func testRecorded(t *testing.T, subject Subject) {
	recorded := subject.Recorded
	t.Run("TakenSubmits", func(t *testing.T) {
		for _, answer := range recorded.Taken {
			if _, made, err := subject.replayed(t, answer); err != nil || (made.Job != nil) != subject.Jobs {
				t.Errorf("%+v: %+v, %v; want it taken", answer, made, err)
			}
		}
	})
	for class, answers := range recorded.Refused {
		t.Run("SubmitIs/"+string(class), func(t *testing.T) {
			for _, answer := range answers {
				_, _, err := subject.replayed(t, answer)
				checkFailure(t, answer, err, class)
			}
		})
	}
	t.Run("SubmitToARetiredModelIsDown", func(t *testing.T) {
		for _, status := range []int{404, 410} {
			_, _, err := subject.replayed(t, Recorded{Status: status})
			checkFailure(t, Recorded{Status: status}, err, provider.Down)
		}
	})
	for state, answers := range map[provider.ReportState][]Recorded{provider.Running: recorded.Running, provider.Succeeded: recorded.Done} {
		t.Run("JobIs/"+string(state), func(t *testing.T) {
			for _, answer := range answers {
				told, err := subject.polled(t, answer)
				if err != nil || told.State != state || (told.Output != nil && !strings.Contains(told.Output.URL, answer.Tells)) {
					t.Errorf("%+v: %+v, %v; want it %s", answer, told, err, state)
				}
			}
		})
	}
	for class, answers := range recorded.Failed {
		t.Run("PollIs/"+string(class), func(t *testing.T) {
			for _, answer := range answers {
				told, err := subject.polled(t, answer)
				if told.Err != nil { // of the job, rather than of the question
					err = told.Err
				}
				checkFailure(t, answer, err, class)
			}
		})
	}
	t.Run("EveryClassAndEndHasABody", func(t *testing.T) { recorded.checkWhole(t, subject.Jobs) })
}

// checkFailure checks what a recorded answer was made into.
func checkFailure(t *testing.T, answer Recorded, err error, class provider.Class) {
	t.Helper()
	var failure *provider.Error
	switch {
	case !errors.As(err, &failure) || failure.Class != class || failure.RetryAfter != answer.RetryAfter || failure.Message == "":
		t.Errorf("%+v: %v; want class %q after %v with a message", answer, err, class, answer.RetryAfter)
	case !strings.Contains(err.Error(), answer.Tells):
		t.Errorf("%+v: %q, want %q in it", answer, err, answer.Tells)
	case strings.Contains(err.Error()+failure.Message, "SECRET") || strings.Contains(err.Error(), ReplayKey):
		t.Errorf("%+v: %q holds the prompt or the key", answer, err)
	}
}

// checkWhole finds what is not recorded.
func (r Recordings) checkWhole(t *testing.T, jobs bool) {
	hasBody := func(a Recorded) bool { return a.File != "" && (a.Then == nil || a.Then.File != "") }
	has := func(answers []Recorded) bool { return slices.ContainsFunc(answers, hasBody) }
	for _, class := range provider.Classes() {
		said, unsaid := has(r.Refused[class]) || has(r.Failed[class]), slices.Contains(r.Unsaid, class)
		switch {
		case class == provider.TransientRead && !jobs: // there is nothing to ask
		case said && unsaid:
			t.Errorf("class %q is recorded: take it out of Unsaid", class)
		case !said && !unsaid:
			t.Errorf("class %q has no recorded body", class)
		}
	}
	ends := map[string][]Recorded{"a submit that was taken": r.Taken}
	if jobs {
		ends["a running job"], ends["an image"] = r.Running, r.Done
		ends["a job that was moderated"], ends["a job that failed"] = r.Failed[provider.Moderated], r.Failed[provider.JobFailed]
	}
	for end, answers := range ends {
		if !has(answers) {
			t.Errorf("%s has no recorded body", end)
		}
	}
}
