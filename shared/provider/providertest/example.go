package providertest

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// exampleOf makes a value from a schema: the schema's own example, the first of its words, or the plainest value of its type.
// Objects have all their fields, lists one item, and of several forms it takes the first.
func exampleOf(schema *openapi3.Schema) any {
	switch {
	case schema.Example != nil:
		return schema.Example
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	case len(schema.AnyOf) > 0:
		return exampleOf(schema.AnyOf[0].Value)
	case schema.Type == nil:
		return map[string]any{}
	case schema.Type.Includes("object"):
		made := map[string]any{}
		for name, property := range schema.Properties {
			made[name] = exampleOf(property.Value)
		}
		return made
	case schema.Type.Includes("array"):
		return []any{exampleOf(schema.Items.Value)}
	case schema.Type.Includes("integer"), schema.Type.Includes("number"):
		return 1
	case schema.Type.Includes("boolean"):
		return false
	}
	return exampleText[schema.Format]
}

var exampleText = map[string]string{
	"": "text", "uri": "https://example.com/a", "date-time": "2026-11-20T10:00:00Z", "byte": "iVBORw0KGgo=", "uuid": "764cabcf-b745-4b3e-ae38-1200304cf45b",
}

// Words are the words that a component of the document, or one of its fields, can be.
func (c *Contract) Words(t *testing.T, schema string, field string) []string {
	t.Helper()
	component := c.answers.Components.Schemas[schema]
	if component != nil && field != "" {
		component = component.Value.Properties[field]
	}
	if component == nil || len(component.Value.Enum) == 0 {
		t.Fatalf("the document lists no words for %s %s", schema, field)
	}
	var words []string
	for _, word := range component.Value.Enum {
		words = append(words, word.(string))
	}
	return words
}
