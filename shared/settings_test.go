package shared_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// readers are the methods of lambdaenv.Env that read a setting; their first argument must be a literal, so that this test can see it.
var readers = []string{"Required", "Optional", "Int", "Timing"}

// given are set by Lambda itself.
var given = []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"}

// readByGo are read by Go's runtime.
var readByGo = []string{"GOMEMLIMIT"}

// readsOf is what a function in the code reads by itself, and which functions of package wiring it calls.
type readsOf struct {
	settings map[string]bool
	calls    map[string]bool
}

// read collects what the body of a function reads and calls. local are the names that mean functions of package wiring.
func read(t *testing.T, node ast.Node, inWiring bool) readsOf {
	s := readsOf{map[string]bool{}, map[string]bool{}}
	ast.Inspect(node, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is {
			return true
		}
		if name, is := call.Fun.(*ast.Ident); is && inWiring {
			s.calls[name.Name] = true
		}
		selector, is := call.Fun.(*ast.SelectorExpr)
		if !is {
			return true
		}
		of, _ := selector.X.(*ast.Ident)
		switch {
		case of != nil && of.Name == "wiring":
			s.calls[selector.Sel.Name] = true
		case of != nil && (of.Name == "env" || of.Name == "e") && slices.Contains(readers, selector.Sel.Name) && len(call.Args) == 1:
			literal, is := call.Args[0].(*ast.BasicLit)
			if !is {
				t.Errorf("env.%s is not given a literal name", selector.Sel.Name)
				return true
			}
			name, _ := strconv.Unquote(literal.Value)
			s.settings[name] = true
		}
		return true
	})
	return s
}

func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// wiringSources are the functions of package wiring, and Load of lambdaenv under the name of its package.
func wiringSources(t *testing.T) map[string]readsOf {
	t.Helper()
	all := map[string]readsOf{}
	paths, _ := filepath.Glob("wiring/*.go")
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, declared := range parse(t, path).Decls {
			if f, is := declared.(*ast.FuncDecl); is {
				all[f.Name.Name] = read(t, f.Body, true)
			}
		}
	}
	return all
}

// needs is everything that a main reads, by itself and through wiring.
func needs(t *testing.T, main string, wiring map[string]readsOf) map[string]bool {
	t.Helper()
	found := read(t, parse(t, main), false)
	settings := maps.Clone(found.settings)
	settings["STAGE"] = true // lambdaenv.Load
	todo := slices.Collect(maps.Keys(found.calls))
	seen := map[string]bool{}
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		maps.Copy(settings, wiring[name].settings)
		todo = append(todo, slices.Collect(maps.Keys(wiring[name].calls))...)
	}
	return settings
}

func TestEverySettingIsSetAndEveryOneSetIsRead(t *testing.T) {
	tpl := readTemplate(t)
	wiring := wiringSources(t)
	global, _ := get(tpl.root, "Globals", "Function", "Environment", "Variables").(object)
	readByAny := map[string]bool{}
	for _, id := range tpl.functions() {
		folder := filepath.Base(text(tpl.resources[id], "Properties", "CodeUri"))
		needed := needs(t, "../functions/"+folder+"/main.go", wiring)
		maps.Copy(readByAny, needed)
		own, _ := get(tpl.resources[id], "Properties", "Environment", "Variables").(object)
		for name := range needed {
			if own[name] == nil && global[name] == nil && !slices.Contains(given, name) {
				t.Errorf("%s reads %s, which template.yaml does not set", id, name)
			}
		}
		for name := range own {
			if !needed[name] && !slices.Contains(readByGo, name) {
				t.Errorf("%s is given %s and does not read it", id, name)
			}
		}
	}
	for name := range global {
		if !readByAny[name] {
			t.Errorf("every function is given %s, and none reads it", name)
		}
	}
}
