package simulator

import (
	"bytes"
	"encoding/json"
	"html"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"testing"
)

func TestDirectivesAreReadAndTakenOutOfThePrompt(t *testing.T) {
	t.Parallel()
	for prompt, want := range map[string]struct {
		text     string
		settings map[string]setting
	}{
		"a fox":                     {"a fox", map[string]setting{}},
		"a fox [[sim: throttle=2]]": {"a fox", map[string]setting{"throttle": {number: 2}}},
		"[[sim:throttle]] a fox":    {"a fox", map[string]setting{"throttle": {number: 1}}},
		"a [[sim: empty, delay=30]] fox [[sim: hang=always]]": {"a fox", map[string]setting{"empty": {}, "delay": {number: 30}, "hang": {number: endless}}},
		"x [[sim: webhook=late:3000 down=402:3]]":             {"x", map[string]setting{"webhook": {"late", 3000}, "down": {"402", 3}}},
		"x [[sim: screen_down=hang:2 screen_input]]":          {"x", map[string]setting{"screen_down": {"hang", 2}, "screen_input": {}}},
		"x [[sim: down=401 truncate oversize]]":               {"x", map[string]setting{"down": {"401", endless}, "truncate": {number: endless}, "oversize": {number: 64}}},
		"[[not a directive]] [sim: hang]":                     {"[[not a directive]] [sim: hang]", map[string]setting{}},
		"[[sim:]]":                                            {"", map[string]setting{}},
	} {
		text, settings, err := splitPrompt(prompt)
		if err != nil || text != want.text || !maps.Equal(settings, want.settings) {
			t.Errorf("%q: %q %v %v, want %q %v", prompt, text, settings, err, want.text, want.settings)
		}
	}
}

func TestWrongDirectivesSayWhatIsAllowed(t *testing.T) {
	t.Parallel()
	for list, says := range map[string]string{
		"throtle=2":             "allowed: down=401|402|403|404[:<times>], refuse[=<times>|always]",
		"throttle=0":            "throttle[=<times>|always]",
		"throttle=-1":           "throttle[=<times>|always]",
		"throttle=many":         "throttle[=<times>|always]",
		"throttle=1 throttle=2": "ordered twice",
		"delay":                 "delay=<ms>",
		"delay=1s":              "delay=<ms>",
		"delay=600001":          "delay=<ms>",
		"empty=1":               "write empty",
		"down":                  "down=401|402|403|404[:<times>]",
		"down=500":              "down=401|402|403|404[:<times>]",
		"down=401:0":            "down=401|402|403|404[:<times>]",
		"screen_down=404":       "screen_down=401|429|500|hang|cut[:<times>]",
		"webhook=late":          "late:<ms>",
		"webhook=drop:5":        "late:<ms>",
		"webhook=lost":          "late:<ms>",
		"retry_after=x":         "retry_after[=<seconds>]",
		"oversize=0":            "oversize[=<MB>]",
	} {
		if _, err := readFaults(list); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want an error with %q", list, err, says)
		}
	}
	if _, _, err := splitPrompt("x [[sim: hang"); err == nil || !strings.Contains(err.Error(), "not closed") {
		t.Errorf("open directive: %v, want an error that says so", err)
	}
}

func TestProvidersAnswerWrongDirectivesWith400(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, got := range map[string]answered{
		"bfl":    r.submitBFL(small(prompt("x", "flood=2"))),
		"openai": r.generate(object{"prompt": prompt("x", "flood=2")}),
	} {
		if got.status != 400 || !strings.Contains(string(got.raw), "unknown fault") || !strings.Contains(string(got.raw), "slow_body") {
			t.Errorf("%s: %d %s, want 400 with the list of faults", name, got.status, got.raw)
		}
	}
}

func TestTheRecordThePageAndTheLogSayWhatIsWrongWithADirective(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ directive, says string }{
		"misspelt":      {"moderat", `unknown fault "moderat"`},
		"no number":     {"throttle=many", "throttle=many is not understood: write throttle[=<times>|always]"},
		"without jobs":  {"not_found", `fault "not_found" is about jobs`},
		"without bound": {strings.Repeat("é", 5000), `unknown fault "ééé`},
	} {
		var log bytes.Buffer
		r := newRig(t, func(o *Options) { o.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
		r.generate(object{"prompt": prompt("a secret fox", c.directive)})
		wrong := r.counts("").Calls[0].Wrong
		if !strings.HasPrefix(wrong, c.says) || strings.Contains(wrong, "slow_body") || len(wrong) > wrongKept {
			t.Errorf("%s: recorded %q, want %q and no list of all faults", what, wrong, c.says)
		}
		if page := string(r.do(http.MethodGet, "/", nil).raw); !strings.Contains(page, html.EscapeString(wrong)) {
			t.Errorf("%s: the page does not say %q", what, wrong)
		}
		r.Server.Close()
		var logged struct{ Level, Reason string }
		if json.Unmarshal(log.Bytes(), &logged); logged.Level != "WARN" || logged.Reason != wrong || strings.Contains(log.String(), "secret") {
			t.Errorf("%s: logged %s, want one warning with %q and nothing else of the prompt", what, &log, wrong)
		}
	}
}

func TestEveryFaultInTheTableCanBeWrittenAsShown(t *testing.T) {
	t.Parallel()
	example := map[Argument]string{
		Nothing: "", Count: "=2", Milliseconds: "=5", Seconds: "=5", Megabytes: "=5",
		Outage: "=401:2", Place: "=submit:2", Silence: "=cut:2", Webhook: "=drop", BodyName: "=photo",
	}
	for _, f := range Faults() {
		if _, err := readFaults(f.Name + example[f.Argument]); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if _, err := readFaults(f.Name); (err == nil) != (f.Bare != "" || f.Argument == Nothing) {
			t.Errorf("%s without argument: %v, but the table says it stands for %q", f.Name, err, f.Bare)
		}
	}
}
