package main

import (
	"context"
	"fmt"

	"darkroom/local/stack"
)

const tokenHelp = `go run ./local token [email | --machine]          (or: make token USER=<email>)

Signs a user of the running stack in on its sign-in page, as a browser would, and prints the access token: it may use
the user routes, and for carol@example.com, an operator, the admin routes too. Without an e-mail address it is
alice@example.com. With --machine it is the token of the machine client, which may use the admin routes only.
A token lasts an hour.

Examples:
  TOKEN=$(go run ./local token alice@example.com)
  curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:<port>/v1/tasks
  go run ./local token --machine
`

// token prints an access token for the running stack and nothing else.
func token(ctx context.Context, s session) error {
	if len(s.arguments) > 1 {
		return usageError(fmt.Sprintf("token takes one e-mail address, got %q", s.arguments))
	}
	who := "alice@example.com"
	if len(s.arguments) == 1 {
		who = s.arguments[0]
	}
	info, err := stack.Load(s.root)
	if err != nil {
		return err
	}
	made, err := tokenOf(ctx, info, who)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.stdout, made)
	return err
}

func tokenOf(ctx context.Context, info *stack.Info, who string) (string, error) {
	if who == "--machine" {
		return stack.MachineToken(ctx, info)
	}
	user, err := info.User(who)
	if err != nil {
		return "", err
	}
	return stack.SignIn(ctx, info, user)
}
