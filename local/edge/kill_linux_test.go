package edge

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// A function's process is always called bootstrap, so the test binary runs as a child under that name, or under another.
func TestKillOrdersEndTheCallingFunctionAndNobodyElse(t *testing.T) {
	for _, test := range []struct {
		name    string
		action  Action
		program string
		killed  bool
		arrives bool // at the gateway
	}{
		{"KillBeforeEndsTheFunctionWithoutTheCall", KillBefore, "bootstrap", true, false},
		{"KillAfterEndsTheFunctionOnceTheCallIsDone", KillAfter, "bootstrap", true, true},
		{"OtherProgramsOnlyLoseTheirConnection", KillBefore, "sam", false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			gateway := newGateway(t)
			edge := NewAWS(gateway.url)
			if _, err := edge.orders.add(Order{Action: test.action}); err != nil {
				t.Fatal(err)
			}
			err := play(t, test.program, serve(t, edge))
			var exit *exec.ExitError
			killed := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
			if killed != test.killed || (!killed && err != nil) {
				t.Errorf("the caller ended with %v, want it killed: %t", err, test.killed)
			}
			if arrived := len(gateway.seen()) == 1; arrived != test.arrives {
				t.Errorf("the call arrived at the gateway: %t, want %t", arrived, test.arrives)
			}
		})
	}
}

// play runs the test binary under another name as a caller of address, and returns how it ended. A caller that survives its call is
// told to leave.
func play(t *testing.T, name, address string) error {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), playFunction+"="+address)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	io.ReadFull(stdout, make([]byte, len("cut\n"))) // comes after the call, or ends when the caller is killed
	stdin.Close()
	return cmd.Wait()
}
