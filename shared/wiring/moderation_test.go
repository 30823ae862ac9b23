package wiring

import (
	"strings"
	"testing"

	"darkroom/shared/lambdaenv"
)

func TestModerationIsOffHeldOrPassedAndNothingElse(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]struct {
		asks, pass bool
		problem    string // part of it
	}{
		"off":  {},
		"hold": {asks: true},
		"pass": {asks: true, pass: true},
		"on":   {problem: `MODERATION is "on"; allowed: off, hold, pass`},
		"":     {problem: "MODERATION is not set"},
	} {
		settings := map[string]string{"STAGE": "local", "MODERATION": setting}
		if setting != "off" { // which reads no secret
			settings["MODERATION_KEY_SECRET"] = "arn:aws:secretsmanager:us-east-1:000000000000:secret:moderation"
		}
		env := lambdaenv.LoadFrom(func(name string) (string, bool) { value, there := settings[name]; return value, there })
		got := Screening(env)
		if (got.Screen != nil) != want.asks || got.Pass != want.pass {
			t.Errorf("%q: %+v, want asks %v, pass %v", setting, got, want.asks, want.pass)
		}
		if problems := strings.Join(env.Problems(), "; "); (problems == "") != (want.problem == "") || !strings.Contains(problems, want.problem) {
			t.Errorf("%q: problems %q, want %q", setting, problems, want.problem)
		}
	}
}
