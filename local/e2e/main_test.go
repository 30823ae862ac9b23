// Package e2e tests the deployed stack from outside: real binaries behind the real template, real drivers against the simulated providers. It needs a running
// stack; `make test` starts one, or: go run ./local test -- go test ./local/e2e
package e2e

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"darkroom/local/edge"
	"darkroom/local/simulator"
	"darkroom/local/stack"
	"darkroom/shared/dynamostore"
)

// The running stack, set before the first test.
var (
	info    *stack.Info
	sim     simulator.Client
	awsEdge edge.Client
	store   *dynamostore.Store
)

func TestMain(m *testing.M) {
	if os.Getenv(stack.InfoVariable) == "" {
		fmt.Println("these tests need a running stack: go run ./local test -- go test ./local/e2e")
		os.Exit(1)
	}
	var err error
	if info, err = stack.Load("."); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	sim = simulator.Client{URL: info.SimulatorURL}
	awsEdge = edge.Client{URL: info.EdgeControlURL}
	store = dynamostore.New(info.AWS(), info.Outputs["TasksTableName"], info.Outputs["LedgerTableName"])

	ctx, stop := context.WithCancel(context.Background())
	swept := make(chan struct{})
	go func() { // the schedule ticks once a minute; tests have no minute
		defer close(swept)
		for ctx.Err() == nil {
			if err := sweep(ctx); err != nil && ctx.Err() == nil {
				fmt.Println("sweep:", err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(2 * time.Second):
			}
		}
	}()
	code := m.Run()
	if code == 0 {
		code = aftermath(ctx)
	}
	stop()
	<-swept
	os.Exit(code)
}

// aftermath checks what must hold once everything is over, whatever the tests did.
func aftermath(ctx context.Context) (exitCode int) {
	for _, check := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"no task is left in the due index", dueIndexIsEmpty},
		{"no message is left over", queuesAreEmpty},
		{"every invariant holds on the tables as they are", invariantsHold},
		{"providers were called once per image, and never above the cap", callsAreCounted},
	} {
		if err := check.run(ctx); err != nil {
			fmt.Printf("--- FAIL: afterwards: %s: %v\n", check.name, err)
			exitCode = 1
		}
	}
	return exitCode
}
