package httpapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// rawWord is what the provider of these tests says; no user may read it.
const rawWord = "GPU-worker-17-exploded"

// hidden are what no answer to a user may hold: providers' names and hosts, their jobs and their words, what they cost us, and what our own storage calls things.
var hidden = []string{
	"micro_usd", `_megapixels"`, `"usage"`, `"estimated"`, `"routes"`, "bfl", "openai", "img.example.com", "job-", "handle", rawWord,
	"SUBMITTING", "RUNNING", "BACKOFF", "STORING", "lease_", "A#", "T#", "R#", "goroutine", ".go:", "panic",
}

// public are the routes without a token; their answers may be kept by caches.
var public = []string{"/v1/models", "/openapi.json"}

// checkAnswer checks what holds for every answer, whatever the test is about.
func (w *world) checkAnswer(request events.APIGatewayV2HTTPRequest, got answer) {
	w.t.Helper()
	call := request.RequestContext.HTTP.Method + " " + request.RawPath
	if strings.HasPrefix(request.RawPath, "/webhooks/") {
		return // answers a machine, with a status only
	}
	if id := got.header.Get("X-Request-Id"); id != request.RequestContext.RequestID {
		w.t.Errorf("%s: X-Request-Id is %q, want %q", call, id, request.RequestContext.RequestID)
	}
	cacheable := got.status == http.StatusOK && slices.Contains(public, request.RawPath)
	if control := got.header.Get("Cache-Control"); !cacheable && control != "private, no-store" {
		w.t.Errorf("%s: %d with Cache-Control %q, want private, no-store", call, got.status, control)
	}
	if !strings.HasPrefix(request.RawPath, "/admin/") && request.RawPath != "/openapi.json" {
		told := signature.ReplaceAllString(string(got.body), "") // its random letters spell a provider's name one day
		for _, word := range hidden {
			if strings.Contains(told, word) {
				w.t.Errorf("%s: the answer holds %q, which no user may see: %s", call, word, got.body)
			}
		}
	}
	if got.status >= 400 {
		w.checkProblem(call, request.RequestContext.RequestID, got)
	}
	if got.status >= 500 && got.status != http.StatusServiceUnavailable && w.store.broken.Load() == nil {
		w.t.Errorf("%s: %d although nothing is broken: %s", call, got.status, got.body)
	}
	if err := w.document.check(request, got); err != nil {
		w.t.Error(err)
	}
}

// checkProblem checks the form of an error answer.
func (w *world) checkProblem(call, requestID string, got answer) {
	w.t.Helper()
	var p struct {
		Type, Title, Code, Detail string
		Status                    int
		Retryable                 *bool
		TraceID                   string `json:"trace_id"`
		RetryAfter                int    `json:"retry_after"`
	}
	if kind := got.header.Get("Content-Type"); kind != "application/problem+json" {
		w.t.Errorf("%s: %d with Content-Type %q, want application/problem+json: %s", call, got.status, kind, got.body)
		return
	}
	if err := json.Unmarshal(got.body, &p); err != nil {
		w.t.Errorf("%s: the problem is not JSON: %v", call, err)
		return
	}
	if p.Type != "about:blank" || p.Title != http.StatusText(got.status) || p.Status != got.status || p.Code == "" || p.Detail == "" || p.Retryable == nil || p.TraceID != requestID {
		w.t.Errorf("%s: a problem is incomplete or wrong: %s", call, got.body)
	}
	if (got.header.Get("Retry-After") != "") != (p.RetryAfter > 0) {
		w.t.Errorf("%s: Retry-After is %q, and the body says %d", call, got.header.Get("Retry-After"), p.RetryAfter)
	}
}
