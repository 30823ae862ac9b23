package httpapi

import "darkroom/shared/task"

// UsageView is what an attempt took and cost. Numbers that the provider does not tell are left out.
type UsageView struct {
	CostMicroUSD     int64   `json:"cost_micro_usd" doc:"What it cost us, in millionths of a US dollar; 0: nothing, or not known."`
	Estimated        bool    `json:"estimated" doc:"The cost is the catalogue's estimate: the provider has told none."`
	InputTokens      int64   `json:"input_tokens,omitempty"`
	OutputTokens     int64   `json:"output_tokens,omitempty"`
	InputMegapixels  float64 `json:"input_megapixels,omitempty"`
	OutputMegapixels float64 `json:"output_megapixels,omitempty"`
	BillableUnits    float64 `json:"billable_units,omitempty" doc:"In the unit that the provider bills the model by."`
	ComputeSeconds   float64 `json:"compute_seconds,omitempty"`
}

func usageView(u task.Usage) UsageView {
	thousandths := func(n int64) float64 { return float64(n) / 1000 }
	return UsageView{
		CostMicroUSD: u.CostMicroUSD, Estimated: u.Estimated, InputTokens: u.InputTokens, OutputTokens: u.OutputTokens, InputMegapixels: thousandths(u.InputMilliMP),
		OutputMegapixels: thousandths(u.OutputMilliMP), BillableUnits: thousandths(u.MilliUnits), ComputeSeconds: thousandths(u.ComputeMS),
	}
}
