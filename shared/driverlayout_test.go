package shared_test

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a driver's folder always has, and what its other files are called: whoever has read one driver finds the way through the next.
var (
	driverFiles    = []string{"driver.go", "wire.go", "status.go", "driver_test.go", "testdata"}
	driverSubjects = []string{"address.go", "answer.go", "driver.go", "inputs.go", "lookup.go", "model.go", "moderation.go", "price.go", "status.go", "webhook.go", "wire.go"}
)

// driverLongest is how many lines of code a driver has at most, tests, comments and blank lines aside. What makes it longer is often the same in another
// driver, and belongs into shared/provider.
const driverLongest = 420

// driverFolders are all of them, the sample included.
func driverFolders(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join("..", "shared", "provider"))
	if err != nil {
		t.Fatal(err)
	}
	folders := []string{sampleProvider}
	for _, entry := range entries {
		if folder := path.Join("shared/provider", entry.Name()); entry.IsDir() && !slices.Contains(testSuites, folder) {
			folders = append(folders, folder)
		}
	}
	if len(folders) < 6 {
		t.Fatalf("only %v were found: the test looks in the wrong place", folders)
	}
	return folders
}

func TestEveryDriverLooksTheSame(t *testing.T) {
	t.Parallel()
	for _, folder := range driverFolders(t) {
		for _, name := range driverFiles {
			if _, err := os.Stat(filepath.Join("..", folder, name)); err != nil {
				t.Errorf("%s has no %s", folder, name)
			}
		}
	}
	for _, s := range sources(t) {
		if name := path.Base(s.path); slices.Contains(driverFolders(t), s.folder) && !s.isTest() && !slices.Contains(driverSubjects, name) {
			t.Errorf("%s: no other driver has a file of this name; take one of %v, or name its subject there", s.path, driverSubjects)
		}
	}
}

func TestEveryDriverIsShort(t *testing.T) {
	t.Parallel()
	lines := map[string]int{}
	for _, s := range sources(t) {
		if !s.isTest() {
			lines[s.folder] += linesOfCode(s.text)
		}
	}
	for _, folder := range driverFolders(t) {
		if n := lines[folder]; n == 0 || n > driverLongest {
			t.Errorf("%s has %d lines of code, want 1 to %d: is some of it the same in another driver?", folder, n, driverLongest)
		}
	}
}

// linesOfCode counts the lines that are neither blank nor a comment.
func linesOfCode(text string) (n int) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			n++
		}
	}
	return n
}
