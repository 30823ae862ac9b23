package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is one line of `go test -json`.
type event struct {
	Action  string
	Package string
	Test    string
	Elapsed float64
	Output  string
}

// report collects events.
type report struct {
	out     io.Writer
	output  map[string]*strings.Builder // of a test, or of a package for what no test printed
	passed  []string                    // "<package> <test>"
	failed  int
	skipped int
	broken  bool // a package failed without a failing test, or an event could not be read
}

func newReport(out io.Writer) *report {
	return &report{out: out, output: map[string]*strings.Builder{}}
}

// line takes one event. What is no event (a build error of an older tool) is shown as it is.
func (r *report) line(raw []byte) {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil || e.Action == "" {
		fmt.Fprintln(r.out, string(raw))
		return
	}
	name := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		if r.output[name] == nil {
			r.output[name] = &strings.Builder{}
		}
		r.output[name].WriteString(e.Output)
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "build-fail":
		r.broken = true
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.ended(e)
		} else {
			r.test(e, name)
		}
	}
}

func (r *report) test(e event, name string) {
	switch e.Action {
	case "pass":
		r.passed = append(r.passed, name)
		delete(r.output, name)
		return
	case "skip":
		r.skipped++
	case "fail":
		r.failed++
	}
	fmt.Fprintf(r.out, "%s %s\n", strings.ToUpper(e.Action), name)
	if printed := r.output[name]; printed != nil {
		fmt.Fprint(r.out, printed)
	}
}

// ended says how a package did, in go test's own words.
func (r *report) ended(e event) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(r.out, "ok  \t%s\t%.3fs\n", e.Package, e.Elapsed)
	case "skip":
		fmt.Fprintf(r.out, "?   \t%s\t[no test files]\n", e.Package)
	case "fail":
		r.broken = true
		if printed := r.output[e.Package+" "]; printed != nil {
			fmt.Fprint(r.out, printed)
		}
		fmt.Fprintf(r.out, "FAIL\t%s\t%.3fs\n", e.Package, e.Elapsed)
	}
}

// keep appends the names of what passed.
func (r *report) keep(path string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(strings.Join(append(r.passed, ""), "\n")); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// close prints the count and says whether all is well: something ran, nothing failed, nothing was skipped.
func (r *report) close() bool {
	fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", len(r.passed), r.failed, r.skipped)
	return len(r.passed) > 0 && r.failed == 0 && r.skipped == 0 && !r.broken
}
