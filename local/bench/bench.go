// Package bench measures what Darkroom costs and how quick it is, on a running local stack, and holds it to its goals.
package bench

import (
	"context"
	"fmt"
	"io"
	"time"

	"darkroom/local/edge"
	"darkroom/local/stack"
	"darkroom/shared/dynamostore"
)

// Bench is one run.
type Bench struct {
	Root     string // the repository's folder
	Info     *stack.Info
	Began    time.Time // when the stack was told to start
	Out      io.Writer // the table
	Progress *stack.Progress

	edge  edge.Client
	store *dynamostore.Store
	start time.Duration // what starting the stack took, without compiling
	table table
}

// Run measures everything and prints the table. It returns how many binding goals were missed: counts and sizes, not times. An error means that
// something could not be measured.
func (b *Bench) Run(ctx context.Context) (missed int, err error) {
	b.start = time.Since(b.afterBuild())
	b.edge = edge.Client{URL: b.Info.EdgeControlURL}
	b.store = dynamostore.New(b.Info.AWS(), b.Info.Outputs["TasksTableName"], b.Info.Outputs["LedgerTableName"])
	for _, part := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"sizes and flags of the functions", b.binaries},
		{"calls of a create and of a whole task, on the stack", b.calls},
		{"write units and lives per second, in memory", b.memory},
		{"memory of the functions with the largest and with hostile images", b.resident},
		{"time of a task", b.taskTime},
		{"twenty create calls at once", b.parallelCreate},
		{"the demo", b.demoTime},
	} {
		b.Progress.Step("measure: %s …", part.name)
		if err := part.run(ctx); err != nil {
			return 0, fmt.Errorf("measure the %s: %w", part.name, err)
		}
	}
	return b.table.missed(), b.table.print(b.Out)
}
