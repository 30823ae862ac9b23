package bfl_test

import (
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

const mount = "/bfl"

func TestCallsAreAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, mount)
	contract.CheckSubmits(t, newReplay(t, recorded{Status: 200, File: "created.json"}), "bfl")
}

func TestTheDocumentedAnswerToACreateIsAJob(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, mount)
	answer := contract.Example(t, "POST", "/v1/flux-2-pro", map[string]any{"id": jobID, "cost": 3.5})
	made, err := newReplay(t, recorded{Status: 200, Body: answer}).Driver.Submit(t.Context(), fox)
	if err != nil || made.Job == nil || made.Job.ID != jobID || made.Usage.CostMicroUSD != 35_000 {
		t.Errorf("%+v, %v; want job %s for 3.5 cents", made, err, jobID)
	}
}

func TestEveryDocumentedStatusIsUnderstood(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, mount)
	states := map[string]provider.ReportState{
		"Task not found": provider.Running, "Pending": provider.Running, "Ready": provider.Succeeded,
		"Request Moderated": provider.Failed, "Content Moderated": provider.Failed, "Error": provider.Failed,
	}
	for _, word := range contract.Words(t, "StatusResponse", "") {
		answer := contract.Example(t, "GET", "/v1/get_result", map[string]any{
			"id": jobID, "status": word, "result": map[string]any{"sample": "https://delivery.eu1.bfl.ai/results/a1/sample.jpeg"},
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

func TestRecordedAnswersAreAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, mount)
	for _, test := range []struct {
		method, path string
		status       int
		files        []string
	}{
		{"POST", "/v1/flux-2-pro", 200, []string{"created.json", "created_edit.json", "created_with_webhook.json"}},
		{"POST", "/v1/flux-2-pro", 422, []string{"invalid.json"}},
		{"GET", "/v1/get_result", 200, []string{"pending.json", "ready.json", "content_moderated.json", "request_moderated.json", "error.json", "not_found.json"}},
	} {
		for _, file := range test.files {
			if err := contract.CheckAnswer(test.method, test.path, test.status, providertest.Testdata(t, file)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}
