package providertest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Contract is what a provider publishes about its API: testdata/openapi.json, trimmed to what the driver uses. Unlike the
// simulator and the recorded answers it is the provider's own word. To renew one, take the same operations, with the schemas that
// they reach, from a later commit of the source that it names.
type Contract struct {
	calls   *openapi3.T // closed: an object that lists its fields has no others
	answers *openapi3.T // open: providers add fields to answers at any time
	mount   string      // where the document's paths begin in a call to the simulator: "/openai/v1"
	ahead   []Ahead
	used    []bool // by index of ahead
}

// Ahead is a field that the provider takes though the copy of its document does not say so, or not with this value.
type Ahead struct {
	Operation string // "POST /images/edits"
	Field     string // at the top of the body
	Value     string // a regular expression for its values
	Source    string // where the provider says that it takes them
}

// ReadContract reads the document of the driver whose calls arrive under mount, the paths of its operations coming next. It
// fails the test at its end when a field that is ahead of the document never was: then the document has caught up.
func ReadContract(t *testing.T, mount string, ahead ...Ahead) *Contract {
	t.Helper()
	c := &Contract{mount: mount, ahead: ahead, used: make([]bool, len(ahead))}
	for _, doc := range []**openapi3.T{&c.calls, &c.answers} {
		loaded, err := openapi3.NewLoader().LoadFromData(Testdata(t, "openapi.json"))
		if err != nil {
			t.Fatal(err)
		}
		*doc = loaded
	}
	for _, field := range []string{"repository", "path", "commit", "date", "licence"} {
		source, _ := c.calls.Extensions["x-source"].(map[string]any)
		if text, _ := source[field].(string); text == "" {
			t.Errorf("testdata/openapi.json does not name its source: x-source has no %s", field)
		}
	}
	walk(c.calls, closed)
	walk(c.answers, lenient)
	t.Cleanup(func() {
		for i, field := range c.ahead {
			if !c.used[i] && !t.Failed() {
				t.Errorf("%s %s: no call needed the exception for values like %s: take it out", field.Operation, field.Field, field.Value)
			}
		}
	})
	return c
}

// CheckCall holds a call against the document: its path, its query and its body. The path is as it arrived, mount and query
// included.
func (c *Contract) CheckCall(method, path string, body []byte) error {
	address, err := url.Parse(path)
	if err != nil {
		return err
	}
	name, op := operation(c.calls, method, strings.TrimPrefix(address.Path, c.mount))
	if op == nil || !strings.HasPrefix(address.Path, c.mount) {
		return fmt.Errorf("%s %s is not in the document", method, address.Path)
	}
	if err := checkQuery(op, address.Query()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if op.RequestBody == nil {
		if len(body) > 0 {
			return fmt.Errorf("%s takes no body", name)
		}
		return nil
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	schema := op.RequestBody.Value.Content.Get("application/json").Schema.Value
	if fields, is := value.(map[string]any); is {
		c.passAhead(name, schema, fields)
	}
	if err := check(schema, value, openapi3.VisitAsRequest()); err != nil {
		return fmt.Errorf("%s: %w\n%.2000s", name, err, body)
	}
	return nil
}

// passAhead takes out the fields that are ahead of the document. One that the document allows stays in.
func (c *Contract) passAhead(name string, schema *openapi3.Schema, fields map[string]any) {
	for i, field := range c.ahead {
		text, sent := fields[field.Field].(string)
		if !sent || field.Operation != name || !regexp.MustCompile("^(?:"+field.Value+")$").MatchString(text) {
			continue
		}
		if known := schema.Properties[field.Field]; known != nil && check(known.Value, text) == nil {
			continue
		}
		c.used[i] = true
		delete(fields, field.Field)
	}
}

func checkQuery(op *openapi3.Operation, query url.Values) error {
	for name, values := range query {
		parameter := op.Parameters.GetByInAndName("query", name)
		if parameter == nil {
			return fmt.Errorf("query parameter %s is not in the document", name)
		}
		for _, text := range values {
			var value any = text
			if number, err := strconv.ParseFloat(text, 64); err == nil && parameter.Schema.Value.Type.Is("integer") {
				value = number
			}
			if err := check(parameter.Schema.Value, value); err != nil {
				return fmt.Errorf("query parameter %s: %w", name, err)
			}
		}
	}
	for _, parameter := range op.Parameters {
		if parameter.Value.In == "query" && parameter.Value.Required && !query.Has(parameter.Value.Name) {
			return fmt.Errorf("query parameter %s is missing", parameter.Value.Name)
		}
	}
	return nil
}

// CheckAnswer holds an answer against the document. The path is the document's own, as in "/predictions/{id}".
func (c *Contract) CheckAnswer(method, path string, status int, body []byte) error {
	media, err := c.answer(method, path, status)
	if err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if err := check(media.Schema.Value, value, openapi3.VisitAsResponse()); err != nil {
		return fmt.Errorf("%s %s: %d: %w", method, path, status, err)
	}
	return nil
}

func (c *Contract) answer(method, path string, status int) (*openapi3.MediaType, error) {
	if _, op := operation(c.answers, method, path); op != nil {
		if described := op.Responses.Status(status); described != nil {
			if media := described.Value.Content.Get("application/json"); media != nil {
				return media, nil
			}
		}
	}
	return nil, fmt.Errorf("%s %s: %d is not in the document", method, path, status)
}

// Example is the documented answer, with top-level fields set to something else: the document's own example where it has one,
// else one made from the schema, every field filled in.
func (c *Contract) Example(t *testing.T, method, path string, set map[string]any) []byte {
	t.Helper()
	status := http.StatusOK
	media, err := c.answer(method, path, status)
	if err != nil {
		status = http.StatusCreated
		if media, err = c.answer(method, path, status); err != nil {
			t.Fatal(err)
		}
	}
	value := media.Example
	if value == nil {
		value = exampleOf(media.Schema.Value)
	}
	fields, is := value.(map[string]any)
	if !is {
		t.Fatalf("%s %s: the example is no object", method, path)
	}
	whole := map[string]any{}
	for _, source := range []map[string]any{fields, set} {
		for name, one := range source {
			whole[name] = one
		}
	}
	raw, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckAnswer(method, path, status, raw); err != nil {
		t.Fatalf("the documented example: %v", err)
	}
	return raw
}

// CheckSubmits submits calls of every kind that the catalogue lets users make, and holds what is sent against the document. It
// stops at the first difference: many calls would repeat it.
func (c *Contract) CheckSubmits(t *testing.T, replay *Replay, name string) {
	t.Helper()
	calls := CatalogueCalls(t, name)
	for _, what := range slices.Sorted(maps.Keys(calls)) {
		replay.Path = ""
		if _, err := replay.Driver.Submit(t.Context(), calls[what]); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if err := c.CheckCall(replay.Method, replay.Path, replay.Body); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
}
