package main

import (
	"context"
	"fmt"
	"time"

	"darkroom/local/bench"
	"darkroom/local/stack"
)

const benchHelp = `go run ./local bench       (or: make bench)

Starts a stack of its own, measures what a task costs there (calls to AWS, write units, sizes of the functions) and how quick it is, prints one
table with goals and numbers, and stops the stack. It takes about a minute and a half. The exit code is 1 when a count or a size misses its goal; times are
only shown, because they say as much about the machine.

Examples:
  go run ./local bench
  go run ./local bench 2>/dev/null > table.txt
`

// runBench measures a stack of its own.
func runBench(ctx context.Context, s session) error {
	if len(s.arguments) > 0 {
		return usageError(fmt.Sprintf("bench takes no arguments, got %q", s.arguments))
	}
	progress := stack.NewProgress(s.stderr)
	began := time.Now()
	running, err := stack.Start(ctx, stack.Options{Root: s.root, Progress: progress})
	if err != nil {
		return err
	}
	defer running.Close()
	b := &bench.Bench{Root: s.root, Info: running.Info, Began: began, Out: s.stdout, Progress: progress}
	missed, err := b.Run(ctx)
	if err != nil {
		return err
	}
	if missed > 0 {
		fmt.Fprintf(s.stdout, "\n%d goals were missed.\n", missed)
		return exitError(1)
	}
	return nil
}
