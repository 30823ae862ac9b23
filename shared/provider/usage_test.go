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

func TestTokensCostTheirListPriceOrNoneOfThemIsBelieved(t *testing.T) {
	for what, c := range map[string]struct {
		in, out []Tokens
		want    Usage
	}{
		"NoTokens":       {},
		"OfSeveralKinds": {[]Tokens{{12, 500}, {40, 8_000}}, []Tokens{{1120, 60_000}, {10, 3_000}}, Usage{CostMicroUSD: 6 + 320 + 67_200 + 30, InputTokens: 52, OutputTokens: 1130}},
		"WithoutAPrice":  {[]Tokens{{12, 0}}, []Tokens{{1120, 0}}, Usage{InputTokens: 12, OutputTokens: 1120}},
		"BelowNothing":   {[]Tokens{{12, 500}}, []Tokens{{1120, 60_000}, {-1, 3_000}}, Usage{}},
		"BeyondMeasure":  {[]Tokens{{math.MaxInt64, 500}}, []Tokens{{1120, 60_000}}, Usage{}},
	} {
		if got := TokenUsage(c.in, c.out); got != c.want {
			t.Errorf("%s: got %+v, want %+v", what, got, c.want)
		}
	}
}
