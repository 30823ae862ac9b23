package workflow

import (
	"errors"

	"darkroom/shared/catalog"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/upload"
)

// estimate is what an attempt at a provider costs by its list prices; 0 when nobody is to run it, or its order is gone.
func estimate(route catalog.Route, request *task.Request) int64 {
	if request == nil {
		return 0
	}
	return route.Cost.Estimate(request.Params.Width, request.Params.Height, request.Params.Quality, upload.Images(request.Asked()))
}

// usageOf is a provider's usage in the words of package task. When one of its numbers makes no sense, none of them is believed.
func usageOf(u provider.Usage) task.Usage {
	for _, n := range []int64{u.CostMicroUSD, u.InputTokens, u.OutputTokens, u.InputMilliMP, u.OutputMilliMP, u.MilliUnits, u.ComputeMS} {
		if !provider.Believable(n) {
			return task.Usage{}
		}
	}
	return task.Usage{CostMicroUSD: u.CostMicroUSD, InputTokens: u.InputTokens, OutputTokens: u.OutputTokens, InputMilliMP: u.InputMilliMP, OutputMilliMP: u.OutputMilliMP,
		MilliUnits: u.MilliUnits, ComputeMS: u.ComputeMS}
}

// usageIn is the usage that a failure tells.
func usageIn(err error) task.Usage {
	var failure *provider.Error
	if errors.As(err, &failure) {
		return usageOf(failure.Usage)
	}
	return task.Usage{}
}

// countMargin counts what a settled task brought and cost, in millionths of a US dollar. A release brings nothing; what its attempts cost is a loss.
func (e *Engine) countMargin(model string, brought, cost int64) {
	if brought == 0 && cost == 0 {
		return
	}
	e.Metrics.Count("ProviderCostMicroUSD", float64(cost), "Model", model)
	e.Metrics.Count("MarginMicroUSD", float64(brought-cost), "Model", model)
}
