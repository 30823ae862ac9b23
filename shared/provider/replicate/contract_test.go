package replicate_test

import (
	"testing"
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

const (
	mount       = "/replicate/v1"
	predictions = "/models/{model_owner}/{model_name}/predictions"
	prediction  = "/predictions/{prediction_id}"
)

// The document leaves open what a model takes; that is in the golden bodies.
func TestCallsAreAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, mount)
	contract.CheckSubmits(t, newReplay(t, recorded{Status: 201, File: "starting.json"}), "replicate")
}

func TestTheDocumentedAnswerToACreateIsAJob(t *testing.T) {
	t.Parallel()
	answer := providertest.ReadContract(t, mount).Example(t, "POST", predictions, map[string]any{"id": jobID})
	made, err := newReplay(t, recorded{Status: 201, Body: answer}).Driver.Submit(t.Context(), fox)
	if err != nil || made.Job == nil || made.Job.ID != jobID {
		t.Errorf("%+v, %v; want job %s", made, err, jobID)
	}
}

func TestEveryDocumentedStatusIsUnderstood(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, mount)
	states := map[string]provider.ReportState{
		"starting": provider.Running, "processing": provider.Running, "succeeded": provider.Succeeded,
		"failed": provider.Failed, "canceled": provider.Failed, "aborted": provider.Failed,
	}
	for _, word := range contract.Words(t, "schemas_prediction_response", "status") {
		answer := contract.Example(t, "GET", prediction, map[string]any{
			"id": jobID, "status": word, "output": []any{"https://replicate.delivery/a/out.webp"},
		})
		r := newReplay(t, recorded{Status: 200, Body: answer})
		report, err := r.Driver.Poll(t.Context(), provider.Job{ID: jobID})
		if want, known := states[word]; err != nil || !known || report.State != want {
			t.Errorf("%s: %+v, %v; want %q", word, report, err, want)
		}
		if err := contract.CheckCall(r.Method, r.Path, r.Body); err != nil {
			t.Error(err)
		}
	}
}

func TestCancelAndLookupAreAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, mount)
	r := newReplay(t, recorded{Status: 200, Body: contract.Example(t, "POST", prediction+"/cancel", nil)})
	if err := r.Driver.Cancel(t.Context(), provider.Job{ID: jobID}); err != nil {
		t.Error(err)
	}
	if err := contract.CheckCall(r.Method, r.Path, r.Body); err != nil {
		t.Error(err)
	}
	r = newReplay(t, recorded{Status: 200, Body: contract.Example(t, "GET", "/predictions", nil)})
	if job, err := r.Driver.Lookup(t.Context(), "k1.a.t.1.mac", time.Unix(1_800_000_000, 0)); err != nil || job != nil {
		t.Errorf("job = %+v, %v; want none: the documented prediction is not ours", job, err)
	}
	if err := contract.CheckCall(r.Method, r.Path, r.Body); err != nil {
		t.Error(err)
	}
}

func TestRecordedAnswersAreAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, mount)
	if err := contract.CheckAnswer("POST", predictions, 201, providertest.Testdata(t, "starting.json")); err != nil {
		t.Errorf("starting.json: %v", err)
	}
	for _, file := range []string{
		"processing.json", "succeeded.json", "succeeded_list.json", "removed.json", "failed.json", "failed_sensitive.json", "canceled.json", "aborted.json",
	} {
		if err := contract.CheckAnswer("GET", prediction, 200, providertest.Testdata(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
