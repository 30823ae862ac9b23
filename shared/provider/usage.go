package provider

import "math"

// Usage is what a provider says that a job or an image took and cost. Zero: it did not say. Every number is whole, because that is how it is kept.
type Usage struct {
	CostMicroUSD  int64 // millionths of a US dollar: as it was charged, or what the tokens cost by the list price
	InputTokens   int64
	OutputTokens  int64
	InputMilliMP  int64 // thousandths of a megapixel
	OutputMilliMP int64
	MilliUnits    int64 // thousandths of the unit that the provider bills the model by
	ComputeMS     int64 // milliseconds of work
}

// MaxUsage bounds a number of a Usage; beyond it something is broken, and it is not believed.
const MaxUsage = 1_000_000_000_000

// Scaled makes a whole number of one that a provider told, times a factor; 0 when it makes no sense.
func Scaled(told, factor float64) int64 {
	if scaled := math.Round(told * factor); scaled > 0 && scaled <= MaxUsage { // false for NaN too
		return int64(scaled)
	}
	return 0
}
