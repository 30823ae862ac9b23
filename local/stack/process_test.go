package stack

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// playLauncher makes the test binary start a program that never ends, and wait.
const playLauncher = "STACK_TEST_PLAY_LAUNCHER"

func launchAndWait() {
	// A program with a child of its own, both deaf to the polite signals.
	_, err := startProcess("test", os.TempDir(), "", os.Environ(), "sh", "-c", `trap "" TERM HUP INT; sleep 1000 & echo started; wait`)
	if err != nil {
		panic(err)
	}
	select {}
}

// Everything a launcher starts holds the pipe its output goes to, so the pipe's end tells that all of it is gone.
func TestNothingOutlivesAKilledLauncher(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	launcher := exec.CommandContext(t.Context(), self)
	launcher.Env = append(os.Environ(), playLauncher+"=1")
	output, ours, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	launcher.Stdout = ours
	if err := launcher.Start(); err != nil {
		t.Fatal(err)
	}
	ours.Close()
	lines := bufio.NewReader(output)
	if line, err := lines.ReadString('\n'); line != "started\n" {
		t.Fatalf("the program said %q, %v, want that it has started", line, err)
	}
	launcher.Process.Signal(syscall.SIGKILL) // no code of the launcher runs
	launcher.Wait()
	output.SetReadDeadline(time.Now().Add(30 * time.Second)) // a bound for a broken lifeline, not a measurement
	if _, err := io.ReadAll(lines); err != nil {             // blocks as long as any of it lives
		t.Errorf("something still runs: %v", err)
	}
}

func TestStopEndsTheWholeGroup(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	p, err := startProcess("test", t.TempDir(), log, os.Environ(), "sh", "-c", `sleep 1000 & echo $!; wait`)
	if err != nil {
		t.Fatal(err)
	}
	p.stop()
	if !errors.Is(syscall.Kill(-p.cmd.Process.Pid, syscall.SIGCONT), syscall.ESRCH) {
		// Somebody is there still; unless all of them are dead and only wait for their new parent to notice.
		if alive := aliveInGroup(t, p.cmd.Process.Pid); len(alive) > 0 {
			t.Errorf("still alive: %v", alive)
		}
	}
}

// aliveInGroup lists the processes of a group that have not ended, as ps shows them.
func aliveInGroup(t *testing.T, group int) (alive []string) {
	t.Helper()
	listing, err := exec.Command("ps", "-A", "-o", "pgid=,stat=,args=").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(listing), "\n") {
		fields := strings.Fields(line)
		if len(fields) > 2 && fields[0] == strconv.Itoa(group) && !strings.HasPrefix(fields[1], "Z") {
			alive = append(alive, line)
		}
	}
	return alive
}

func TestAFailureShowsTheLastLinesAndWhereToFindMore(t *testing.T) {
	log := filepath.Join(t.TempDir(), "build.log")
	p, err := startProcess("sam build", t.TempDir(), log, os.Environ(), "sh", "-c", `seq 1 100; echo "no such function" >&2; exit 3`)
	if err != nil {
		t.Fatal(err)
	}
	err = p.wait(t.Context())
	for _, want := range []string{"sam build failed", "no such function", "\n  100\n", "less " + log} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "\n  50\n") {
		t.Errorf("the error shows more than the last lines: %v", err)
	}
	if got := p.exitCode(); got != 3 {
		t.Errorf("exit code: got %d, want 3", got)
	}
}

func TestWaitEndsTheProgramWhenItsTimeIsUp(t *testing.T) {
	p, err := startProcess("test", t.TempDir(), filepath.Join(t.TempDir(), "log"), os.Environ(), "sleep", "1000")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("not done after 3m"))
	if err := p.wait(ctx); err == nil || !strings.Contains(err.Error(), "test: stopped: not done after 3m") {
		t.Errorf("got %v, want an error that says what took too long", err)
	}
	<-p.done
	if got := p.exitCode(); got != 128+int(syscall.SIGTERM) {
		t.Errorf("exit code: got %d, want that of SIGTERM", got)
	}
}

func TestProgramsGetTheGivenEnvironmentOnly(t *testing.T) {
	t.Setenv("AWS_PROFILE", "somebody")
	log := filepath.Join(t.TempDir(), "log")
	p, err := startProcess("test", t.TempDir(), log, []string{"PATH=" + os.Getenv("PATH"), "ONLY=this"}, "env")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(log)
	if err != nil || !strings.Contains(string(content), "ONLY=this") || strings.Contains(string(content), "AWS_PROFILE") {
		t.Errorf("the program saw %q, %v", content, err)
	}
}
