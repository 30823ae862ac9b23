package stack

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"darkroom/local/edge"
)

const (
	// Region is the one region of the local AWS.
	Region = "us-east-1"
	// rootKey is the id and the secret of the local AWS's root user.
	rootKey = "test"
	// readyLimit is how long MiniStack may take to answer. On an idle machine it takes two seconds.
	readyLimit = 60 * time.Second
)

// localAWS is a running MiniStack with the edge that its clients call.
type localAWS struct {
	process *process
	gateway *url.URL  // MiniStack itself
	edge    *edge.AWS // records calls and breaks them on order
	server  *edge.Server
}

// errPortTaken tells that another program took the port between our looking for a free one and MiniStack's opening it.
var errPortTaken = errors.New("the port chosen for the local AWS was taken by another program; please start again")

// startAWS starts MiniStack and its edge.
func startAWS(ctx context.Context, tool tool, folders folders, logger *log.Logger) (aws *localAWS, err error) {
	for range 3 {
		aws, err = tryAWS(ctx, tool, folders, logger)
		if !errors.Is(err, errPortTaken) {
			break
		}
	}
	return aws, err
}

func tryAWS(ctx context.Context, tool tool, folders folders, logger *log.Logger) (*localAWS, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	gateway := &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	handler := edge.NewAWS(gateway)
	server, err := edge.Listen(handler, logger)
	if err != nil {
		return nil, err
	}
	mark := "darkroom-" + strings.ToLower(rand.Text())
	logPath := filepath.Join(folders.logs, "ministack.log")
	process, err := startProcess("MiniStack", folders.local, logPath, ministackEnvironment(folders, port, server.URL, mark), tool.bin("ministack"))
	if err != nil {
		server.Close()
		return nil, err
	}
	aws := &localAWS{process: process, gateway: gateway, edge: handler, server: server}
	if err := aws.waitReady(ctx, mark); err != nil {
		aws.close()
		if content, _ := os.ReadFile(logPath); strings.Contains(string(content), "already in use") {
			return nil, errPortTaken
		}
		return nil, err
	}
	return aws, nil
}

// ministackEnvironment is everything MiniStack and, through it, the functions see of this machine.
func ministackEnvironment(folders folders, port int, endpoint, mark string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + folders.home, "TMPDIR=" + folders.tmp,
		"BIND_HOST=127.0.0.1", // its default is every interface
		"GATEWAY_PORT=" + strconv.Itoa(port), "MINISTACK_HOST=localhost",
		"IOT_MTLS_ENABLED=0", // it would open a second port
		"AUTH=true",          // IAM policies are enforced
		"AWS_ENDPOINT_URL=" + endpoint,
		"MINISTACK_EDITION=" + mark, // its health answer repeats this, see waitReady
	}
}

// waitReady waits until MiniStack answers, and makes sure that it is the one just started: a stale one may sit on the port, but it
// cannot know this start's mark.
func (a *localAWS) waitReady(ctx context.Context, mark string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyLimit, fmt.Errorf("MiniStack did not answer on %s within %s", a.gateway, readyLimit))
	defer cancel()
	for {
		var health struct{ Edition string }
		if getJSON(ctx, a.gateway.JoinPath("_ministack/ready").String(), nil) == nil &&
			getJSON(ctx, a.gateway.JoinPath("_ministack/health").String(), &health) == nil {
			if health.Edition == mark {
				return nil
			}
			return errPortTaken
		}
		select {
		case <-a.process.done:
			return fmt.Errorf("MiniStack ended while it was starting: %w\n%s", a.process.ended(), a.process.lastLines())
		case <-ctx.Done():
			return fmt.Errorf("%w\n%s", context.Cause(ctx), a.process.lastLines())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// close stops MiniStack with every function process, and its edge.
func (a *localAWS) close() {
	a.process.stop()
	a.server.Close()
}

// getJSON reads an answer of 200 into into, unless that is nil.
func getJSON(ctx context.Context, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", address, response.Status)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// freePort finds a TCP port of the loopback interface that nobody uses.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
