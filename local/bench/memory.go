package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"darkroom/shared/workflow/budget"
)

// livesGoal is how many whole lives of tasks a second one core should decide and write in memory: it bounds what simulations can look at.
const livesGoal = 20_000

// memory runs the benchmarks of package workflow on one core and takes over what they report. Of several rounds the quickest counts: the others were
// disturbed.
func (b *Bench) memory(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^(BenchmarkLifecycle|BenchmarkHappyTask)$", "-cpu", "1", "-benchtime", "1s", "-count", "3",
		"./shared/workflow")
	cmd.Dir = b.Root
	cmd.Env = append(os.Environ(), "GOGC=400") // a simulation has memory to spare, and on one core the collector takes its time from it
	output, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, output)
	}
	reported := best(string(output))
	for _, unit := range []string{"lives/s", "calls/task", "units/task", "hot-bytes/task"} {
		if _, there := reported[unit]; !there {
			return fmt.Errorf("the benchmarks reported no %s:\n%s", unit, output)
		}
	}
	b.table.count("a task in memory: calls to DynamoDB", int(reported["calls/task"]), budget.DynamoDBCalls, false)
	b.table.count("a task in memory: write units, request of 2 KB", int(reported["units/task"]), budget.WriteUnits, false)
	b.table.tell("    of these, by move", breakdown(reported))
	b.table.count("a task in memory: bytes of its item, at most", int(reported["hot-bytes/task"]), budget.HotItem, false)
	lives := reported["lives/s"]
	b.table.time("lives of tasks on one core, GOGC=400", fmt.Sprintf("%d per second", livesGoal), fmt.Sprintf("%.0f per second", lives), lives >= livesGoal)
	return nil
}

// best reads the numbers of Go's benchmark output by their units, the highest of each.
func best(output string) map[string]float64 {
	found := map[string]float64{}
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		for i := 2; i+1 < len(fields); i += 2 { // name, rounds, then pairs of a number and its unit
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil {
				found[fields[i+1]] = max(found[fields[i+1]], value)
			}
		}
	}
	return found
}

// moves of a happy task, in order, as the benchmark names them.
var moves = []string{"T1", "T2", "T3", "T4", "T5", "T5s", "T10"}

func breakdown(reported map[string]float64) string {
	var parts []string
	for _, move := range moves {
		parts = append(parts, fmt.Sprintf("%s %.0f", move, reported[move+"-units/task"]))
	}
	return strings.Join(parts, ", ")
}
