package fal_test

import (
	"strings"
	"testing"

	"darkroom/shared/provider/providertest"
)

// fal's document is about its platform. What the queue and the models take is published for each model on its own page, and
// is in the golden bodies.
func TestTheLookupIsAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, "/fal/api/v1")
	answer := contract.Example(t, "GET", "/models/requests/by-endpoint", map[string]any{"next_cursor": nil, "has_more": false})
	r := newReplay(t, recorded{Status: 200, Body: answer})
	if job, err := r.Driver.Lookup(t.Context(), "k1.account.task.1.mac", began); err != nil || job != nil {
		t.Errorf("job = %+v, %v; want none: the documented request is not ours", job, err)
	}
	if err := contract.CheckCall(r.Method, r.Path, r.Body); err != nil {
		t.Error(err)
	}
	tooMany, unnamed := strings.Replace(r.Path, "limit=20", "limit=101", 1), strings.Replace(r.Path, "endpoint_id=", "cursor=", 1)
	for _, spoilt := range []string{tooMany, unnamed, r.Path + "&colour=red"} {
		if contract.CheckCall(r.Method, spoilt, nil) == nil {
			t.Errorf("%s passes", spoilt)
		}
	}
}

func TestTheDocumentedRequestIsFoundByItsMarker(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, "/fal/api/v1")
	answer := contract.Example(t, "GET", "/models/requests/by-endpoint", nil)
	marked := strings.Replace(string(answer), `"prompt":`, `"client_reference_id":"k1.account.task.1.mac","prompt":`, 1)
	job, err := newReplay(t, recorded{Status: 200, Body: []byte(marked)}).Driver.Lookup(t.Context(), "k1.account.task.1.mac", began)
	if err != nil || job == nil || job.ID != "a1b2c3d4-e5f6-7890-abcd-ef1234567890" {
		t.Errorf("job = %+v, %v; want the documented one", job, err)
	}
}

func TestRecordedListsAreAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, "/fal/api/v1")
	for _, file := range []string{"requests.json", "requests_last.json"} {
		if err := contract.CheckAnswer("GET", "/models/requests/by-endpoint", 200, providertest.Testdata(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
