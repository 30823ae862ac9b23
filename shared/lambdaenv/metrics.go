package lambdaenv

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// Metrics writes metrics as log lines in CloudWatch's embedded metric format: no call, no agent, no library.
type Metrics struct {
	mu    sync.Mutex
	out   io.Writer
	stage string
	now   func() time.Time
}

// namespace is where all of Darkroom's metrics are.
const namespace = "Darkroom"

// NewMetrics writes to out, for a stage.
func NewMetrics(out io.Writer, stage string, now func() time.Time) *Metrics {
	return &Metrics{out: out, stage: stage, now: now}
}

// Count writes one value. dimensions are pairs of name and value; the stage is always one. The metric is kept by stage alone too, because that is what
// alarms watch.
func (m *Metrics) Count(name string, value float64, dimensions ...string) {
	names := []string{"Stage"}
	line := map[string]any{"Stage": m.stage, name: value}
	for i := 0; i+1 < len(dimensions); i += 2 {
		names = append(names, dimensions[i])
		line[dimensions[i]] = dimensions[i+1]
	}
	sets := [][]string{{"Stage"}}
	if len(names) > 1 {
		sets = append(sets, names)
	}
	line["_aws"] = map[string]any{
		"Timestamp":         m.now().UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{"Namespace": namespace, "Dimensions": sets, "Metrics": []any{map[string]any{"Name": name}}}},
	}
	text, err := json.Marshal(line)
	if err != nil {
		return // a value that is no number, such as NaN: not worth a crash
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.out.Write(append(text, '\n')) //nolint:errcheck // there is nowhere to tell
}
