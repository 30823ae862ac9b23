package stack

import (
	"context"
	"os"
	"path/filepath"
)

// Run runs a program in the repository's folder, with the launcher's own environment and output, and [InfoVariable] set to the path
// of stack.json. It returns the program's exit code, 128 and more when a signal ended it. The error tells that the program could not
// be started, or was stopped because ctx ended or the local AWS died.
func (s *Stack) Run(ctx context.Context, program string, arguments ...string) (exitCode int, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		if err := s.Wait(ctx); err != nil {
			cancel(err) // tests against a dead stack would only time out, one by one
		}
	}()
	env := append(os.Environ(), InfoVariable+"="+s.folders.infoPath())
	p, err := startProcess(filepath.Base(program), filepath.Dir(s.folders.local), "", env, program, arguments...)
	if err != nil {
		return 0, err
	}
	if err := p.wait(ctx); err != nil && ctx.Err() != nil {
		return 0, err
	}
	return p.exitCode(), nil
}
