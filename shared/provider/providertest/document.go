package providertest

import (
	"maps"
	"regexp"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// closed forbids the fields of an object that are not listed, where any are.
func closed(schema *openapi3.Schema) {
	if no := false; len(schema.Properties) > 0 {
		schema.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
	}
}

// lenient makes a schema mean what its author meant: {} allows null, which the library takes from an older OpenAPI to be
// forbidden, and a value may be of two forms at once where both are listed, as any text and the one text "hidden".
func lenient(schema *openapi3.Schema) {
	schema.Nullable = schema.Nullable || schema.IsEmpty()
	schema.AnyOf, schema.OneOf = append(schema.AnyOf, schema.OneOf...), nil
}

// walk visits every schema of the bodies in a document.
func walk(doc *openapi3.T, visit func(*openapi3.Schema)) {
	seen := map[*openapi3.Schema]bool{}
	var below func(openapi3.SchemaRefs)
	below = func(refs openapi3.SchemaRefs) {
		for _, ref := range refs {
			if ref == nil || seen[ref.Value] {
				continue
			}
			schema := ref.Value
			seen[schema] = true
			visit(schema)
			below(openapi3.SchemaRefs{schema.Items})
			below(slices.Concat(schema.AnyOf, schema.OneOf, schema.AllOf))
			below(slices.Collect(maps.Values(schema.Properties)))
		}
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			contents := []openapi3.Content{}
			if op.RequestBody != nil {
				contents = append(contents, op.RequestBody.Value.Content)
			}
			for _, answer := range op.Responses.Map() {
				contents = append(contents, answer.Value.Content)
			}
			for _, content := range contents {
				below(openapi3.SchemaRefs{content.Get("application/json").Schema})
			}
		}
	}
}

func check(schema *openapi3.Schema, value any, options ...openapi3.SchemaValidationOption) error {
	return schema.VisitJSON(value, append(options, openapi3.EnableFormatValidation())...)
}

var placeholder = regexp.MustCompile(`\\\{[^}]*\\\}`)

// operation finds the operation that serves a path, and its name in the document.
func operation(doc *openapi3.T, method, path string) (string, *openapi3.Operation) {
	for template, item := range doc.Paths.Map() {
		pattern := "^" + placeholder.ReplaceAllString(regexp.QuoteMeta(template), `[^/]+`) + "$"
		if op := item.GetOperation(method); op != nil && regexp.MustCompile(pattern).MatchString(path) {
			return method + " " + template, op
		}
	}
	return "", nil
}
