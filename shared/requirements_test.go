package shared_test

import (
	"go/ast"
	"regexp"
	"strings"
	"testing"
)

// The end of `make test` holds the table against what has passed. This finds a test that was renamed or removed within seconds.
func TestEveryTestThatTheRequirementsNameExists(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, s := range sources(t) {
		if !s.isTest() && !below(s.folder, testSuites) {
			continue
		}
		for _, declared := range s.syntax.Decls {
			if f, is := declared.(*ast.FuncDecl); is && f.Recv == nil {
				known[f.Name.Name] = true
			}
		}
	}
	named := regexp.MustCompile("`(Test[^`]+)`").FindAllStringSubmatch(repositoryFile(t, "docs/requirements.md"), -1)
	if len(named) < 100 {
		t.Fatalf("only %d names were found: the test reads something else", len(named))
	}
	for _, name := range named {
		if top, _, _ := strings.Cut(name[1], "/"); !known[top] {
			t.Errorf("docs/requirements.md names %s, which no file declares", name[1])
		}
	}
}
