package shared_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is one Go file of the repository, read as it stands there.
type source struct {
	path   string // from the repository's folder: shared/task/task.go
	folder string
	text   string
	syntax *ast.File
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// imports are the packages of this repository that the file imports, as folders.
func (s source) imports() (folders []string) {
	for _, spec := range s.syntax.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if folder, ours := strings.CutPrefix(imported, "darkroom/"); ours && err == nil {
			folders = append(folders, folder)
		}
	}
	return folders
}

// sources are all Go files of functions, shared and local.
func sources(t *testing.T) (all []source) {
	t.Helper()
	for _, top := range []string{"functions", "shared", "local"} {
		err := filepath.WalkDir(filepath.Join("..", top), func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(name) != ".go" {
				return err
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			syntax, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
			if err != nil {
				return err
			}
			inRepository := strings.TrimPrefix(filepath.ToSlash(name), "../")
			all = append(all, source{inRepository, path.Dir(inRepository), string(text), syntax})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(all) < 100 {
		t.Fatalf("only %d files were found: the test looks in the wrong place", len(all))
	}
	return all
}

// importRule says what the packages in and below some folders may import of this repository. Test files may import more: they tie packages together.
type importRule struct {
	name string
	of   []string
	only []string // nothing else; nil: everything but never
	not  []string
}

var domain = []string{"shared/task", "shared/credit", "shared/asset", "shared/upload", "shared/catalog", "shared/fault", "shared/transition"}

var adapters = []string{"shared/dynamostore", "shared/memstore", "shared/sqsqueue", "shared/s3asset", "shared/cdnsign", "shared/secretstore"}

var importRules = []importRule{
	{name: "TheDomainImportsNothingButItself", of: domain, only: domain},
	{name: "PicturesAndModerationKnowTheDomainOnly", of: []string{"shared/picture", "shared/moderation"}, only: domain},
	{name: "AdaptersKnowTheDomainAndNotEachOther", of: adapters, only: append(slices.Clone(domain), "shared/provider")},
	// A vendor's moderation endpoint answers in the words of package moderation.
	{name: "ProvidersKnowTheDomainAndModeration", of: []string{"shared/provider"}, only: append(slices.Clone(domain), "shared/provider", "shared/moderation", "local/simulator")},
	{name: "WorkflowKnowsNoAdapterAndNoTransport", of: []string{"shared/workflow"},
		not: append(slices.Clone(adapters), "shared/httpapi", "shared/worker", "shared/wiring", "shared/lambdaenv", "functions", "local")},
	{name: "TransportsDoNotKnowHowTheyAreWired", of: []string{"shared/httpapi", "shared/worker"}, not: []string{"shared/wiring", "shared/lambdaenv", "functions", "local"}},
	{name: "TheSimulatorIsTheOtherSideOfTheWire", of: []string{"local/simulator"}, not: []string{"shared", "functions"}},
	{name: "ClientsKnowTheAPIByItsDocumentOnly", of: []string{"local/client"}, only: []string{}},
	{name: "NothingImportsAFunction", of: []string{"shared", "local"}, not: []string{"functions"}},
}

// below tells whether a folder is one of some, or lies in one of them.
func below(folder string, some []string) bool {
	return slices.ContainsFunc(some, func(s string) bool { return folder == s || strings.HasPrefix(folder, s+"/") })
}

// testSuites serve tests only, and so may join what the code keeps apart.
var testSuites = []string{"shared/workflow/simtest", "shared/workflow/storetest", "shared/provider/providertest"}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	all := sources(t)
	for _, rule := range importRules {
		t.Run(rule.name, func(t *testing.T) {
			t.Parallel()
			looked := 0
			for _, s := range all {
				if s.isTest() || !below(s.folder, rule.of) || below(s.folder, testSuites) {
					continue
				}
				looked++
				for _, imported := range s.imports() {
					own := imported == s.folder || (below(imported, rule.only) && rule.only != nil)
					if (rule.only != nil && !own) || below(imported, rule.not) {
						t.Errorf("%s imports %s", s.path, imported)
					}
				}
			}
			if looked == 0 {
				t.Errorf("no file lies in %v: the rule guards nothing", rule.of)
			}
		})
	}
}

func TestTheDomainNeedsOnlyTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.isTest() || !below(s.folder, domain) {
			continue
		}
		for _, spec := range s.syntax.Imports {
			if imported := strings.Trim(spec.Path.Value, `"`); strings.Contains(strings.Split(imported, "/")[0], ".") {
				t.Errorf("%s imports %s", s.path, imported)
			}
		}
	}
}

func TestTestSuitesServeTestsOnly(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.isTest() || below(s.folder, testSuites) {
			continue
		}
		for _, imported := range s.imports() {
			if below(imported, testSuites) {
				t.Errorf("%s imports %s", s.path, imported)
			}
		}
	}
}

func TestOnlyLambdaenvReadsTheEnvironment(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.isTest() || s.folder == "shared/lambdaenv" || !below(s.folder, []string{"shared", "functions"}) {
			continue
		}
		ast.Inspect(s.syntax, func(node ast.Node) bool {
			selected, is := node.(*ast.SelectorExpr)
			if !is {
				return true
			}
			from, is := selected.X.(*ast.Ident)
			if is && from.Name == "os" && slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, selected.Sel.Name) {
				t.Errorf("%s uses os.%s; pass the value in", s.path, selected.Sel.Name)
			}
			return true
		})
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	comments := map[string]int{} // folder -> files with a package comment
	for _, s := range sources(t) {
		if strings.HasSuffix(s.syntax.Name.Name, "_test") {
			continue
		}
		comments[s.folder] += 0
		if s.syntax.Doc == nil {
			continue
		}
		comments[s.folder]++
		subject := "Package " + s.syntax.Name.Name + " "
		if s.syntax.Name.Name == "main" {
			subject = "Command " + path.Base(s.folder) + " "
		}
		if !strings.HasPrefix(s.syntax.Doc.Text(), subject) {
			t.Errorf("%s: the package comment begins %q, want %q", s.path, firstWords(s.syntax.Doc.Text()), subject)
		}
	}
	for folder, n := range comments {
		if n != 1 {
			t.Errorf("%s has %d package comments, want 1", folder, n)
		}
	}
}

func firstWords(text string) string { return strings.Join(strings.Fields(text)[:2], " ") }

func TestPackagesAreNamedForAConcept(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		name := strings.TrimSuffix(s.syntax.Name.Name, "_test")
		if slices.Contains([]string{"util", "utils", "common", "misc", "types", "models", "helper", "helpers", "base", "lib"}, name) {
			t.Errorf("%s: a package called %s has no subject yet", s.path, name)
		}
	}
}

// longest is where a file should be looked at for a second subject.
const longest = 400

func TestFilesHaveOneSubjectAndNothingLeftToDo(t *testing.T) {
	t.Parallel()
	leftOver := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`) // in two parts: this file is looked at, too
	for _, s := range sources(t) {
		if lines := strings.Count(s.text, "\n"); lines > longest {
			t.Errorf("%s has %d lines, want %d at most: look for its second subject", s.path, lines, longest)
		}
		if found := leftOver.FindString(s.text); found != "" {
			t.Errorf("%s: a %s is left over", s.path, found)
		}
	}
}
