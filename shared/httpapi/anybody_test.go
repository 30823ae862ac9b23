package httpapi_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"pgregory.net/rapid"
)

// names are those of fields, of fields at other places, and such as confuse whoever writes or reads a path.
var names = rapid.SampledFrom([]string{"model", "mode", "prompt", "count", "inputs", "params", "max_cost", "metadata", "size", "seed", "quality", "upload_id", "role",
	"", ".", "..", "a.b", ".size", "params.size", "inputs[0]", "[", "]", "[0].role", "body", "body.model", "query.", "Model", "ſize", "%s", "\n", "$ref"})

// values are anything that JSON can say, a few levels deep.
func values(deep int) *rapid.Generator[any] {
	flat := []*rapid.Generator[any]{
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.IntRange(-2, 20).AsAny(), rapid.Float64().AsAny(), rapid.String().AsAny(),
		rapid.SampledFrom([]string{"flux-2-pro", "text", "edit", "1024x1024", "source", "upl_01JD3YQ5T8Z6M3N0V4W2X7K9BC"}).AsAny(),
	}
	if deep == 0 {
		return rapid.OneOf(flat...)
	}
	inner := rapid.Deferred(func() *rapid.Generator[any] { return values(deep - 1) })
	return rapid.OneOf(append(flat, rapid.SliceOfN(inner, 0, 3).AsAny(), rapid.MapOfN(names, inner, 0, 4).AsAny(), rapid.MapOfN(names, inner, 0, 8).AsAny())...)
}

// Whatever is sent, finding words for what is wrong with it must not go wrong itself.
func TestAnyBodyIsAnsweredWithoutAnErrorOfOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rapid.Check(t, func(r *rapid.T) {
		body, err := json.Marshal(rapid.MapOfN(names, values(3), 0, 10).Draw(r, "body"))
		if err != nil {
			r.Skip("not JSON")
		}
		for _, target := range []string{"/v1/quotes", "/v1/uploads"} {
			if got := w.send(w.event(person("ann"), http.MethodPost, target, string(body))); got.status >= http.StatusInternalServerError {
				r.Fatalf("%s %s: %d %s\n%s", target, body, got.status, got.body, w.log)
			}
		}
	})
}
