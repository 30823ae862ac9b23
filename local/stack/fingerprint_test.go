package stack

import (
	"os"
	"path/filepath"
	"testing"
)

func TestABuildIsSkippedOnlyWhenItWouldMakeTheSame(t *testing.T) {
	root := t.TempDir()
	put := func(name, content string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"functions/api/main.go", "shared/task/task.go", "go.mod", "go.sum", "template.yaml", "samconfig.toml", "requirements-sam.txt"} {
		put(name, "module test\n")
	}
	of := func() string {
		t.Helper()
		sum, err := fingerprint(t.Context(), root)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	for _, change := range []struct {
		name, file string
		rebuild    bool
	}{
		{"AFunctionChanged", "functions/api/main.go", true},
		{"ASharedPackageChanged", "shared/task/task.go", true},
		{"ADataFileAppeared", "shared/catalog/models.json", true},
		{"AModuleChanged", "go.sum", true},
		{"TheTemplateChanged", "template.yaml", true},
		{"ATestChanged", "shared/task/task_test.go", false},
		{"TheLauncherChanged", "local/main.go", false},
	} {
		t.Run(change.name, func(t *testing.T) {
			before := of()
			put(change.file, "changed\n")
			if rebuild := of() != before; rebuild != change.rebuild {
				t.Errorf("%s changed: rebuild %t, want %t", change.file, rebuild, change.rebuild)
			}
		})
	}
}

func TestMovingAFileIsAChange(t *testing.T) {
	root := t.TempDir()
	for _, name := range buildSources {
		if err := os.WriteFile(filepath.Join(root, name), []byte("module test\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before, err := fingerprint(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(root, "shared"), filepath.Join(root, "x")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "shared"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(root, "x"), filepath.Join(root, "shared", "x")); err != nil {
		t.Fatal(err)
	}
	after, err := fingerprint(t.Context(), root)
	if err != nil || after == before {
		t.Errorf("got the same fingerprint, %v, for a file of another name", err)
	}
}

func TestAFailedBuildLeavesNoMark(t *testing.T) {
	folders := foldersIn(t.TempDir())
	if folders.built("x") {
		t.Error("an empty folder passes for a build")
	}
	if err := os.MkdirAll(folders.build, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folders.buildMark(), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !folders.built("x") || folders.built("y") {
		t.Error("a build is not recognised by its fingerprint")
	}
	if err := folders.removeBuildMark(); err != nil || folders.built("x") {
		t.Errorf("the mark stays: %v", err)
	}
	if err := folders.removeBuildMark(); err != nil {
		t.Errorf("a missing mark is an error: %v", err)
	}
}
