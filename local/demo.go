package main

import (
	"context"
	"fmt"
	"path/filepath"

	"darkroom/local/demo"
	"darkroom/local/stack"
)

const demoHelp = `go run ./local demo        (or: make demo)

Starts a stack of its own, makes images in every way there is while you watch, checks that every credit is accounted for, writes demo/index.html
with the images and the ledger, and stops the stack. Nothing is left running.

The first time it installs its tools into .tools/ (500 MB) and compiles everything: some minutes. Later it takes less than a minute.

Examples:
  go run ./local demo
  go run ./local demo && xdg-open demo/index.html
`

// runDemo plays the demo against a stack of its own.
func runDemo(ctx context.Context, s session) error {
	if len(s.arguments) > 0 {
		return usageError(fmt.Sprintf("demo takes no arguments, got %q", s.arguments))
	}
	running, err := stack.Start(ctx, stack.Options{Root: s.root, Progress: stack.NewProgress(s.stderr)})
	if err != nil {
		return err
	}
	defer running.Close()
	d := &demo.Demo{Info: running.Info, Out: s.stdout, Folder: filepath.Join(s.root, "demo")}
	return d.Run(ctx)
}
