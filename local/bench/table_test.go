package bench

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestOnlyCountsAndSizesCanFailTheRun(t *testing.T) {
	var tab table
	tab.count("calls", 9, 9, false)
	tab.count("fewer calls", 8, 9, false)
	tab.time("seconds", "1 s", "2 s", false)
	tab.tell("more", "3 x")
	if n := tab.missed(); n != 0 {
		t.Errorf("%d missed, want none: %+v", n, tab.rows)
	}
	tab.count("too many calls", 10, 9, false)
	tab.count("not exactly one", 0, 1, true)
	tab.check("size", "at most 1 MB", "2 MB", false)
	if n := tab.missed(); n != 3 {
		t.Errorf("%d missed, want 3: %+v", n, tab.rows)
	}
	var out strings.Builder
	if err := tab.print(&out); err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]string{"seconds": "slower", "too many calls": "MISSED", "calls": "ok", "more": "3 x"} {
		line := lineOf(out.String(), what)
		if !strings.HasSuffix(line, want) {
			t.Errorf("the line of %q is %q, want it to end with %q", what, line, want)
		}
	}
}

func lineOf(text, what string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, what+" ") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

func TestBenchmarkOutputIsReadByUnits(t *testing.T) {
	got := best(`goos: linux
BenchmarkLifecycle 	    4321	    274672 ns/op	      3641 lives/s	   52304 B/op
BenchmarkLifecycle-2 	    4321	    274672 ns/op	      4641 lives/s
BenchmarkHappyTask 	    1602	   1172738 ns/op	        11.00 T1-units/task	         9.000 calls/task
PASS
`)
	for unit, want := range map[string]float64{"lives/s": 4641, "T1-units/task": 11, "calls/task": 9} {
		if got[unit] != want {
			t.Errorf("%s: got %g, want %g", unit, got[unit], want)
		}
	}
}

func TestAProgramBuiltWithoutTheFlagsIsFound(t *testing.T) {
	test, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	faults, err := faultsOf(test) // the test program has no tag
	if err != nil || !strings.Contains(strings.Join(faults, "; "), `-tags is "", want "lambda.norpc"`) {
		t.Errorf("got %q, %v", faults, err)
	}
}

func TestPercentilesAreMeasuredValues(t *testing.T) {
	var all []time.Duration
	for i := range 20 {
		all = append(all, time.Duration(20-i))
	}
	for p, want := range map[int]time.Duration{50: 10, 95: 19, 100: 20} {
		if got := percentile(all, p); got != want {
			t.Errorf("p%d: got %d, want %d", p, got, want)
		}
	}
	if got := percentile([]time.Duration{7}, 50); got != 7 {
		t.Errorf("of one: got %d", got)
	}
}

func TestTheAccountIsThatOfTheTokensOwner(t *testing.T) {
	// {"iss":"https://issuer.example","sub":"alice"}
	got, err := accountOf("e30.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3ViIjoiYWxpY2UifQ.c2ln")
	if err != nil || got != "hkpjonovce37kxjsekdwdjklbd" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := accountOf("no token"); err == nil {
		t.Errorf("no token is account %q", got)
	}
}
