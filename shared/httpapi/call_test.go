package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"darkroom/shared/credit"
	"darkroom/shared/workflow/simtest"
)

// token is what the gateway's authorizer found in a token; nil: the route has none.
type token map[string]string

const issuer = "https://issuer.example.com/pool-1"

// person is the access token of somebody who may make images. It expires an hour after the worlds begin.
func person(subject string) token {
	return token{"iss": issuer, "sub": subject, "token_use": "access", "scope": "openid darkroom/tasks", "exp": strconv.FormatInt(simtest.Epoch.Add(100*24*time.Hour).Unix(), 10)}
}

// operator is the access token of somebody in the operators' group, in the form in which the gateway hands lists over.
func operator(subject string) token { return person(subject).with("cognito:groups", "[operators]") }

// with is the token with another claim; an empty value takes the claim out.
func (t token) with(claim, value string) token {
	changed := token{}
	for name, old := range t {
		changed[name] = old
	}
	changed[claim] = value
	if value == "" {
		delete(changed, claim)
	}
	return changed
}

// account is whose token it is.
func (t token) account() string { return credit.AccountID(t["iss"], t["sub"]) }

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// call sends a request through the handler that serves its path, and checks what holds for every answer. body is sent as it is when it is a string, as JSON
// otherwise; nil: none. Header pairs follow.
func (w *world) call(as token, method, target string, body any, header ...string) answer {
	w.t.Helper()
	request := w.event(as, method, target, body, header...)
	got := w.send(request)
	w.checkAnswer(request, got)
	return got
}

func (w *world) send(request events.APIGatewayV2HTTPRequest) answer {
	w.t.Helper()
	serve := w.user
	switch {
	case strings.HasPrefix(request.RawPath, "/admin/"):
		serve = w.admin
	case strings.HasPrefix(request.RawPath, "/webhooks/"):
		serve = w.webhook
	}
	response, err := serve(context.Background(), request)
	if err != nil {
		w.t.Fatalf("%s %s: the handler failed, which the gateway answers with 500: %v", request.RequestContext.HTTP.Method, request.RawPath, err)
	}
	got := answer{t: w.t, status: response.StatusCode, header: http.Header{}, body: []byte(response.Body)}
	for name, value := range response.Headers {
		got.header.Set(name, value)
	}
	return got
}

// event is a request as the gateway hands it over.
func (w *world) event(as token, method, target string, body any, header ...string) events.APIGatewayV2HTTPRequest {
	w.t.Helper()
	path, query, _ := strings.Cut(target, "?")
	request := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path, RawQueryString: query, Headers: map[string]string{"accept": "application/json"}}
	request.RequestContext.RequestID = fmt.Sprintf("request-%d", w.calls.Add(1))
	request.RequestContext.DomainName = "api.example.com"
	request.RequestContext.HTTP.Method, request.RequestContext.HTTP.Path = method, path
	if as != nil {
		jwt := &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: as}
		request.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{JWT: jwt}
	}
	if body != nil {
		text, given := body.(string)
		if !given {
			text = string(marshal(w.t, body))
		}
		request.Body = text
		request.Headers["content-type"] = "application/json"
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Headers[strings.ToLower(header[i])] = header[i+1]
	}
	return request
}

func marshal(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// want ends the test unless the answer has this status.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// into reads the body.
func (a answer) into(value any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, value); err != nil {
		a.t.Fatalf("the answer is not what it should be: %v: %s", err, a.body)
	}
}

// get is a value of the body at a dotted path ("tasks.0.id"); nil when there is none.
func (a answer) get(path string) any {
	a.t.Helper()
	var value any
	a.into(&value)
	for _, name := range strings.Split(path, ".") {
		switch within := value.(type) {
		case map[string]any:
			value = within[name]
		case []any:
			at, err := strconv.Atoi(name)
			if err != nil || at >= len(within) {
				return nil
			}
			value = within[at]
		default:
			return nil
		}
	}
	return value
}

// text is the string at a path.
func (a answer) text(path string) string {
	a.t.Helper()
	text, _ := a.get(path).(string)
	return text
}

// number is the number at a path.
func (a answer) number(path string) int64 {
	a.t.Helper()
	number, _ := a.get(path).(float64)
	return int64(number)
}
