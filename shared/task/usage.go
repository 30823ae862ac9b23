package task

import (
	"maps"

	"darkroom/shared/transition"
)

// Usage is what an attempt took and cost at its provider, for operators. From the claim on it is the catalogue's estimate; what the provider tells takes its place.
type Usage struct {
	CostMicroUSD  int64 // 0: nothing, or not known
	Estimated     bool  // the provider has not told the cost
	InputTokens   int64
	OutputTokens  int64
	InputMilliMP  int64 // thousandths of a megapixel
	OutputMilliMP int64
	MilliUnits    int64 // thousandths of the unit that the provider bills by
	ComputeMS     int64 // milliseconds of work
}

// estimated is the usage of an attempt that nothing else is known of.
func estimated(microUSD int64) Usage { return Usage{CostMicroUSD: microUSD, Estimated: microUSD > 0} }

// numbers are the numbers of a usage by their names in an item, which are short because each of its bytes is paid for at every write.
func (u *Usage) numbers() map[string]*int64 {
	return map[string]*int64{"cost": &u.CostMicroUSD, "tok_in": &u.InputTokens, "tok_out": &u.OutputTokens, "mp_in": &u.InputMilliMP, "mp_out": &u.OutputMilliMP,
		"units": &u.MilliUnits, "ms": &u.ComputeMS}
}

// learn is the usage once its provider has told something of it.
func (u Usage) learn(told Usage) Usage {
	known := u.numbers()
	for name, n := range told.numbers() {
		if *n != 0 {
			*known[name] = *n
		}
	}
	u.Estimated = u.Estimated && told.CostMicroUSD == 0
	return u
}

func (u Usage) item() transition.Item {
	item := transition.Item{}
	for name, n := range u.numbers() {
		if *n != 0 {
			item[name] = *n
		}
	}
	if u.Estimated {
		item["estimated"] = true
	}
	return item
}

func usageFrom(item transition.Item) (u Usage) {
	for name, n := range u.numbers() {
		*n = item.Int(name)
	}
	u.Estimated = item.Flag("estimated")
	return u
}

// ProviderCostMicroUSD is what all attempts have cost, or may have: an attempt whose end nobody knows counts with its estimate.
func (t *Task) ProviderCostMicroUSD() (cost int64) {
	for _, a := range t.Attempts {
		cost += a.Usage.CostMicroUSD
	}
	return cost
}

// withUsage is the task with the usage of an attempt that a move is about to record.
func (t *Task) withUsage(n int, u Usage) *Task {
	copied := *t
	copied.Attempts = maps.Clone(t.Attempts)
	a := copied.Attempts[n]
	a.Usage = u
	copied.Attempts[n] = a
	return &copied
}
