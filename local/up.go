package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"darkroom/local/stack"
)

const upHelp = `go run ./local up          (or: make up)

Builds the functions, deploys template.yaml into a local AWS, and runs the whole product until Ctrl-C. It prints
where everything answers and who can sign in. Programs find the same in .local/stack.json.

The first time it installs its tools into .tools/ (500 MB) and compiles everything: some minutes. Later it takes
about 20 seconds. Nothing is kept from one run to the next.

Examples, in a second terminal while it runs:
  TOKEN=$(go run ./local token alice@example.com)
  API=$(python3 -c 'import json; print(json.load(open(".local/stack.json"))["api_url"])')
  curl -H "Authorization: Bearer $TOKEN" $API/v1/credits
`

// up runs the stack until ctx ends.
func up(ctx context.Context, s session) error {
	if len(s.arguments) > 0 {
		return usageError(fmt.Sprintf("up takes no arguments, got %q", s.arguments))
	}
	running, err := stack.Start(ctx, stack.Options{Root: s.root, Progress: stack.NewProgress(s.stderr)})
	if err != nil {
		return err
	}
	defer running.Close()
	if err := printStack(s.stdout, s.root, running.Info); err != nil {
		return err
	}
	err = running.Wait(ctx)
	fmt.Fprintln(s.stderr, "\nstopping …")
	return err
}

// printStack tells a newcomer what runs where, who can sign in, and what to try first.
func printStack(w io.Writer, root string, info *stack.Info) error {
	logs, err := filepath.Rel(root, info.Logs)
	if err != nil {
		return err
	}
	fmt.Fprint(w, "\nDarkroom is running. Ctrl-C stops it.\n\n")
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, row := range [][3]string{
		{"API", info.APIURL, "GET /v1/models and /openapi.json need no token"},
		{"Images", info.CDNURL, "what signed links to images start with"},
		{"Providers", info.SimulatorURL, "a page that shows what the simulated providers were asked"},
		{"AWS", info.AWSEndpoint, `for the AWS CLI: --endpoint-url, key id and secret "test", region ` + info.Region},
		{"User pool", info.UserPoolID, "web client " + info.ClientID},
		{"Logs", logs, "one file per program"},
	} {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", row[0], row[1], row[2])
	}
	fmt.Fprint(table, "\nAccounts (passwords are new at every start):\n\n")
	for _, user := range info.Users {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", user.Email, user.Password, user.Role)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, `
Make an image, in a second terminal:

  TOKEN=$(make -s token USER=%[1]s)
  curl -s %[2]s/v1/tasks -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -H "Idempotency-Key: first" \
    -d '{"model": "flux-2-pro", "mode": "text", "prompt": "A lighthouse at dusk"}'
  curl -s %[2]s/v1/tasks -H "Authorization: Bearer $TOKEN"

`, info.Users[0].Email, info.APIURL)
	return err
}
