package httpapi

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"darkroom/shared/workflow"
)

// document is what GET /openapi.json answers: the description of all routes, made from their types by a test (`make golden`) and reviewed as code.
//
//go:embed openapi.json
var document []byte

// API is the user routes.
type API struct {
	Accounts *workflow.Accounts
	Creator  *workflow.Creator
	Tasks    *workflow.Tasks
	Uploads  *workflow.Uploads
	Signer   Signer
	Cursors  workflow.Cursors
	Access   Access
	Now      func() time.Time
	Log      *slog.Logger

	brake brake
}

// Handler answers the user routes and the public ones.
func (a *API) Handler() http.Handler {
	api, handler := newServer("Darkroom", a.Log)
	a.register(api)
	return handler
}

func (a *API) register(api huma.API) {
	r := route{log: a.Log, now: a.Now}
	a.createRoutes(api, r)
	a.taskRoutes(api, r)
	a.uploadRoutes(api, r)
	a.creditRoutes(api, r)
	a.publicRoutes(api, r)
}

// who is the caller of a user route.
func (a *API) who(ctx context.Context) (account string, err error) {
	caller, err := a.Access.signedIn(ctx, a.Now())
	if err != nil {
		return "", err
	}
	return caller.account, a.brake.take(caller.account, a.Now())
}

type healthOut struct {
	Body struct {
		Status string `json:"status" enum:"ok"`
	}
}

type documentOut struct {
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	Body         []byte
}

func (a *API) publicRoutes(api huma.API, r route) {
	add(api, r, operation("health", http.MethodGet, "/healthz", "Whether the API answers", "public"), func(context.Context, *struct{}) (*healthOut, error) {
		out := &healthOut{}
		out.Body.Status = "ok"
		return out, nil
	})
	add(api, r, operation("openapi", http.MethodGet, "/openapi.json", "This document", "public"), func(context.Context, *struct{}) (*documentOut, error) {
		return &documentOut{ContentType: "application/json", CacheControl: publicCache, Body: document}, nil
	})
	add(api, r, operation("list-models", http.MethodGet, "/v1/models", "The catalogue: models, what they can do, and what they cost", "public"), a.listModels)
}

const publicCache = "public, max-age=60"

// Document makes the OpenAPI document of all routes from their types, as indented JSON.
func Document() ([]byte, error) {
	api, _ := newServer("Darkroom", slog.New(slog.DiscardHandler))
	(&API{}).register(api)
	(&Admin{}).register(api)
	describe(api.OpenAPI())
	raw, err := json.Marshal(api.OpenAPI())
	if err != nil {
		return nil, err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, raw, "", "  "); err != nil {
		return nil, err
	}
	return append(indented.Bytes(), '\n'), nil
}
