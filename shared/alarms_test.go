package shared_test

import (
	"go/ast"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// callsAnOperator are the metrics that need somebody to act: each has an alarm.
var callsAnOperator = []string{"LedgerMismatch", "ModerationDown", "OldestDueAge", "ProviderDown"}

// counted are the metrics that the code counts, each with the names of its dimensions at every place that counts it. The stage, which all have, is left out.
func counted(t *testing.T) map[string][][]string {
	t.Helper()
	found := map[string][][]string{}
	paths, _ := filepath.Glob("*/*.go")
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		ast.Inspect(parse(t, path), func(n ast.Node) bool {
			call, is := n.(*ast.CallExpr)
			if !is || len(call.Args) < 2 {
				return true
			}
			if method, is := call.Fun.(*ast.SelectorExpr); !is || method.Sel.Name != "Count" {
				return true
			}
			if metric := literal(call.Args[0]); metric != "" {
				var dimensions []string
				for i := 2; i < len(call.Args); i += 2 {
					dimensions = append(dimensions, literal(call.Args[i]))
				}
				found[metric] = append(found[metric], dimensions)
			}
			return true
		})
	}
	return found
}

// literal is a text in the code; empty when it is anything else.
func literal(node ast.Expr) string {
	written, is := node.(*ast.BasicLit)
	if !is {
		return ""
	}
	text, _ := strconv.Unquote(written.Value) // empty for a number
	return text
}

// An alarm on a metric that nobody writes, or not with these dimensions, stays green for ever.
func TestEveryAlarmOfOursWatchesAMetricThatTheCodeCountsWithItsDimensions(t *testing.T) {
	tpl := readTemplate(t)
	metrics := counted(t)
	watched := map[string]bool{}
	for _, id := range tpl.ofType("AWS::CloudWatch::Alarm") {
		alarm := get(tpl.resources[id], "Properties")
		if text(alarm, "Namespace") != "Darkroom" {
			continue
		}
		name := text(alarm, "MetricName")
		watched[name] = true
		var dimensions []string
		for _, d := range list(get(alarm, "Dimensions")) {
			dimensions = append(dimensions, text(d, "Name"))
		}
		// Metrics.Count writes each value twice: by stage alone, and by stage with the dimensions it is given.
		written := slices.ContainsFunc(metrics[name], func(given []string) bool {
			return slices.Equal(dimensions, []string{"Stage"}) || slices.Equal(dimensions, append([]string{"Stage"}, given...))
		})
		if !written {
			t.Errorf("%s watches %s by %v; the code counts it by the stage and %v", id, name, dimensions, metrics[name])
		}
	}
	for _, name := range callsAnOperator {
		if !watched[name] {
			t.Errorf("nobody hears of %s", name)
		}
	}
}
