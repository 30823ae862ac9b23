package stack

import (
	"fmt"
	"os"
	"path/filepath"
)

// folders is where a stack keeps its files, all of them below .local/ of the repository. Only the build outlives the stack; logs stay
// until the next start, so that a failure can be read afterwards.
type folders struct {
	local string // .local/: the lock, stack.json
	build string // what sam build made
	logs  string // one log per program
	tmp   string // where the local AWS unpacks functions
	home  string // home of the programs, so that no settings of the developer's own account are read
}

func foldersIn(root string) folders {
	local := filepath.Join(root, ".local")
	return folders{
		local: local,
		build: filepath.Join(local, "sam", "build"),
		logs:  filepath.Join(local, "logs"),
		tmp:   filepath.Join(local, "tmp"),
		home:  filepath.Join(local, "home"),
	}
}

// makeReady makes the folders and empties those that belong to one run. It must hold the lock.
func (f folders) makeReady() error {
	for _, folder := range []string{f.logs, f.tmp, f.home} {
		if err := os.RemoveAll(folder); err != nil {
			return fmt.Errorf("clear %s: %w", folder, err)
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf("make the stack's folders: %w", err)
		}
	}
	return os.MkdirAll(filepath.Dir(f.build), 0o700)
}

// removeTemporary clears away what nobody will read. What cannot be removed now is removed by the next start.
func (f folders) removeTemporary() {
	os.RemoveAll(f.tmp)
	os.RemoveAll(f.home)
}

// infoPath is where a running stack says what it is.
func (f folders) infoPath() string { return filepath.Join(f.local, "stack.json") }
