package main

import (
	"context"
	"fmt"
	"io"
)

// command is one thing this program can do.
type command struct {
	name, arguments, summary string
	help                     string // what `help <name>` prints
	run                      func(context.Context, session) error
}

// session is what a command works with.
type session struct {
	root           string // the repository's folder
	arguments      []string
	stdout, stderr io.Writer // results; progress and errors
}

// commands are all there are, in the order `help` lists them.
var commands = []command{
	{name: "demo", summary: "run the main job end to end and show what came of it", help: demoHelp, run: runDemo},
	{name: "up", summary: "run the stack until Ctrl-C", help: upHelp, run: up},
	{name: "token", arguments: "[email | --machine]", summary: "print an access token for the running stack", help: tokenHelp, run: token},
	{name: "test", arguments: "-- <command …>", summary: "run a command against a fresh stack", help: testHelp, run: test},
	{name: "bench", summary: "measure what a task costs, against its goals", help: benchHelp, run: runBench},
	{name: "invoke", arguments: "<function> <event>", summary: "call one function of the running stack", help: invokeHelp, run: invoke},
	{name: "tools", summary: "install what the stack needs", help: toolsHelp, run: tools},
}

// find returns the command with this name.
func find(name string) (command, bool) {
	for _, c := range commands {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

func printCommands(w io.Writer) {
	fmt.Fprint(w, "Runs Darkroom on this machine, without Docker, an AWS account or provider keys.\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  go run ./local %-26s %s\n", c.name+" "+c.arguments, c.summary)
	}
	fmt.Fprint(w, "\n`go run ./local help <command>` says more, with examples.\n")
}
