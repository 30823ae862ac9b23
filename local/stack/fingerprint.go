package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// What a build is made from, below the repository's folder. SAM's own cache looks at a function's folder only and would miss changes
// in shared/, so the launcher decides itself whether to build.
var buildSources = []string{"functions", "shared", "go.mod", "go.sum", "template.yaml", "samconfig.toml", "requirements-sam.txt"}

// fingerprint is a hash over everything that goes into a build: the sources without their tests, the compiler, the flags.
func fingerprint(ctx context.Context, root string) (string, error) {
	hash := sha256.New()
	version := exec.CommandContext(ctx, "go", "env", "GOVERSION")
	version.Dir, version.Env = root, goEnvironment() // go.mod may choose the compiler
	compiler, err := version.Output()
	if err != nil {
		return "", fmt.Errorf("ask for the Go version: %w", err)
	}
	fmt.Fprintf(hash, "%s%s\n%q\n", compiler, architecture(), buildFlags)
	for _, source := range buildSources {
		err := filepath.WalkDir(filepath.Join(root, source), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if !entry.Type().IsRegular() || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			return hashFile(hash, root, path)
		})
		if err != nil {
			return "", fmt.Errorf("look for changed sources: %w", err)
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// hashFile adds a file's name, length and content.
func hashFile(hash io.Writer, root, path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	name, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	fmt.Fprintf(hash, "%s %d\n", name, len(content))
	_, err = hash.Write(content)
	return err
}

// built tells whether the build folder holds what the sources with this fingerprint make.
func (f folders) built(fingerprint string) bool {
	of, err := os.ReadFile(f.buildMark())
	return err == nil && string(of) == fingerprint
}

// buildMark lies inside the build folder, so that it goes when SAM or a person clears that.
func (f folders) buildMark() string { return filepath.Join(f.build, "fingerprint") }

// removeBuildMark makes sure that a build which fails half-way does not pass for a finished one.
func (f folders) removeBuildMark() error {
	if err := os.Remove(f.buildMark()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("start a new build: %w", err)
	}
	return nil
}
