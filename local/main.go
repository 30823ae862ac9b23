// Command local runs the whole product on this machine: the deployed stack in a local AWS, the provider simulator, a user to sign in
// as. It needs no Docker, no AWS account and no provider's key. `go run ./local help` lists what it can do.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-ctx.Done()
		stop() // a second Ctrl-C ends the program at once; what it started ends with it
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run does what the arguments say and returns the exit code: 2 for arguments that make no sense, 1 for what failed.
func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) (exitCode int) {
	if len(arguments) == 0 {
		printCommands(stderr)
		return 2
	}
	name, rest := arguments[0], arguments[1:]
	if isHelp(name) {
		if len(rest) == 1 {
			if c, found := find(rest[0]); found {
				fmt.Fprint(stdout, c.help)
				return 0
			}
		}
		printCommands(stdout)
		return 0
	}
	c, found := find(name)
	if !found {
		fmt.Fprintf(stderr, "There is no command %q.\n\n", name)
		printCommands(stderr)
		return 2
	}
	if len(rest) > 0 && isHelp(rest[0]) {
		fmt.Fprint(stdout, c.help)
		return 0
	}
	root, err := findRoot()
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	err = c.run(ctx, session{root: root, arguments: rest, stdout: stdout, stderr: stderr})
	var exit exitError
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "%s\n\n%s", wrong, c.help)
		return 2
	}
	fmt.Fprintln(stderr, "error:", err)
	return 1
}

// exitError ends the program with this exit code and without a message: what failed has said it.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// usageError says what is wrong with a command's arguments; its help is shown with it.
type usageError string

func (e usageError) Error() string { return string(e) }

func isHelp(word string) bool {
	return word == "help" || word == "-h" || word == "-help" || word == "--help"
}

// findRoot finds the repository from any folder inside it: it is where template.yaml stands beside go.mod.
func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for folder := start; ; folder = filepath.Dir(folder) {
		if exists(filepath.Join(folder, "template.yaml")) && exists(filepath.Join(folder, "go.mod")) {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", fmt.Errorf("%s is not inside the repository: no folder above it has template.yaml and go.mod", start)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
