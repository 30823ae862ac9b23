package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// takeLock makes the folder this process's own. The lock goes with the process, however it ends, so none is ever left over.
// The error names the process that holds it and how to stop that.
func takeLock(folder string) (release func(), err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the stack's folder: %w", err)
	}
	path := filepath.Join(folder, "lock")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the stack's folder: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		holder, _ := os.ReadFile(path) // for the message only
		return nil, fmt.Errorf("a stack is running in %s already (process %s): stop it with Ctrl-C in its terminal, or with: kill %[2]s",
			folder, strings.TrimSpace(string(holder)))
	}
	if err := os.WriteFile(path, fmt.Appendln(nil, os.Getpid()), 0o600); err != nil { // the same file: the lock stays
		file.Close()
		return nil, fmt.Errorf("lock the stack's folder: %w", err)
	}
	return func() { file.Close() }, nil
}
