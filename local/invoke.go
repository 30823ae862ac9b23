package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"darkroom/local/stack"
)

const invokeHelp = `go run ./local invoke <function> <event file>          (or: make invoke FUNCTION=sweep EVENT=events/sweep.json)

Calls one deployed function of the running stack with an event, and prints what it answers. events/ has a sample for each trigger.

Examples:
  go run ./local invoke sweep events/sweep.json
  go run ./local invoke api events/api-get.json
`

// invoke calls one function of the running stack.
func invoke(ctx context.Context, s session) error {
	if len(s.arguments) != 2 {
		return usageError("invoke takes a function and an event file")
	}
	info, err := stack.Load(s.root)
	if err != nil {
		return err
	}
	name, known := info.Outputs[strings.ToUpper(s.arguments[0][:1])+s.arguments[0][1:]+"FunctionName"]
	if !known {
		return usageError(fmt.Sprintf("there is no function %q; allowed: api, admin, webhook, submit, generate, poll, store, sweep", s.arguments[0]))
	}
	event, err := os.ReadFile(s.arguments[1])
	if err != nil {
		return err
	}
	answer, err := lambda.NewFromConfig(info.AWS()).Invoke(ctx, &lambda.InvokeInput{FunctionName: &name, Payload: event})
	if err != nil {
		return err
	}
	if answer.FunctionError != nil {
		return fmt.Errorf("%s failed: %s", name, answer.Payload)
	}
	_, err = fmt.Fprintln(s.stdout, string(answer.Payload))
	return err
}
