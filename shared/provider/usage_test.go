package provider

import (
	"math"
	"testing"
)

func TestANumberOfAProvidersIsMadeWholeOrNotBelieved(t *testing.T) {
	for _, test := range []struct {
		told, factor float64
		want         int64
	}{
		{4.5, 10_000, 45_000}, {0.015, 1000, 15}, {1.0486, 1000, 1049}, {0, 1000, 0}, {0.0001, 1000, 0},
		{-1, 1000, 0}, {math.NaN(), 1000, 0}, {math.Inf(1), 1000, 0}, {math.Inf(-1), 1000, 0}, {1e9, 1000, 1e12}, {1e300, 1000, 0}, {math.MaxFloat64, 10_000, 0},
	} {
		if got := Scaled(test.told, test.factor); got != test.want {
			t.Errorf("%g x %g: got %d, want %d", test.told, test.factor, got, test.want)
		}
	}
}
