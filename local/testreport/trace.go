package main

import (
	"fmt"
	"regexp"
	"strings"
)

// A row of the table: | A07 | what is required | `TestOne`, `TestTwo/Sub` | or: later, because … |
var (
	rowForm  = regexp.MustCompile(`^\|\s*([AB]\d\d)\s*\|(.*)\|([^|]*)\|\s*$`)
	testForm = regexp.MustCompile("`(Test[^`]+)`")
)

// expected is every row the table must have: A01 to A48, and B02 to B21.
func expected() (ids []string) {
	for n := 1; n <= 48; n++ {
		ids = append(ids, fmt.Sprintf("A%02d", n))
	}
	for n := 2; n <= 21; n++ {
		ids = append(ids, fmt.Sprintf("B%02d", n))
	}
	return ids
}

// trace holds the table against the tests that passed, and returns what is wrong and how many tests the table names.
func trace(table, passed string) (problems []string, shown int) {
	ran := map[string]bool{}
	for _, line := range strings.Split(passed, "\n") {
		if _, test, found := strings.Cut(line, " "); found {
			ran[test] = true
		}
	}
	rows := map[string]bool{}
	for _, line := range strings.Split(table, "\n") {
		row := rowForm.FindStringSubmatch(line)
		if row == nil {
			continue
		}
		id, evidence := row[1], strings.TrimSpace(row[3])
		if rows[id] {
			problems = append(problems, id+" is listed twice")
		}
		rows[id] = true
		tests := testForm.FindAllStringSubmatch(evidence, -1)
		if len(tests) == 0 && !strings.HasPrefix(evidence, "later: ") {
			problems = append(problems, fmt.Sprintf("%s names no test and does not say \"later: <why>\"", id))
		}
		for _, test := range tests {
			shown++
			if !ran[test[1]] {
				problems = append(problems, fmt.Sprintf("%s: %s did not pass in this run", id, test[1]))
			}
		}
	}
	for _, id := range expected() {
		if !rows[id] {
			problems = append(problems, id+" is missing")
		}
	}
	return problems, shown
}
