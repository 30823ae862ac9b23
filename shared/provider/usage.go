package provider

import (
	"math"
	"slices"
)

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

// Believable says whether a number makes sense in a Usage.
func Believable(n int64) bool { return n >= 0 && n <= MaxUsage }

// Tokens are those of one kind that a call took or made, and their list price.
type Tokens struct {
	Count         int64
	MicroUSDPer1K int64 // millionths of a US dollar for a thousand of them; 0: not known
}

// TokenUsage is the usage of a call that is billed by its tokens, at the list price and without discounts for cached ones. When a count makes no sense,
// none of them is believed.
func TokenUsage(in, out []Tokens) Usage {
	var used Usage
	var thousandths int64 // of a millionth of a US dollar
	for i, tokens := range slices.Concat(in, out) {
		if !Believable(tokens.Count) {
			return Usage{}
		}
		thousandths += tokens.Count * tokens.MicroUSDPer1K
		if i < len(in) {
			used.InputTokens += tokens.Count
		} else {
			used.OutputTokens += tokens.Count
		}
	}
	used.CostMicroUSD = thousandths / 1000
	return used
}

// Scaled makes a whole number of one that a provider told, times a factor; 0 when it makes no sense.
func Scaled(told, factor float64) int64 {
	if scaled := math.Round(told * factor); scaled > 0 && scaled <= MaxUsage { // false for NaN too
		return int64(scaled)
	}
	return 0
}
