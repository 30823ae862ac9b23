package bench

import (
	"context"
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// What a function's program may weigh, in bytes: Lambda loads all of it before the first call.
const (
	apiLimit   = 13_500_000 // with the schemas of its routes
	otherLimit = 12_000_000
)

// Where the stack keeps the programs that SAM built, and the file that is written when a build is done.
const (
	built     = ".local/sam/build/*/bootstrap"
	buildMark = ".local/sam/build/fingerprint"
)

// wantedSettings are what `make build` must have built with. The linker flags are not recorded under -trimpath; stripped looks for what they do.
var wantedSettings = map[string]string{"CGO_ENABLED": "0", "-trimpath": "true", "-tags": "lambda.norpc", "GOOS": "linux"}

func (b *Bench) binaries(context.Context) error {
	programs, err := filepath.Glob(filepath.Join(b.Root, built))
	if err != nil {
		return err
	}
	if len(programs) == 0 {
		return fmt.Errorf("there are no programs in %s: start a stack first, it builds them", built)
	}
	var faults []string
	for _, program := range programs {
		name := strings.TrimSuffix(filepath.Base(filepath.Dir(program)), "Function")
		info, err := os.Stat(program)
		if err != nil {
			return err
		}
		limit := int64(otherLimit)
		if name == "Api" {
			limit = apiLimit
		}
		b.table.check("size of "+strings.ToLower(name), "at most "+megabytes(limit), megabytes(info.Size()), info.Size() <= limit)
		found, err := faultsOf(program)
		if err != nil {
			return err
		}
		for _, fault := range found {
			faults = append(faults, strings.ToLower(name)+": "+fault)
		}
	}
	measured := fmt.Sprintf("%d programs", len(programs))
	if len(faults) > 0 {
		measured = strings.Join(faults, "; ")
	}
	b.table.check("flags of the programs", "static, stripped, trimmed, lambda.norpc", measured, len(faults) == 0)
	return nil
}

// faultsOf says how a program differs from what the build flags should make.
func faultsOf(program string) (faults []string, err error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
		if strings.HasPrefix(s.Key, "vcs") {
			faults = append(faults, "holds "+s.Key+", so two builds of one source differ")
		}
	}
	for key, want := range wantedSettings {
		if settings[key] != want {
			faults = append(faults, fmt.Sprintf("%s is %q, want %q", key, settings[key], want))
		}
	}
	file, err := elf.Open(program)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			return append(faults, "is linked dynamically"), nil
		}
	}
	if file.Section(".symtab") != nil || file.Section(".debug_info") != nil || file.Section(".zdebug_info") != nil {
		faults = append(faults, "is not stripped")
	}
	return faults, nil
}

// afterBuild is when the start of the stack had compiled what had changed, or its beginning when nothing had.
func (b *Bench) afterBuild() time.Time {
	mark, err := os.Stat(filepath.Join(b.Root, buildMark))
	if err != nil || mark.ModTime().Before(b.Began) {
		return b.Began
	}
	return mark.ModTime()
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }
