package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAPassingRunIsCountedAndKept(t *testing.T) {
	var out strings.Builder
	r := newReport(&out)
	for _, line := range []string{
		`{"Action":"output","Package":"darkroom/x","Test":"TestA","Output":"noise\n"}`,
		`{"Action":"pass","Package":"darkroom/x","Test":"TestA"}`,
		`{"Action":"pass","Package":"darkroom/x","Elapsed":0.5}`,
	} {
		r.line([]byte(line))
	}
	if !r.close() {
		t.Error("a passing run counts as failed")
	}
	if got := out.String(); got != "ok  \tdarkroom/x\t0.500s\n1 passed, 0 failed, 0 skipped\n" {
		t.Errorf("printed %q", got)
	}
	path := filepath.Join(t.TempDir(), "results")
	if err := r.keep(path); err != nil {
		t.Fatal(err)
	}
	if kept, _ := os.ReadFile(path); string(kept) != "darkroom/x TestA\n" {
		t.Errorf("kept %q", kept)
	}
}

func TestARunFailsWhenATestFailsIsSkippedOrNoneRan(t *testing.T) {
	for name, lines := range map[string][]string{
		"failed":        {`{"Action":"pass","Package":"p","Test":"TestA"}`, `{"Action":"fail","Package":"p","Test":"TestB"}`},
		"skipped":       {`{"Action":"pass","Package":"p","Test":"TestA"}`, `{"Action":"skip","Package":"p","Test":"TestB"}`},
		"none ran":      {`{"Action":"pass","Package":"p"}`},
		"did not build": {`{"Action":"pass","Package":"p","Test":"TestA"}`, `{"Action":"build-fail","ImportPath":"q"}`},
		"panicked":      {`{"Action":"pass","Package":"p","Test":"TestA"}`, `{"Action":"fail","Package":"p"}`},
	} {
		r := newReport(&strings.Builder{})
		for _, line := range lines {
			r.line([]byte(line))
		}
		if r.close() {
			t.Errorf("%s: the run counts as passed", name)
		}
	}
}

func TestATableIsHeldAgainstTheRun(t *testing.T) {
	var table strings.Builder
	for _, id := range expected() {
		fmt.Fprintf(&table, "| %s | something | `TestA` |\n", id)
	}
	if problems, shown := trace(table.String(), "p TestA\n"); len(problems) > 0 || shown != len(expected()) {
		t.Errorf("a good table: %v, %d", problems, shown)
	}
	for name, change := range map[string][2]string{
		"a test that did not run":   {"| A07 | something | `TestA` |", "| A07 | something | `TestZ` |"},
		"a row without evidence":    {"| A07 | something | `TestA` |", "| A07 | something | soon |"},
		"a missing row":             {"| A07 | something | `TestA` |\n", ""},
		"a row that is there twice": {"| A07 |", "| A08 |"},
	} {
		if problems, _ := trace(strings.Replace(table.String(), change[0], change[1], 1), "p TestA\n"); len(problems) == 0 {
			t.Errorf("%s was not noticed", name)
		}
	}
	later := strings.Replace(table.String(), "| A07 | something | `TestA` |", "| A07 | something | later: needs uploads |", 1)
	if problems, _ := trace(later, "p TestA\n"); len(problems) > 0 {
		t.Errorf("a row for later: %v", problems)
	}
}
