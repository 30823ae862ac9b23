// Package httpapi is the HTTP side of Darkroom: API Gateway events in, workflow calls, answers out.
package httpapi

import (
	"context"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"darkroom/shared/fault"
)

// gatewayKey is the context key of what the gateway says about a request.
type gatewayKey struct{}

// Lambda makes a Lambda handler of an http.Handler: payload format 2.0 in and out. What the gateway says about the request is in its context.
func Lambda(handler http.Handler) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return func(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		ctx = context.WithValue(ctx, gatewayKey{}, event.RequestContext)
		recorder := httptest.NewRecorder()
		if request, err := requestOf(ctx, event); err == nil {
			handler.ServeHTTP(recorder, request)
		} else { // a path or body that no client library makes
			commonHeaders(recorder, event.RequestContext.RequestID)
			writeProblem(recorder, problem(ctx, slog.Default(), fault.New(fault.InvalidRequest, "the request cannot be read: its path or its body is not well formed")))
		}
		return responseOf(recorder.Result(), recorder.Body.Bytes()), nil
	}
}

// requestOf is the request that the client sent.
func requestOf(ctx context.Context, event events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	body := event.Body
	if event.IsBase64Encoded {
		raw, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil, err
		}
		body = string(raw)
	}
	target := event.RawPath
	if event.RawQueryString != "" {
		target += "?" + event.RawQueryString
	}
	request, err := http.NewRequestWithContext(ctx, event.RequestContext.HTTP.Method, target, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, value := range event.Headers { // repeated ones arrive joined by commas
		request.Header.Set(name, value)
	}
	request.Host = event.RequestContext.DomainName
	request.RequestURI = target
	return request, nil
}

func responseOf(result *http.Response, body []byte) events.APIGatewayV2HTTPResponse {
	response := events.APIGatewayV2HTTPResponse{StatusCode: result.StatusCode, Headers: map[string]string{}}
	for name, values := range result.Header {
		response.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	if utf8.Valid(body) {
		response.Body = string(body)
	} else {
		response.Body, response.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return response
}

// gateway is what the gateway says about a request; empty without one.
func gateway(ctx context.Context) events.APIGatewayV2HTTPRequestContext {
	about, _ := ctx.Value(gatewayKey{}).(events.APIGatewayV2HTTPRequestContext)
	return about
}
