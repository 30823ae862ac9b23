package stack

import (
	"strings"
	"testing"
)

func source() *samSource {
	return &samSource{
		Template:  map[string]any{"Parameters": map[string]any{"Stage": map[string]any{}, "UndoSeconds": map[string]any{}, "CdnUrl": map[string]any{}}},
		Overrides: map[string]any{"Stage": "local", "UndoSeconds": float64(604800), "CdnUrl": ""},
	}
}

func TestTheLaunchersParametersWinOverTheFiles(t *testing.T) {
	got, err := source().parameters(map[string]string{"CdnUrl": "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	if got["CdnUrl"] != "http://127.0.0.1:1" || got["Stage"] != "local" || got["UndoSeconds"] != "604800" || len(got) != 3 {
		t.Errorf("got %v", got)
	}
}

func TestParametersRefuseNamesTheTemplateDoesNotHave(t *testing.T) {
	if _, err := source().parameters(map[string]string{"CdnURL": "x"}); err == nil || !strings.Contains(err.Error(), "CdnURL") {
		t.Errorf("from the launcher: got %v, want an error that names CdnURL", err)
	}
	renamed := source()
	renamed.Overrides["UndoDays"] = 7
	if _, err := renamed.parameters(nil); err == nil || !strings.Contains(err.Error(), "UndoDays") {
		t.Errorf("from samconfig.toml: got %v, want an error that names UndoDays", err)
	}
}

func TestParametersAreQuotedForTheSAMCLI(t *testing.T) {
	for value, want := range map[string]string{``: `""`, `a b,c`: `"a b,c"`, `say "x" \ y`: `"say \"x\" \\ y"`} {
		if got := quoteParameter(value); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
}
