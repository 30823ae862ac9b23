package httpapi_test

import (
	"context"
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"darkroom/shared/httpapi"
)

// through sends an event through the adapter to a handler, and returns its answer.
func through(t *testing.T, handle http.HandlerFunc, change func(*events.APIGatewayV2HTTPRequest)) events.APIGatewayV2HTTPResponse {
	t.Helper()
	request := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: "/v1/things/7"}
	request.RequestContext.HTTP.Method = http.MethodPost
	request.RequestContext.DomainName = "api.example.com"
	request.RequestContext.RequestID = "request-1"
	if change != nil {
		change(&request)
	}
	response, err := httpapi.Lambda(handle)(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestAHandlerSeesWhatTheClientSent(t *testing.T) {
	t.Parallel()
	called := false
	through(t, func(_ http.ResponseWriter, r *http.Request) {
		called = true
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		for name, pair := range map[string][2]string{
			"method":       {r.Method, "PUT"},
			"path":         {r.URL.Path, "/v1/things/a b"},
			"escaped path": {r.URL.EscapedPath(), "/v1/things/a%20b"},
			"query":        {r.URL.Query().Get("q"), "x&y=ä"},
			"second value": {strings.Join(r.URL.Query()["n"], " "), "1 2"},
			"host":         {r.Host, "api.example.com"},
			"header":       {r.Header.Get("X-Thing"), "one,two"},
			"body":         {string(body), `{"a":"ä"}`},
			"address":      {r.RequestURI, "/v1/things/a%20b?q=x%26y%3D%C3%A4&n=1&n=2"},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s is %q, want %q", name, pair[0], pair[1])
			}
		}
	}, func(request *events.APIGatewayV2HTTPRequest) {
		request.RequestContext.HTTP.Method = http.MethodPut
		request.RawPath, request.RawQueryString = "/v1/things/a%20b", "q=x%26y%3D%C3%A4&n=1&n=2"
		request.Headers = map[string]string{"x-thing": "one,two", "content-type": "application/json"}
		request.Body = `{"a":"ä"}`
	})
	if !called {
		t.Error("the handler was not called")
	}
}

func TestBodiesAreTheSameBytesInBothDirections(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"Text": "plain", "Empty": "", "Umlauts": "äöü", "Binary": "\x89PNG\r\n\x1a\n\x00\xff", "NotUTF8": "a\xffb", "Null": "\x00"} {
		for _, encoded := range []bool{false, true} {
			echo := func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(http.StatusCreated)
				io.Copy(w, r.Body) //nolint:errcheck // a recorder takes everything
			}
			response := through(t, echo, func(request *events.APIGatewayV2HTTPRequest) {
				request.Body, request.IsBase64Encoded = body, encoded
				if encoded {
					request.Body = base64.StdEncoding.EncodeToString([]byte(body))
				}
			})
			got := response.Body
			if response.IsBase64Encoded {
				raw, err := base64.StdEncoding.DecodeString(got)
				if err != nil {
					t.Fatal(err)
				}
				got = string(raw)
			}
			if got != body || response.StatusCode != http.StatusCreated {
				t.Errorf("%s, encoded %v: got %d %q, want 201 %q", name, encoded, response.StatusCode, got, body)
			}
		}
	}
}

func TestAnAnswersHeadersReachTheGateway(t *testing.T) {
	t.Parallel()
	response := through(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"abc"`)
		w.Header().Add("Vary", "Origin")
		w.Header().Add("Vary", "Accept")
		w.WriteHeader(http.StatusNotModified)
	}, nil)
	if want := map[string]string{"etag": `"abc"`, "vary": "Origin,Accept"}; !maps.Equal(response.Headers, want) || response.StatusCode != http.StatusNotModified || response.Body != "" {
		t.Errorf("got %+v, want 304 with %v", response, want)
	}
}

func TestAHandlerThatSaysNothingAnswers200(t *testing.T) {
	t.Parallel()
	if got := through(t, func(http.ResponseWriter, *http.Request) {}, nil); got.StatusCode != http.StatusOK {
		t.Errorf("got %d, want 200", got.StatusCode)
	}
}

func TestWhatIsNoRequestIsRefusedBeforeAnyHandler(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*events.APIGatewayV2HTTPRequest){
		"BadEscape":        func(r *events.APIGatewayV2HTTPRequest) { r.RawPath = "/v1/tasks/%zz" },
		"ControlCharacter": func(r *events.APIGatewayV2HTTPRequest) { r.RawPath = "/v1/tasks/\x00" },
		"BadMethod":        func(r *events.APIGatewayV2HTTPRequest) { r.RequestContext.HTTP.Method = "GET /" },
		"BadBase64":        func(r *events.APIGatewayV2HTTPRequest) { r.Body, r.IsBase64Encoded = "!", true },
	} {
		response := through(t, func(http.ResponseWriter, *http.Request) { t.Errorf("%s: the handler was called", name) }, change)
		if response.StatusCode != http.StatusBadRequest || response.Headers["content-type"] != "application/problem+json" || response.Headers["x-request-id"] != "request-1" ||
			!strings.Contains(response.Body, `"code":"invalid_request"`) {
			t.Errorf("%s: got %+v", name, response)
		}
	}
}

// A path that the gateway and the mux could read differently must not reach another route.
func TestOddPathsReachNoOtherRoute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{
		"/v1/tasks/", "/V1/tasks", "/v1/tasks/..%2f..%2fadmin/v1/providers", "/$default/v1/tasks", "/production/v1/tasks", "/v1/tasks%2F" + someID, "/v1/tasks/" + someID + "/", "/v1",
		"/", "/docs", "/openapi", "/openapi.yaml", "/openapi-3.0.json", "/schemas/TaskView.json", "/admin/v1", "/admin/v1/grants/", "/webhooks/", "/debug/pprof/",
	} {
		got := w.send(w.event(person("ann"), http.MethodGet, path, nil))
		if got.status != http.StatusNotFound && got.status != http.StatusMovedPermanently && got.status != http.StatusTemporaryRedirect {
			t.Errorf("%s: got %d, want 404: %s", path, got.status, got.body)
		}
	}
}

func TestRoutesAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	var documented []string
	for path, item := range readContract(t).doc.Paths.Map() {
		for method := range item.Operations() {
			documented = append(documented, method+" "+path)
		}
	}
	want := []string{"GET /healthz", "GET /openapi.json", "GET /v1/models"}
	for _, route := range userRoutes {
		if !strings.Contains(route.path, "?") {
			want = append(want, route.method+" "+route.path)
		}
	}
	for _, route := range operatorRoutes {
		want = append(want, route.method+" "+strings.Replace(route.path, "/bfl", "/{provider}", 1))
	}
	slices.Sort(documented)
	slices.Sort(want)
	if !slices.Equal(documented, want) {
		t.Errorf("the document has\n%s\nand the tests know\n%s", strings.Join(documented, "\n"), strings.Join(want, "\n"))
	}
}
