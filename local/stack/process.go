package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// guardScript starts a program beside a guard. The guard waits on file 3, the lifeline: a pipe whose other end only the launcher
// holds. When the launcher ends, however it ends, the kernel closes that end and the guard kills the whole process group: the program
// and everything it started, such as the function processes. (The kernel's own "parent died" signal would not do: it follows the
// thread that started the child, and does not reach grandchildren.)
const guardScript = `(cat <&3 >/dev/null; kill -KILL 0) 3<&3 & exec "$@" 3<&-`

// process is one child with everything below it.
type process struct {
	name     string
	cmd      *exec.Cmd
	lifeline *os.File
	log      string // path; empty when the child writes to the terminal
	done     chan struct{}
	err      error // why it ended; read after done
}

// startProcess starts a program in a process group of its own with exactly the environment env. Its output goes to the file log, or
// to the terminal when log is empty.
func startProcess(name, folder, log string, env []string, program string, arguments ...string) (*process, error) {
	guardEnd, lifeline, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer guardEnd.Close()
	cmd := exec.Command("/bin/sh", append([]string{"-c", guardScript, "sh", program}, arguments...)...)
	cmd.Dir, cmd.Env = folder, env
	cmd.ExtraFiles = []*os.File{guardEnd}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if log != "" {
		file, err := os.Create(log)
		if err != nil {
			lifeline.Close()
			return nil, fmt.Errorf("start %s: %w", name, err)
		}
		defer file.Close() // the child has its own copy
		cmd.Stdout, cmd.Stderr = file, file
	}
	if err := cmd.Start(); err != nil {
		lifeline.Close()
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{name: name, cmd: cmd, lifeline: lifeline, log: log, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		p.lifeline.Close() // the guard clears away whatever the program left behind
		close(p.done)
	}()
	return p, nil
}

// wait returns how the program ended. When ctx ends first the program is stopped and wait says so.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.done:
	case <-ctx.Done():
		p.stop()
		return fmt.Errorf("%s: stopped: %w", p.name, context.Cause(ctx))
	}
	if p.err != nil {
		return fmt.Errorf("%s failed: %w\n%s", p.name, p.err, p.lastLines())
	}
	return nil
}

// stopGrace is how long a program may take to end by itself.
const stopGrace = 2 * time.Second

// ended says how a program that should have gone on ended.
func (p *process) ended() error {
	if p.err == nil {
		return errors.New("exit status 0")
	}
	return p.err
}

// stop asks the whole group to end, and kills what has not ended after stopGrace.
func (p *process) stop() {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(stopGrace):
	}
	p.lifeline.Close() // closing twice is harmless
	p.signal(syscall.SIGKILL)
	<-p.done
}

// signal reaches every process of the group that is still there.
func (p *process) signal(signal syscall.Signal) { syscall.Kill(-p.cmd.Process.Pid, signal) }

// exitCode is the status a finished program left, 128 and more when a signal ended it, as shells count.
func (p *process) exitCode() int {
	var exit *exec.ExitError
	if !errors.As(p.err, &exit) {
		return 0
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}

// lastLines shows the end of the program's log and the command that shows all of it.
func (p *process) lastLines() string {
	const show = 15
	if p.log == "" {
		return ""
	}
	content, err := os.ReadFile(p.log)
	if err != nil {
		return "its log could not be read: " + err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	lines = lines[max(0, len(lines)-show):]
	return fmt.Sprintf("Its last lines:\n  %s\nTo see more: less %s", strings.Join(lines, "\n  "), filepath.Clean(p.log))
}
