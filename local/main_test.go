package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/local/stack"
)

// call runs the program in the repository, with no stack running.
func call(t *testing.T, arguments ...string) (exitCode int, stdout, stderr string) {
	t.Helper()
	t.Setenv(stack.InfoVariable, filepath.Join(t.TempDir(), "stack.json"))
	var out, complaints bytes.Buffer
	exitCode = run(t.Context(), arguments, &out, &complaints)
	return exitCode, out.String(), complaints.String()
}

func TestHelpListsEveryCommand(t *testing.T) {
	code, stdout, stderr := call(t, "help")
	if code != 0 || stderr != "" {
		t.Errorf("got exit code %d and complaints %q", code, stderr)
	}
	for _, c := range commands {
		if !strings.Contains(stdout, "go run ./local "+c.name) || !strings.Contains(stdout, c.summary) {
			t.Errorf("help does not list %s:\n%s", c.name, stdout)
		}
	}
}

func TestEveryCommandHasHelpWithExamples(t *testing.T) {
	for _, c := range commands {
		for _, arguments := range [][]string{{"help", c.name}, {c.name, "--help"}, {c.name, "-h"}} {
			code, stdout, stderr := call(t, arguments...)
			if code != 0 || stderr != "" || !strings.HasPrefix(stdout, "go run ./local "+c.name) || !strings.Contains(stdout, "Examples") {
				t.Errorf("%q: got exit code %d, %q, %q; want the command's help", arguments, code, stdout, stderr)
			}
		}
	}
}

func TestWrongArgumentsAreExplainedWithExitCode2(t *testing.T) {
	for _, test := range []struct {
		name      string
		arguments []string
		want      string
	}{
		{"NoCommand", nil, "go run ./local up"},
		{"UnknownCommand", []string{"upp"}, `no command "upp"`},
		{"UpWithArguments", []string{"up", "now"}, "up takes no arguments"},
		{"ToolsWithArguments", []string{"tools", "sam"}, "tools takes no arguments"},
		{"TokenForTwo", []string{"token", "a", "b"}, "one e-mail address"},
		{"TestWithoutACommand", []string{"test", "--"}, "a command after --"},
		{"TestWithoutTheDashes", []string{"test", "go", "test"}, "a command after --"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if code, stdout, stderr := call(t, test.arguments...); code != 2 || stdout != "" || !strings.Contains(stderr, test.want) {
				t.Errorf("%q: got exit code %d, %q, %q; want 2 and %q", test.arguments, code, stdout, stderr, test.want)
			}
		})
	}
}

func TestTokenWithoutAStackSaysHowToStartOne(t *testing.T) {
	if code, stdout, stderr := call(t, "token", "alice@example.com"); code != 1 || stdout != "" || !strings.Contains(stderr, "make up") {
		t.Errorf("got exit code %d, %q, %q; want 1 and how to start a stack", code, stdout, stderr)
	}
}

func TestTheRepositoryIsFoundFromAnyFolderInside(t *testing.T) {
	here, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("stack")
	if inside, err := findRoot(); err != nil || inside != here {
		t.Errorf("from local/stack: got %s, %v, want %s", inside, err, here)
	}
	t.Chdir(t.TempDir())
	if outside, err := findRoot(); err == nil {
		t.Errorf("outside: got %s, want an error", outside)
	}
}

func TestANewcomerIsToldWhereEverythingIs(t *testing.T) {
	root := t.TempDir()
	info := &stack.Info{
		APIURL: "http://127.0.0.1:1", CDNURL: "http://127.0.0.1:2", SimulatorURL: "http://127.0.0.1:3", AWSEndpoint: "http://127.0.0.1:4",
		UserPoolID: "us-east-1_pool", Logs: filepath.Join(root, ".local", "logs"),
		Users: []stack.User{{Email: "alice@example.com", Password: "secret-1", Role: stack.RoleUser}},
	}
	var printed bytes.Buffer
	if err := printStack(&printed, root, info); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{info.APIURL, info.CDNURL, info.SimulatorURL, info.AWSEndpoint, info.UserPoolID, "alice@example.com", "secret-1", ".local/logs",
		"Ctrl-C", "make -s token USER=alice@example.com"} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("%q is missing:\n%s", want, &printed)
		}
	}
	if strings.Contains(printed.String(), root) {
		t.Errorf("paths are not shown relative to the repository:\n%s", &printed)
	}
}
