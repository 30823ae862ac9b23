package lambdaenv_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/shared/lambdaenv"
)

func from(settings map[string]string) *lambdaenv.Env {
	return lambdaenv.LoadFrom(func(name string) (string, bool) { value, there := settings[name]; return value, there })
}

const goodTiming = "call=600s lease=60s grace=120s sweep=45s deadline=3600s store=1800s undo=604800s"

func TestSettingsAreReadAndEverythingWrongIsToldAtOnce(t *testing.T) {
	t.Parallel()
	good := from(map[string]string{"STAGE": "local", "TABLE": "t", "LIMIT": "20", "TIMING": goodTiming})
	if good.Required("TABLE") != "t" || good.Int("LIMIT") != 20 || good.Optional("NONE") != "" || good.Timing("TIMING").Sweep != 45*time.Second || len(good.Problems()) != 0 {
		t.Errorf("good settings: %v", good.Problems())
	}
	bad := from(map[string]string{"EMPTY": "", "LIMIT": "many", "TIMING": "call=1s"})
	bad.Required("EMPTY")
	bad.Required("ABSENT")
	bad.Int("LIMIT")
	bad.Timing("TIMING")
	bad.Check(errors.New("the key is odd"))
	got := strings.Join(bad.Problems(), "; ")
	for _, want := range []string{"STAGE is not set", "EMPTY is not set", "ABSENT is not set", `LIMIT is "many"`, "TIMING: ", "the key is odd"} {
		if !strings.Contains(got, want) {
			t.Errorf("problems %q do not name %q", got, want)
		}
	}
}

func TestTimingIsReadStrictly(t *testing.T) {
	t.Parallel()
	if got, err := lambdaenv.ParseTiming(goodTiming); err != nil || got.Call != 600*time.Second || got.Undo != 7*24*time.Hour {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"", strings.Replace(goodTiming, "undo=604800s", "", 1), goodTiming + " call=1s", goodTiming + " extra=1s",
		strings.Replace(goodTiming, "45s", "45", 1), strings.Replace(goodTiming, "45s", "-45s", 1)} {
		if _, err := lambdaenv.ParseTiming(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestAMetricIsOneLineWithItsStage(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	metrics := lambdaenv.NewMetrics(&out, "local", func() time.Time { return time.UnixMilli(1_800_000_000_000) })
	metrics.Count("TasksFailed", 2, "Model", "m", "Code", "moderated")
	if strings.Count(out.String(), "\n") != 1 {
		t.Fatalf("not one line: %q", out.String())
	}
	var line struct {
		Stage, Model, Code string
		TasksFailed        float64
		AWS                struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
			}
		} `json:"_aws"`
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	sets := line.AWS.CloudWatchMetrics[0].Dimensions
	if line.Stage != "local" || line.TasksFailed != 2 || line.Model != "m" || line.AWS.CloudWatchMetrics[0].Namespace != "Darkroom" ||
		!slices.Equal(sets[0], []string{"Stage"}) || !slices.Equal(sets[1], []string{"Stage", "Model", "Code"}) {
		t.Errorf("%s", out.String())
	}
}

func TestPrimingNeverFailsTheStart(t *testing.T) {
	t.Parallel()
	ran := make(chan bool, 2)
	from(map[string]string{"STAGE": "local"}).Prime(
		func(context.Context) error { ran <- true; return errors.New("forbidden") },
		func(context.Context) error { ran <- true; return nil },
	)
	if len(ran) != 2 {
		t.Errorf("%d of 2 calls were made", len(ran))
	}
}
