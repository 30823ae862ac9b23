package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"darkroom/local/client"
)

// usage is what operators see of an attempt's cost. Numbers that a provider does not tell are 0.
type usage struct {
	CostMicroUSD     int64   `json:"cost_micro_usd"`
	Estimated        bool    `json:"estimated"`
	InputTokens      int64   `json:"input_tokens"`
	OutputTokens     int64   `json:"output_tokens"`
	OutputMegapixels float64 `json:"output_megapixels"`
	BillableUnits    float64 `json:"billable_units"`
	ComputeSeconds   float64 `json:"compute_seconds"`
}

// attemptsOf reads what the attempts of a task cost, as an operator.
func attemptsOf(p *person, admin client.Client, id string) (attempts []usage, cost int64) {
	p.t.Helper()
	answer, err := admin.Send(p.ctx, http.MethodGet, "/admin/v1/accounts/"+p.account+"/tasks/"+id, nil)
	if err != nil || answer.Status != http.StatusOK {
		p.t.Fatalf("read the task as an operator: %+v, %v", answer, err)
	}
	var shown struct {
		CostMicroUSD int64 `json:"cost_micro_usd"`
		Attempts     []struct {
			Usage usage `json:"usage"`
		} `json:"attempts"`
	}
	if err := json.Unmarshal(answer.Body, &shown); err != nil {
		p.t.Fatal(err)
	}
	for _, a := range shown.Attempts {
		attempts = append(attempts, a.Usage)
	}
	return attempts, shown.CostMicroUSD
}

func TestAnOperatorSeesWhatAnImageCostAtEveryProvider(t *testing.T) {
	t.Parallel()
	admin := operator(t)
	for _, each := range oneOfEach {
		told := map[string]func(u usage) bool{
			"bfl": func(u usage) bool { return !u.Estimated && u.CostMicroUSD == 15_000 && u.OutputMegapixels == 1 },
			"openai": func(u usage) bool {
				return !u.Estimated && u.OutputTokens == 196 && u.CostMicroUSD == u.InputTokens*5+196*30
			},
			"gemini": func(u usage) bool {
				return !u.Estimated && u.OutputTokens == 1120 && u.CostMicroUSD == u.InputTokens/2+1120*60
			},
			"fal":       func(u usage) bool { return u.Estimated && u.CostMicroUSD == 12_000 && u.BillableUnits == 1 },
			"replicate": func(u usage) bool { return u.Estimated && u.CostMicroUSD == 1_000 && u.ComputeSeconds > 0 },
		}[each.provider]
		t.Run(each.provider, func(t *testing.T) {
			t.Parallel()
			if told == nil {
				t.Fatal("this test does not say what the provider tells")
			}
			p := newPerson(t)
			faults := ""
			if each.provider == "fal" { // what it bills is in the answer to a poll, and not in its webhook
				faults = "webhook=drop"
			}
			done := p.ended(p.create(wish(t, each.model, faults)).IDs()...)[0]
			p.expect(done, completed, "")
			attempts, cost := attemptsOf(p, admin, done.ID)
			if len(attempts) != 1 || !told(attempts[0]) || cost != attempts[0].CostMicroUSD {
				t.Errorf("an operator sees %+v, in all %d", attempts, cost)
			}
			for _, path := range []string{"/v1/tasks/" + done.ID, "/v1/tasks", "/v1/tasks/" + done.ID + "/receipt", "/v1/credits/entries", "/v1/models"} {
				answer, err := p.Send(p.ctx, http.MethodGet, path, nil)
				if err != nil || answer.Status != http.StatusOK || strings.Contains(string(answer.Body), "micro_usd") {
					t.Errorf("%s as its owner: %+v, %v; want an answer without what it cost us", path, answer, err)
				}
			}
		})
	}
}

func TestAnAttemptThatFailedCountsTowardsTheCost(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	done := p.ended(p.create(wish(t, jobModel, "job_error")).IDs()...)[0]
	p.expect(done, completed, "")
	attempts, cost := attemptsOf(p, operator(t), done.ID)
	if len(attempts) != 2 || cost != attempts[0].CostMicroUSD+attempts[1].CostMicroUSD || attempts[0].CostMicroUSD != 15_000 {
		t.Errorf("an operator sees %+v, in all %d; want both attempts to be paid for", attempts, cost)
	}
}
