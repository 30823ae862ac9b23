package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"darkroom/shared/fault"
)

// setHooks sets huma's settings that hold for the whole process.
var setHooks = sync.OnceFunc(func() {
	huma.NewErrorWithContext = invalid
	huma.DefaultArrayNullable = false // an empty list is [], never null
	setWords()
})

// newServer makes an empty API with our own rules in front of it.
func newServer(title string, log *slog.Logger) (huma.API, http.Handler) {
	setHooks()
	config := huma.DefaultConfig(title, "1")
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil // no "$schema" field in our answers
	config.RejectUnknownQueryParameters = true
	config.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	mux := http.NewServeMux()
	return humago.New(mux, config), strict(log, routed(log, mux))
}

// routed answers what no route matches with a problem, where the mux would answer with a line of text.
func routed(log *slog.Logger, mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		probe := httptest.NewRecorder()
		mux.ServeHTTP(probe, r)
		allowed := probe.Header().Get("Allow")
		if allowed == "" {
			writeProblem(w, problem(r.Context(), log, fault.New(fault.NotFound, "there is no such route; GET /openapi.json lists them")))
			return
		}
		w.Header().Set("Allow", allowed)
		p := problem(r.Context(), log, fault.New(fault.InvalidRequest, "this route does not take the method; allowed: %s", allowed))
		p.Status, p.Title = http.StatusMethodNotAllowed, http.StatusText(http.StatusMethodNotAllowed)
		writeProblem(w, p)
	})
}

// route is what every operation has in common.
type route struct {
	log *slog.Logger
	now func() time.Time
}

// add registers an operation. Errors of the handler become problems.
func add[In, Out any](api huma.API, r route, operation huma.Operation, handle func(context.Context, *In) (*Out, error)) {
	operation.Errors = nil
	operation.MaxBodyBytes = maxBody
	operation.Metadata = map[string]any{schemasKey: api.OpenAPI().Components.Schemas}
	huma.Register(api, operation, func(ctx context.Context, in *In) (*Out, error) {
		out, err := handle(ctx, in)
		var answer huma.StatusError
		if err == nil || errors.As(err, &answer) { // not modified is an answer, which huma takes in the form of an error
			return out, err
		}
		return nil, problem(ctx, r.log, err)
	})
}

// operation describes a route for the document.
func operation(id, method, path, summary string, tag string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Tags: []string{tag}}
}
