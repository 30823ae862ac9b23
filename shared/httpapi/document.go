package httpapi

import (
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// nullable are the fields that are always there and may be null. huma cannot say so of a field that is an object.
var nullable = map[string][]string{
	"TaskView":    {"error", "asset"},
	"AdminTask":   {"error", "asset"},
	"ReceiptBody": {"hold", "capture", "release"},
}

// describe adds to the document what is the same for every route: what the API is, who may call it, and how it says no.
func describe(doc *huma.OpenAPI) {
	doc.Info.Description = "Asynchronous image generation. A create call is answered at once with tasks; they are made in the background and can be read until they end " +
		"as completed or failed. Credits are held when a task is created, and captured or released once.\n\n" +
		"Send one Idempotency-Key per intent: the same key with the same body repeats the answer and makes nothing new, however often a call is repeated.\n\n" +
		"Refusals have the form of the schema Problem. The gateway in front of the API answers some calls itself, before the API sees them: 401 (no valid token), 403, " +
		"404 (no such route) and 429 (too many calls of all together). Those answers are application/json of the form {\"message\": \"…\"}.\n\n" +
		"POST /webhooks/{provider}/{token} is for image providers; its form is theirs, so it is not described here."
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"accessToken": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "An access token with the scope darkroom/tasks; operators' routes need darkroom/admin or the group operators."},
	}
	for schema, fields := range nullable {
		for _, field := range fields {
			properties := doc.Components.Schemas.Map()[schema].Properties
			properties[field] = &huma.Schema{AnyOf: []*huma.Schema{{Ref: properties[field].Ref}, {Type: "null"}}}
		}
	}
	for _, name := range []string{"ErrorModel", "ErrorDetail"} { // huma's own, which no route answers with
		delete(doc.Components.Schemas.Map(), name)
	}
	problemSchema := doc.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete} {
			if op == nil {
				continue
			}
			if !slices.Contains(op.Tags, "public") {
				op.Security = []map[string][]string{{"accessToken": {}}}
			}
			for status := range op.Responses {
				if strings.HasPrefix(status, "4") || strings.HasPrefix(status, "5") || status == "default" {
					delete(op.Responses, status)
				}
			}
			if slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == "If-None-Match" }) {
				op.Responses["304"] = &huma.Response{Description: "What you have is still right"}
			}
			op.Responses["default"] = &huma.Response{Description: "Why it was refused; the code says what to do about it",
				Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problemSchema}}}
		}
	}
}
