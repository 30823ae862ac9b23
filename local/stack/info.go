package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Info is what a client of a running stack needs to know. The stack keeps it in .local/stack.json; it holds passwords, so only its
// owner can read that file. No address has a slash at the end.
type Info struct {
	APIURL       string `json:"api_url"`       // the HTTP API
	CDNURL       string `json:"cdn_url"`       // where signed links to images lead
	WebURL       string `json:"web_url"`       // where the web application belongs; the API's CORS rules and sign-in expect it there
	SimulatorURL string `json:"simulator_url"` // page, records and faults of the simulated providers

	AWSEndpoint    string `json:"aws_endpoint"`     // for SDKs and the AWS CLI, with key id and secret "test"
	EdgeControlURL string `json:"edge_control_url"` // orders faults from the same, see edge.Client
	Region         string `json:"region"`
	StackName      string `json:"stack_name"`

	SignInURL   string `json:"sign_in_url"`  // has /oauth2/authorize and /oauth2/token
	RedirectURI string `json:"redirect_uri"` // the one sign-in may return to
	UserPoolID  string `json:"user_pool_id"`
	ClientID    string `json:"client_id"` // of the web application
	Users       []User `json:"users"`

	MachineClientID     string `json:"machine_client_id"` // may ask for the admin scope
	MachineClientSecret string `json:"machine_client_secret"`
	TasksScope          string `json:"tasks_scope"`
	AdminScope          string `json:"admin_scope"`

	Outputs map[string]string `json:"outputs"` // the CloudFormation stack's outputs
	Logs    string            `json:"logs"`    // folder with the log of every program
}

// ErrNotRunning means that there is no stack.json: no stack is running there.
var ErrNotRunning = errors.New("no local stack is running; start one with: make up")

// Load reads what the stack of the repository at root wrote when it started, or the file that the environment variable DARKROOM_STACK
// names. The error is ErrNotRunning when no stack is running.
func Load(root string) (*Info, error) {
	path := os.Getenv(InfoVariable)
	if path == "" {
		path = foldersIn(root).infoPath()
	}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotRunning
	}
	if err != nil {
		return nil, fmt.Errorf("read the running stack's description: %w", err)
	}
	info := &Info{}
	if err := json.Unmarshal(content, info); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return info, nil
}

// InfoVariable is the environment variable that names a running stack's stack.json to the programs `local test` runs.
const InfoVariable = "DARKROOM_STACK"

// User returns the user with this e-mail address. The error lists those there are.
func (i *Info) User(email string) (User, error) {
	known := []string{}
	for _, user := range i.Users {
		if user.Email == email {
			return user, nil
		}
		known = append(known, user.Email)
	}
	return User{}, fmt.Errorf("the stack has no user %q; it has %v", email, known)
}

// write puts the file where Load finds it: whole, and never readable by others, not even for a moment.
func (i *Info) write(path string) error {
	content, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "stack-*.json") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = file.Write(append(content, '\n'))
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
