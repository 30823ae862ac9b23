package main

import (
	"context"
	"strings"

	"darkroom/local/stack"
)

const testHelp = `go run ./local test -- <command …>

Starts a fresh stack, runs the command in the repository's folder with ` + stack.InfoVariable + ` set to the path of the stack's
stack.json, stops the stack, and ends with the command's exit code.

Examples:
  go run ./local test -- go test ./local/e2e
  go run ./local test -- go test -run TestCreate -v ./local/e2e
  go run ./local test -- sh -c 'cat $` + stack.InfoVariable + `'
`

// test runs a command against a stack of its own.
func test(ctx context.Context, s session) error {
	if len(s.arguments) < 2 || s.arguments[0] != "--" {
		return usageError("test needs a command after --")
	}
	progress := stack.NewProgress(s.stderr)
	running, err := stack.Start(ctx, stack.Options{Root: s.root, Progress: progress})
	if err != nil {
		return err
	}
	defer running.Close()
	program, arguments := s.arguments[1], s.arguments[2:]
	progress.Step("run: %s", strings.Join(s.arguments[1:], " "))
	code, err := running.Run(ctx, program, arguments...)
	if err != nil {
		return err
	}
	if code != 0 {
		return exitError(code)
	}
	return nil
}
