package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// processes are those that run one function of one stack.
type processes struct {
	function string // its name
	endpoint string // of the stack's AWS: another stack on this machine may have a function of the same name
}

var highWater = regexp.MustCompile(`(?m)^VmHWM:\s+(\d+) kB$`)

// folders lists the processes' folders below /proc.
func (p processes) folders() (found []string) {
	all, _ := filepath.Glob("/proc/[0-9]*") // the pattern is well formed
	for _, folder := range all {
		raw, err := os.ReadFile(folder + "/environ") // not readable: somebody else's, or gone
		if err != nil {
			continue
		}
		settings := bytes.Split(raw, []byte{0})
		has := func(setting string) bool {
			return slices.ContainsFunc(settings, func(s []byte) bool { return string(s) == setting })
		}
		if program, err := os.Readlink(folder + "/exe"); err == nil && filepath.Base(program) == "bootstrap" &&
			has("AWS_LAMBDA_FUNCTION_NAME="+p.function) && has("AWS_ENDPOINT_URL="+p.endpoint) {
			found = append(found, folder)
		}
	}
	return found
}

// forget makes the kernel count the most memory anew, from what is in use now.
func (p processes) forget() error {
	for _, folder := range p.folders() {
		if err := os.WriteFile(folder+"/clear_refs", []byte("5"), 0); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("measure %s: %w", p.function, err)
		}
	}
	return nil
}

// peak is the most resident memory that any of the processes had since forget, in bytes, its program's own pages included. It is an error when none is
// there: then nothing was measured.
func (p processes) peak() (most int64, err error) {
	for _, folder := range p.folders() {
		status, err := os.ReadFile(folder + "/status")
		if err != nil {
			return 0, fmt.Errorf("measure %s: a process ended before it was measured: %w", p.function, err)
		}
		found := highWater.FindSubmatch(status)
		if found == nil {
			return 0, fmt.Errorf("measure %s: %s/status has no VmHWM", p.function, folder)
		}
		kilobytes, err := strconv.ParseInt(string(found[1]), 10, 64)
		if err != nil {
			return 0, err
		}
		most = max(most, kilobytes<<10)
	}
	if most == 0 {
		return 0, fmt.Errorf("no process of %s was found", p.function)
	}
	return most, nil
}
