package httpapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/getkin/kin-openapi/openapi3"
)

// contract is the API's document as clients read it. Every answer in these tests is checked against it.
type contract struct{ doc *openapi3.T }

var loadContract = sync.OnceValues(func() (*openapi3.T, error) {
	text, err := os.ReadFile("../../docs/openapi.json")
	if err != nil {
		return nil, err
	}
	return openapi3.NewLoader().LoadFromData(text)
})

func readContract(t *testing.T) *contract {
	t.Helper()
	doc, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	return &contract{doc}
}

// operation is the documented operation that serves a request; nil when there is none.
func (c *contract) operation(method, path string) *openapi3.Operation {
	parts := strings.Split(path, "/")
	for _, template := range slices.Sorted(maps.Keys(c.doc.Paths.Map())) {
		names := strings.Split(template, "/")
		fits := len(names) == len(parts)
		for i := 0; fits && i < len(parts); i++ {
			fits = names[i] == parts[i] || (strings.HasPrefix(names[i], "{") && parts[i] != "")
		}
		if fits {
			return c.doc.Paths.Value(template).GetOperation(method)
		}
	}
	return nil
}

// check holds an answer against what the document says about it; the error says where they differ.
func (c *contract) check(request events.APIGatewayV2HTTPRequest, got answer) error {
	call := fmt.Sprintf("%s %s: %d", request.RequestContext.HTTP.Method, request.RawPath, got.status)
	op := c.operation(request.RequestContext.HTTP.Method, request.RawPath)
	if op == nil {
		if got.status < 400 {
			return fmt.Errorf("%s, but the document has no such operation", call)
		}
		return nil
	}
	described := op.Responses.Status(got.status)
	if described == nil && got.status >= 400 {
		described = op.Responses.Default()
	}
	if described == nil {
		return fmt.Errorf("%s is not in the document", call)
	}
	content := described.Value.Content
	if len(content) == 0 {
		if len(got.body) != 0 {
			return fmt.Errorf("%s has a body, the document says it has none: %s", call, got.body)
		}
		return nil
	}
	kind, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
	media := content[kind]
	if media == nil {
		return fmt.Errorf("%s is %q; the document has %v", call, kind, slices.Sorted(maps.Keys(content)))
	}
	if request.RawPath == "/openapi.json" {
		return nil // the document does not describe itself
	}
	var value any
	if err := json.Unmarshal(got.body, &value); err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}
	if err := media.Schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020(), openapi3.VisitAsResponse()); err != nil {
		return fmt.Errorf("%s is not as the document says: %w\n%s", call, err, got.body)
	}
	return nil
}

// patternDescription is huma's own; JSON Schema allows keywords that it does not know.
func TestTheDocumentIsValidOpenAPI(t *testing.T) {
	t.Parallel()
	if err := readContract(t).doc.Validate(t.Context(), openapi3.AllowExtraSiblingFields("patternDescription")); err != nil {
		t.Error(err)
	}
}

func TestTheDocumentIsServedAsItIsKept(t *testing.T) {
	t.Parallel()
	kept, err := os.ReadFile("../../docs/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if served := newWorld(t).call(nil, http.MethodGet, "/openapi.json", nil).want(http.StatusOK); string(served.body) != string(kept) {
		t.Error("GET /openapi.json and docs/openapi.json differ")
	}
}

// A check that lets everything through would be worth nothing.
func TestTheContractCheckFindsMistakes(t *testing.T) {
	t.Parallel()
	c := readContract(t)
	credits := func(body string, status int, kind string) (events.APIGatewayV2HTTPRequest, answer) {
		request := events.APIGatewayV2HTTPRequest{RawPath: "/v1/credits"}
		request.RequestContext.HTTP.Method = http.MethodGet
		return request, answer{status: status, header: http.Header{"Content-Type": {kind}}, body: []byte(body)}
	}
	good := `{"available":1,"held":0,"spent":0}`
	for name, made := range map[string]struct {
		body   string
		status int
		kind   string
		fails  bool
	}{
		"Good":         {good, 200, "application/json", false},
		"MissingField": {`{"available":1,"held":0}`, 200, "application/json", true},
		"ExtraField":   {`{"available":1,"held":0,"spent":0,"provider":"x"}`, 200, "application/json", true},
		"WrongType":    {`{"available":"1","held":0,"spent":0}`, 200, "application/json", true},
		"WrongStatus":  {good, 201, "application/json", true},
		"WrongKind":    {good, 200, "text/html", true},
		"BadProblem":   {`{"code":"nonsense"}`, 400, "application/problem+json", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := c.check(credits(made.body, made.status, made.kind)); (err != nil) != made.fails {
				t.Errorf("%d with %s: got %v, want an error: %v", made.status, made.body, err, made.fails)
			}
		})
	}
}
