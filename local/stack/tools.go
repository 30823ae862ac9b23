package stack

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"
)

// tool is a program from the Python package index, installed with exact versions into a folder of the repository. MiniStack and the
// SAM CLI want different versions of the same library, so each has an environment of its own.
type tool struct {
	name         string
	folder       string // a Python virtual environment
	requirements string // file with one exact version per line
}

// Tools are the programs the local stack needs besides Go and Python.
type Tools struct{ ministack, sam tool }

// ToolsIn says where the tools of the repository at root are, installed or not.
func ToolsIn(root string) Tools {
	at := func(name string) tool {
		return tool{name, filepath.Join(root, ".tools", name), filepath.Join(root, "requirements-"+name+".txt")}
	}
	return Tools{ministack: at("ministack"), sam: at("sam")}
}

// bin is the path of one of the tool's programs.
func (t tool) bin(program string) string { return filepath.Join(t.folder, "bin", program) }

// Install installs what is missing, or was installed for other versions. It needs the package index then, and about 500 MB and a
// minute; otherwise it returns at once.
func (t Tools) Install(ctx context.Context, progress *Progress) error {
	parallel, ctx := errgroup.WithContext(ctx)
	for _, tool := range []tool{t.ministack, t.sam} {
		parallel.Go(func() error { return tool.install(ctx, progress) })
	}
	return parallel.Wait()
}

func (t tool) install(ctx context.Context, progress *Progress) error {
	wanted, err := os.ReadFile(t.requirements)
	if err != nil {
		return fmt.Errorf("install %s: %w", t.name, err)
	}
	sum := sha256.Sum256(wanted)
	stamp, want := filepath.Join(t.folder, "installed"), hex.EncodeToString(sum[:])
	if got, err := os.ReadFile(stamp); err == nil && string(got) == want {
		return nil
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		return fmt.Errorf("install %s: python3 (3.11 or newer, with venv) is needed: %w", t.name, err)
	}
	if err := os.RemoveAll(t.folder); err != nil {
		return fmt.Errorf("install %s: %w", t.name, err)
	}
	packages := strings.Count(string(wanted), "==")
	progress.Step("tools: installing %s (%d packages, once; kept in %s) …", t.name, packages, t.folder)
	if err := t.run(ctx, nil, python, "-m", "venv", t.folder); err != nil {
		return err
	}
	fetched := 0
	each := func(line string) {
		if strings.HasPrefix(line, "Collecting ") {
			if fetched++; fetched%10 == 0 {
				progress.Step("tools: %s, package %d of %d …", t.name, fetched, packages)
			}
		}
	}
	err = t.run(ctx, each, t.bin("python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off",
		"--no-deps", "-r", t.requirements)
	if err != nil {
		return err
	}
	progress.Step("tools: %s is ready", t.name)
	return os.WriteFile(stamp, []byte(want), 0o644)
}

// run runs one step of an installation, hands its lines to each, and shows the last of them when it fails.
func (t tool) run(ctx context.Context, each func(line string), program string, arguments ...string) error {
	cmd := exec.CommandContext(ctx, program, arguments...)
	output, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("install %s: %w", t.name, err)
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("install %s: %w", t.name, err)
	}
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if each != nil {
			each(lines.Text())
		}
	}
	io.Copy(io.Discard, output) //nolint:errcheck // a line too long for the scanner must not block the program
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("install %s: %s %s: %w\n%s", t.name, filepath.Base(program), strings.Join(arguments, " "), err,
			strings.TrimSpace(complaint.String()))
	}
	return nil
}
