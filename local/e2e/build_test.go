package e2e

import (
	"debug/buildinfo"
	"debug/elf"
	"os"
	"path/filepath"
	"testing"
)

// builtPrograms are the functions as they run in the stack under test.
func builtPrograms(t *testing.T) []string {
	t.Helper()
	programs, err := filepath.Glob(filepath.Join(filepath.Dir(os.Getenv("DARKROOM_STACK")), "sam", "build", "*", "bootstrap"))
	if err != nil || len(programs) < 7 {
		t.Fatalf("found the programs %v, %v", programs, err)
	}
	return programs
}

func TestTheDeployedProgramsAreSmallStaticAndReproducible(t *testing.T) {
	t.Parallel()
	for _, path := range builtPrograms(t) {
		info, err := buildinfo.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		settings := map[string]string{}
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
		for name, want := range map[string]string{"CGO_ENABLED": "0", "-trimpath": "true", "-tags": "lambda.norpc", "vcs.revision": ""} {
			if settings[name] != want {
				t.Errorf("%s: %s is %q, want %q", path, name, settings[name], want)
			}
		}
		program, err := elf.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if program.Section(".symtab") != nil || program.Section(".interp") != nil {
			t.Errorf("%s is not stripped, or needs a dynamic loader", path)
		}
		program.Close()
		stat, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		limit := int64(12_000_000)
		if filepath.Base(filepath.Dir(path)) == "ApiFunction" {
			limit = 13_500_000
		}
		if stat.Size() > limit {
			t.Errorf("%s has %d bytes, want %d at most", path, stat.Size(), limit)
		}
	}
}
