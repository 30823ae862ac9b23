package shared_test

import (
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The page that a new provider is added by, and the provider that was added by it.
const (
	providerPage   = "docs/adding-a-provider.md"
	sampleProvider = "shared/provider/providertest/sample"
)

// repositoryFile reads a file by its path from the repository's folder.
func repositoryFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// codeBlock is a fenced block with the last line of text before it, which links to the file that it is from.
var codeBlock = regexp.MustCompile("(?m)^(.+)\n\n```(go|json)\n((?s:.*?))```$")

var pageLink = regexp.MustCompile(`\]\(([^)#]+)\)`)

func TestTheProviderPageShowsCodeAsItIs(t *testing.T) {
	t.Parallel()
	page := repositoryFile(t, providerPage)
	blocks := codeBlock.FindAllStringSubmatch(page, -1)
	if fences := strings.Count(page, "\n```go\n") + strings.Count(page, "\n```json\n"); len(blocks) != fences || fences < 5 {
		t.Fatalf("%d of %d blocks of code follow a line that could name their file", len(blocks), fences)
	}
	for _, block := range blocks {
		link := pageLink.FindStringSubmatch(block[1])
		if link == nil {
			t.Errorf("the line %q names no file for the code below it", block[1])
			continue
		}
		if source := path.Join("docs", link[1]); !strings.Contains(repositoryFile(t, source), block[3]) {
			t.Errorf("%s does not have this any more:\n%s", source, block[3])
		}
	}
}

func TestTheProviderPageLeadsToWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, link := range pageLink.FindAllStringSubmatch(repositoryFile(t, providerPage), -1) {
		if _, err := os.Stat(filepath.Join("..", "docs", link[1])); err != nil {
			t.Errorf("a link leads nowhere: %v", err)
		}
	}
}

// Whoever writes the sample's files must have read of each on the page; testdata has one recorded answer for each thing that is read.
func TestTheProviderPageNamesEveryFileOfTheSample(t *testing.T) {
	t.Parallel()
	page := repositoryFile(t, providerPage)
	files, err := filepath.Glob(filepath.Join("..", sampleProvider, "*"))
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := filepath.Glob(filepath.Join("..", sampleProvider, "testdata", "*"))
	if err != nil || len(recorded) < 5 {
		t.Fatalf("%d recorded answers, %v", len(recorded), err)
	}
	for _, file := range append(files, recorded...) {
		if name := filepath.Base(file); !strings.Contains(page, "`"+name) && !strings.Contains(page, "/"+name) {
			t.Errorf("%s does not speak of %s", providerPage, file)
		}
	}
}

// What a driver can have, and what it can say, is declared in these files. The page is about all of it.
func TestTheProviderPageNamesEveryAbilityClassAndMeaning(t *testing.T) {
	t.Parallel()
	declaredIn := map[string]func(ast.Node) []string{
		"shared/provider/driver.go":             interfaceNames,
		"shared/provider/errors.go":             constantsOf("Class"),
		"shared/provider/meaning.go":            variablesOf("Means"),
		"shared/provider/providertest/suite.go": fieldsOf("Subject"),
	}
	page := repositoryFile(t, providerPage)
	for _, source := range sources(t) {
		declared := declaredIn[source.path]
		if declared == nil {
			continue
		}
		var names []string
		ast.Inspect(source.syntax, func(node ast.Node) bool {
			names = append(names, declared(node)...)
			return true
		})
		if len(names) < 6 {
			t.Errorf("%s: only %v were found: the test looks for the wrong thing", source.path, names)
		}
		for _, name := range names {
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("%s does not speak of %s, which %s has", providerPage, name, source.path)
			}
		}
	}
}

// interfaceNames are the name and the methods of an interface.
func interfaceNames(node ast.Node) (names []string) {
	if spec, is := node.(*ast.TypeSpec); is {
		if methods, is := spec.Type.(*ast.InterfaceType); is {
			names = append(names, spec.Name.Name)
			for _, method := range methods.Methods.List {
				names = append(names, method.Names[0].Name)
			}
		}
	}
	return names
}

func constantsOf(kind string) func(ast.Node) []string {
	return func(node ast.Node) (names []string) {
		if spec, is := node.(*ast.ValueSpec); is {
			if named, is := spec.Type.(*ast.Ident); is && named.Name == kind {
				names = append(names, spec.Names[0].Name)
			}
		}
		return names
	}
}

func variablesOf(prefix string) func(ast.Node) []string {
	return func(node ast.Node) (names []string) {
		if spec, is := node.(*ast.ValueSpec); is && strings.HasPrefix(spec.Names[0].Name, prefix) {
			names = append(names, spec.Names[0].Name)
		}
		return names
	}
}

func fieldsOf(structure string) func(ast.Node) []string {
	return func(node ast.Node) (names []string) {
		if spec, is := node.(*ast.TypeSpec); is && spec.Name.Name == structure {
			for _, field := range spec.Type.(*ast.StructType).Fields.List {
				names = append(names, field.Names[0].Name)
			}
		}
		return names
	}
}

var pageCommand = regexp.MustCompile("`go (?:test|vet) ([^`]+)`")

// A command that runs nothing proves nothing: each must meet its package and its tests, those for <name> with the sample's or BFL's folder in its place.
func TestTheProviderPagesCommandsRunTests(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{} // by folder
	for _, source := range sources(t) {
		tests[source.folder] = append(tests[source.folder], testNames(source)...)
	}
	commands := pageCommand.FindAllStringSubmatch(repositoryFile(t, providerPage), -1)
	if len(commands) < 10 {
		t.Fatalf("only %d commands were found: the test looks in the wrong place", len(commands))
	}
	for _, command := range commands {
		packages, pattern, _ := strings.Cut(strings.TrimSuffix(command[1], " -update"), " -run ")
		pattern = strings.Trim(pattern, "'")
		for _, folder := range strings.Fields(packages) {
			folder = strings.TrimPrefix(folder, "./")
			places := []string{strings.Replace(folder, "<name>", "providertest/sample", 1), strings.Replace(folder, "<name>", "bfl", 1)}
			for _, each := range strings.Split(pattern, "|") {
				each, _, _ = strings.Cut(each, "/")
				found := slices.ContainsFunc(places, func(place string) bool {
					return slices.ContainsFunc(tests[place], func(test string) bool { return strings.Contains(test, each) })
				})
				if !found {
					t.Errorf("go test %s: %s has no test %s", command[1], folder, each)
				}
			}
		}
	}
}

func testNames(s source) (names []string) {
	for _, declared := range s.syntax.Decls {
		if function, is := declared.(*ast.FuncDecl); is && s.isTest() && strings.HasPrefix(function.Name.Name, "Test") {
			names = append(names, function.Name.Name)
		}
	}
	return names
}
