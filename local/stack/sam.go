package stack

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

//go:embed readsam.py
var readSAM string

// How long the SAM CLI may take. A first build compiles every dependency, which is minutes on a small machine.
const (
	buildLimit  = 15 * time.Minute
	deployLimit = 3 * time.Minute
)

// buildFlags make the binaries small, static and reproducible; a test of the template holds `make build` to the same.
var buildFlags = []string{"CGO_ENABLED=0", "GOFLAGS=-trimpath -buildvcs=false -tags=lambda.norpc -ldflags=-s"}

// samCLI runs the SAM CLI for one stack.
type samCLI struct {
	tool     tool
	root     string
	folders  folders
	progress *Progress
}

// build compiles the functions for stage local, unless nothing has changed since the last time.
func (s samCLI) build(ctx context.Context) error {
	sources, err := fingerprint(ctx, s.root)
	if err != nil {
		return err
	}
	if s.folders.built(sources) {
		s.progress.Step("build: nothing has changed")
		return nil
	}
	if err := s.folders.removeBuildMark(); err != nil {
		return err
	}
	s.progress.Step("build: compiling the functions (minutes the first time, seconds later) …")
	env := append(goEnvironment(), buildFlags...)
	err = s.run(ctx, buildLimit, "sam build", env, "build", "--config-env", "local", "--template-file", filepath.Join(s.root, "template.yaml"),
		"--build-dir", s.folders.build, "--parameter-overrides", "Architecture="+architecture())
	if err != nil {
		return err
	}
	return os.WriteFile(s.folders.buildMark(), []byte(sources), 0o600)
}

// deploy runs `sam deploy` into the local AWS at endpoint.
func (s samCLI) deploy(ctx context.Context, endpoint string, template map[string]any, parameters map[string]string) error {
	s.progress.Step("deploy: template.yaml into the local AWS …")
	content, err := json.MarshalIndent(template, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(s.folders.build, "local.json") // beside the built functions, which it names relatively
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return fmt.Errorf("write the local template: %w", err)
	}
	arguments := []string{"deploy", "--config-env", "local", "--template-file", path, "--no-progressbar", "--parameter-overrides"}
	for name, value := range parameters {
		arguments = append(arguments, fmt.Sprintf("%s=%s", name, quoteParameter(value)))
	}
	env := append(awsEnvironment(endpoint), "HOME="+s.folders.home, "TMPDIR="+s.folders.tmp, "PATH="+os.Getenv("PATH"))
	return s.run(ctx, deployLimit, "sam deploy", env, arguments...)
}

// run runs one SAM command and shows its last lines when it fails. --config-file is given because SAM otherwise looks for
// samconfig.toml beside the template.
func (s samCLI) run(ctx context.Context, limit time.Duration, name string, env []string, arguments ...string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done after %s", limit))
	defer cancel()
	env = append(env, "SAM_CLI_TELEMETRY=0", "__SAM_CLI_APP_DIR="+s.folders.home) // no settings of the developer's own account
	arguments = append(arguments, "--config-file", filepath.Join(s.root, "samconfig.toml"))
	log := filepath.Join(s.folders.logs, strings.ReplaceAll(name, " ", "-")+".log")
	p, err := startProcess(name, s.root, log, env, s.tool.bin("sam"), arguments...)
	if err != nil {
		return err
	}
	return p.wait(ctx)
}

// samSource is what was built, and the settings of stage local.
type samSource struct {
	Template  map[string]any `json:"template"`
	StackName string         `json:"stack_name"`
	Overrides map[string]any `json:"overrides"`
}

// read reads the built template and samconfig.toml.
func (s samCLI) read(ctx context.Context) (*samSource, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.tool.bin("python"), "-c", readSAM,
		filepath.Join(s.folders.build, "template.yaml"), filepath.Join(s.root, "samconfig.toml"))
	var complaint strings.Builder
	cmd.Stderr = &complaint
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("read the built template and samconfig.toml: %w\n%s", err, complaint.String())
	}
	var source samSource
	if err := json.Unmarshal(output, &source); err != nil {
		return nil, fmt.Errorf("read the built template and samconfig.toml: %w", err)
	}
	return &source, nil
}

// parameters are samconfig.toml's values for stage local, with those put over them that only the launcher knows. Every name must be
// a parameter of the template, or a renamed parameter would silently lose its value.
func (s *samSource) parameters(launcher map[string]string) (map[string]string, error) {
	declared, _ := s.Template["Parameters"].(map[string]any)
	values := map[string]string{}
	for name, value := range s.Overrides {
		values[name] = fmt.Sprint(value)
	}
	for name, value := range launcher {
		values[name] = value
	}
	for name := range values {
		if declared[name] == nil {
			return nil, fmt.Errorf("template.yaml has no parameter %s, which samconfig.toml or the launcher sets", name)
		}
	}
	return values, nil
}

// quoteParameter writes a value as the SAM CLI reads it inside Name=Value.
func quoteParameter(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

// architecture is this machine's, in the template's words.
func architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

// goEnvironment is what the Go tool needs of the launcher's environment: where things are and how to reach the module proxy. Settings
// that would change the binaries stay out.
func goEnvironment() (env []string) {
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		switch name {
		case "GOFLAGS", "GOOS", "GOARCH", "GOAMD64", "GOARM64", "GOEXPERIMENT":
			continue
		}
		upper := strings.ToUpper(name)
		if strings.HasPrefix(name, "GO") || strings.HasSuffix(upper, "_PROXY") || strings.HasPrefix(name, "SSL_CERT_") ||
			name == "PATH" || name == "HOME" || name == "TMPDIR" {
			env = append(env, pair)
		}
	}
	return env
}

// awsEnvironment points AWS's own tools at the local AWS, with its root key and none of the developer's own settings.
func awsEnvironment(endpoint string) []string {
	return []string{
		"AWS_ENDPOINT_URL=" + endpoint, "AWS_REGION=" + Region, "AWS_DEFAULT_REGION=" + Region,
		"AWS_ACCESS_KEY_ID=" + rootKey, "AWS_SECRET_ACCESS_KEY=" + rootKey,
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true",
	}
}
