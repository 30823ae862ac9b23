// Package lambdaenv is a function's surroundings: its settings, its AWS configuration, its log and its metrics. It is the only package that reads the
// environment.
package lambdaenv

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"golang.org/x/sync/errgroup"
)

// Env is one function's surroundings. Read every setting at start, then call ExitIfMissing.
type Env struct {
	AWS     aws.Config
	Log     *slog.Logger
	Metrics *Metrics
	Stage   string // local, staging or production

	look    func(string) (string, bool)
	missing []string
	wrong   []string
}

// Load reads the surroundings of this process. Problems are kept for ExitIfMissing, so that they are told all at once.
func Load() *Env {
	log := lambdacontext.NewLogger()
	slog.SetDefault(log)
	e := LoadFrom(os.LookupEnv)
	e.Log = log
	e.AWS = e.awsConfig()
	return e
}

// awsConfig is what Lambda gives every function: credentials of its role, which last as long as the process, and the region. The SDK's own chain would look
// in files, single sign-on and instance metadata as well, and 1.8 MB of it is never used here. AWS_ENDPOINT_URL points to a local AWS.
func (e *Env) awsConfig() aws.Config {
	cfg := aws.Config{
		Region:     e.Required("AWS_REGION"),
		HTTPClient: httpClient(),
		Credentials: credentials.NewStaticCredentialsProvider(
			e.Required("AWS_ACCESS_KEY_ID"), e.Required("AWS_SECRET_ACCESS_KEY"), e.Optional("AWS_SESSION_TOKEN")),
	}
	if endpoint := e.Optional("AWS_ENDPOINT_URL"); endpoint != "" {
		cfg.BaseEndpoint = &endpoint
	}
	return cfg
}

// LoadFrom reads settings from somewhere else, for tests.
func LoadFrom(look func(string) (string, bool)) *Env {
	e := &Env{look: look, Log: slog.Default()}
	e.Stage = e.Required("STAGE")
	e.Metrics = NewMetrics(os.Stdout, e.Stage, time.Now)
	return e
}

// httpClient bounds single steps; the SDK's own client has no bound on the answer. Calls are bounded by their contexts as a whole.
func httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.ResponseHeaderTimeout = 10 * time.Second
		t.MaxIdleConnsPerHost = 64
	})
}

// Required is a setting that must be there and not be empty.
func (e *Env) Required(name string) string {
	value, _ := e.look(name)
	if value == "" {
		e.missing = append(e.missing, name)
	}
	return value
}

// Optional is a setting that may be empty.
func (e *Env) Optional(name string) string {
	value, _ := e.look(name)
	return value
}

// Int is a setting that must be a whole number.
func (e *Env) Int(name string) int64 {
	value := e.Required(name)
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil && value != "" {
		e.wrong = append(e.wrong, fmt.Sprintf("%s is %q, not a whole number", name, value))
	}
	return n
}

// Timing is the setting of that name, read whole.
func (e *Env) Timing(name string) Timing {
	value := e.Required(name)
	if value == "" {
		return Timing{}
	}
	timing, err := ParseTiming(value)
	if err != nil {
		e.wrong = append(e.wrong, fmt.Sprintf("%s: %v", name, err))
	}
	return timing
}

// Check keeps an error of building something from settings for ExitIfMissing.
func (e *Env) Check(err error) {
	if err != nil {
		e.wrong = append(e.wrong, err.Error())
	}
}

// Problems lists what is missing or wrong.
func (e *Env) Problems() (all []string) {
	for _, name := range e.missing {
		all = append(all, name+" is not set")
	}
	return slices.Concat(all, e.wrong)
}

// ExitIfMissing ends the process when a setting is missing or wrong, after saying which. (log.Fatal would go through slog at INFO and could be filtered away.)
func (e *Env) ExitIfMissing() {
	problems := e.Problems()
	if len(problems) == 0 {
		return
	}
	for _, p := range problems {
		e.Log.Error("bad setting: " + p)
	}
	os.Exit(1)
}

// primeLimit bounds priming; it must never hold up a start.
const primeLimit = 2 * time.Second

// Prime makes one cheap call to each service before the first event, so that no request pays for opening connections and loading certificates. Whether the
// calls succeed does not matter.
func (e *Env) Prime(calls ...func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), primeLimit)
	defer cancel()
	var all errgroup.Group
	for _, call := range calls {
		all.Go(func() error {
			if err := call(ctx); err != nil {
				e.Log.Debug("priming", "error", err)
			}
			return nil
		})
	}
	all.Wait() //nolint:errcheck // none of them returns an error
}
