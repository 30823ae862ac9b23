package httpapi

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// What huma says without asking for words.
const (
	saysNoBody       = "request body is required"
	saysNoParameter  = "unknown query parameter"
	saysNotAnInteger = "invalid integer"
)

// mistakes finds words for what huma found wrong with a request: what is at fault, and what is allowed there.
type mistakes struct {
	op      *huma.Operation
	schemas huma.Registry
}

// schemasKey is where an operation keeps the schemas that its own refers to.
const schemasKey = "schemas"

func mistakesOf(op *huma.Operation) mistakes {
	schemas, _ := op.Metadata[schemasKey].(huma.Registry)
	return mistakes{op, schemas}
}

// first says what is wrong with a request: one thing at a time, or all fields that an object lacks. found is false for trouble that names no place.
func (m mistakes) first(message string, errs []error) (field, detail string, found bool) {
	if message == saysNoBody {
		return "body", "body is missing; " + m.needs(m.body()), true
	}
	var all []*huma.ErrorDetail
	for _, err := range errs {
		var one *huma.ErrorDetail
		if errors.As(err, &one) {
			all = append(all, one)
		}
	}
	if len(all) == 0 {
		return "", "", false
	}
	field, words := all[0].Location, all[0].Message
	switch {
	case words == unknownField:
		field, words = m.unknown(all[0])
	case strings.HasPrefix(words, missingField):
		field, detail = m.missing(all)
		return field, detail, true
	case strings.HasPrefix(words, notOneOf):
		words = fmt.Sprintf("is %q; allowed: %s", clip(fmt.Sprint(all[0].Value)), strings.TrimPrefix(words, notOneOf))
	case words == saysNoParameter:
		field, words = "query."+clip(strings.TrimPrefix(field, "query.")), m.parameters()
	case words == saysNotAnInteger:
		words = "must be a whole number"
	case strings.HasPrefix(words, huma.ErrUnknownContentType.Error()):
		return "header.Content-Type", "send Content-Type: application/json", true
	case strings.HasPrefix(words, "json: "):
		field, words = unreadable(words)
	}
	return field, sentence(field, words), true
}

// unknown names a field that is not one; of several the first by name, for huma finds them in any order.
func (m mistakes) unknown(one *huma.ErrorDetail) (field, words string) {
	sent, _ := one.Value.(map[string]any)
	name := ""
	for sentName := range sent {
		if strings.HasSuffix(one.Location, "."+sentName) && len(sentName) > len(name) {
			name = sentName
		}
	}
	parent := strings.TrimSuffix(one.Location, "."+name)
	object := m.at(parent)
	var unknown []string
	for sentName := range sent {
		if object.Properties[sentName] == nil {
			unknown = append(unknown, sentName)
		}
	}
	if len(unknown) > 0 {
		name = slices.Min(unknown)
	}
	words = unknownField + "; allowed: " + strings.Join(fieldsOf(object), ", ")
	if where := m.home(parent, object, name); where != "" {
		words += "; " + name + " goes " + where
	}
	return parent + "." + clip(name), words
}

// home is where a field belongs that was sent at the wrong place: one level deeper, or beside what it was put into.
func (m mistakes) home(parent string, object *huma.Schema, name string) string {
	for _, other := range fieldsOf(object) {
		inner := m.resolve(object.Properties[other])
		switch {
		case inner.Properties[name] != nil:
			return "into " + other
		case inner.Items != nil && m.resolve(inner.Items).Properties[name] != nil:
			return "into each entry of " + other
		}
	}
	if top, inside := strings.CutPrefix(parent, "body."); inside && m.body().Properties[name] != nil {
		return "beside " + strings.FieldsFunc(top, func(r rune) bool { return r == '.' || r == '[' })[0]
	}
	return ""
}

// missing names the fields that the first object lacks that lacks any.
func (m mistakes) missing(all []*huma.ErrorDetail) (field, detail string) {
	where := all[0].Location
	object := m.at(where)
	var paths []string
	for _, name := range object.Required {
		if slices.ContainsFunc(all, func(one *huma.ErrorDetail) bool { return one.Message == missingField+name && one.Location == where }) {
			paths = append(paths, strings.TrimPrefix(where+"."+name, "body."))
		}
	}
	last, are := len(paths)-1, " is missing; "
	detail = paths[last]
	if last > 0 {
		detail, are = strings.Join(paths[:last], ", ")+" and "+paths[last], " are missing; "
	}
	return "body." + paths[0], detail + are + m.needs(object)
}

// needs lists what an object must have, or what it may have when nothing is a must.
func (m mistakes) needs(object *huma.Schema) string {
	if len(object.Required) > 0 {
		return "required: " + strings.Join(object.Required, ", ")
	}
	return "allowed: " + strings.Join(fieldsOf(object), ", ")
}

func (m mistakes) parameters() string {
	var names []string
	for _, p := range m.op.Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return "is not a parameter of this call, which takes none"
	}
	return "is not a parameter of this call; allowed: " + strings.Join(names, ", ")
}

// ofField is where encoding/json names a field: "… into Go struct field WishBody.params.seed of type int64".
var ofField = regexp.MustCompile(`Go struct field \w*\.(\S+) of type`)

// unreadable is for numbers that JSON knows and Go cannot hold, as 1e999, or 1.0 for a whole number. Everything else that does not fit was found before.
func unreadable(words string) (field, instead string) {
	if found := ofField.FindStringSubmatch(words); found != nil {
		return "body." + found[1], "must be a whole number, written in digits alone"
	}
	return "body", "holds a number that is too large"
}

// fieldsOf lists an object's fields: those that it must have as they are declared, then the others by name.
func fieldsOf(object *huma.Schema) []string {
	names := slices.Clone(object.Required)
	for _, name := range slices.Sorted(maps.Keys(object.Properties)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// body is what the call takes; empty when it takes nothing.
func (m mistakes) body() *huma.Schema {
	if m.op.RequestBody == nil || m.op.RequestBody.Content["application/json"] == nil {
		return &huma.Schema{}
	}
	return m.resolve(m.op.RequestBody.Content["application/json"].Schema)
}

// at is the schema at a place, as body.inputs[0]; empty when there is none.
func (m mistakes) at(path string) *huma.Schema {
	at := m.body()
	for _, name := range strings.Split(path, ".")[1:] {
		name, _, entry := strings.Cut(name, "[")
		if at = m.resolve(at.Properties[name]); entry {
			at = m.resolve(at.Items)
		}
	}
	return at
}

// resolve is the schema itself where there may be only its name.
func (m mistakes) resolve(s *huma.Schema) *huma.Schema {
	for s != nil && s.Ref != "" && m.schemas != nil {
		s = m.schemas.SchemaFromRef(s.Ref)
	}
	if s == nil {
		return &huma.Schema{}
	}
	return s
}
