// Command testreport reads the events of `go test -json` from its input, prints them for people, and keeps the names of what passed.
//
//	go test -json ./shared/... | testreport -results .local/tests.txt      one line a package, the output of what failed, and the closing count
//	testreport -results .local/tests.txt -requirements docs/requirements.md   every test that the table names must have passed
//
// A skipped test is a failure: nobody would see it.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
)

func main() {
	results := flag.String("results", "", "file that the names of passed tests are appended to, or read from with -requirements")
	requirements := flag.String("requirements", "", "table of requirements to check against the results, instead of reading events")
	flag.Parse()
	if *results == "" {
		fail("give -results <file>; see go doc ./local/testreport")
	}
	if *requirements != "" {
		check(*requirements, *results)
		return
	}
	report := newReport(os.Stdout)
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 16<<20)
	for input.Scan() {
		report.line(input.Bytes())
	}
	if err := input.Err(); err != nil {
		fail("read the events: %v", err)
	}
	if err := report.keep(*results); err != nil {
		fail("keep the results: %v", err)
	}
	if !report.close() {
		os.Exit(1)
	}
}

func check(requirements, results string) {
	table, err := os.ReadFile(requirements)
	if err != nil {
		fail("%v", err)
	}
	passed, err := os.ReadFile(results)
	if err != nil {
		fail("%v (run the tests first: make test)", err)
	}
	problems, shown := trace(string(table), string(passed))
	for _, p := range problems {
		fmt.Fprintln(os.Stderr, requirements+": "+p)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
	fmt.Printf("requirements: every one of the %d tests that %s names has passed in this run\n", shown, requirements)
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "testreport: "+format+"\n", values...)
	os.Exit(2)
}
