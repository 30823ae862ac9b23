package edge

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
)

// TestMain lets the test binary play a Lambda function's process, see kill_linux_test.go.
func TestMain(m *testing.M) {
	if address := os.Getenv(playFunction); address != "" {
		callAndWait(address)
		return
	}
	os.Exit(m.Run())
}

// playFunction is the variable that makes the test binary call the address it holds instead of testing.
const playFunction = "EDGE_TEST_PLAY_FUNCTION"

// gateway stands for the local AWS: it remembers what reaches it and answers 200.
type gateway struct {
	url      *url.URL
	mu       sync.Mutex
	requests []seen
}

// seen is one request as it arrived.
type seen struct {
	host, method, uri, body string
	header                  http.Header
}

func newGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a short body shows in the comparison
		g.mu.Lock()
		g.requests = append(g.requests, seen{r.Host, r.Method, r.RequestURI, string(body), r.Header.Clone()})
		g.mu.Unlock()
		io.WriteString(w, "from the gateway")
	}))
	t.Cleanup(server.Close)
	g.url = parse(t, server.URL)
	return g
}

func (g *gateway) seen() []seen {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]seen(nil), g.requests...)
}

// serve listens with a handler until the test ends and returns the address.
func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	server, err := Listen(handler, log.New(io.Discard, "", 0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server.URL
}

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// dynamo is a signed DynamoDB call as the SDK sends it.
func dynamo(t *testing.T, address, accessKey, operation, body string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("Authorization", authorization(accessKey, "dynamodb"))
	return request
}

func authorization(accessKey, service string) string {
	return "AWS4-HMAC-SHA256 Credential=" + accessKey + "/20261125/us-east-1/" + service + "/aws4_request, SignedHeaders=host, Signature=00"
}

// send returns the status and body of the answer, or the error when there was none.
func send(request *http.Request) (status int, body string, err error) {
	transport := &http.Transport{DisableKeepAlives: true} // a cut connection must not be retried on another one
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, string(content), err
}

// callAndWait makes one DynamoDB call, whatever comes of it, and then stays alive until somebody ends the process or closes its input.
func callAndWait(address string) {
	request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(`{"TableName":"tasks"}`))
	if err != nil {
		panic(err)
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	request.Header.Set("Authorization", authorization("ASIAFUNCTION", "dynamodb"))
	_, _, err = send(request)
	io.WriteString(os.Stdout, map[bool]string{true: "answered\n", false: "cut\n"}[err == nil])
	io.Copy(io.Discard, os.Stdin)
}
