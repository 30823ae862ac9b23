package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// kind is the JSON type of a field.
type kind string

const (
	text    kind = "string"
	whole   kind = "integer"
	decimal kind = "number"
	yesNo   kind = "boolean"
)

// field is one field that a create call may have. Providers list theirs as data.
type field struct {
	name     string
	kind     kind
	required bool
	limits   *span    // of the number, or of the text's length in characters; nil: any
	words    []string // allowed texts; nil: any
}

type span struct{ low, high float64 }

// rule is a way to be wrong; each provider names it in its own words.
type rule string

const (
	ruleMissing  rule = "missing"
	ruleUnknown  rule = "unknown"
	ruleType     rule = "type"
	ruleTooLow   rule = "too low"
	ruleTooHigh  rule = "too high"
	ruleTooShort rule = "too short"
	ruleTooLong  rule = "too long"
	ruleWord     rule = "word"
	ruleValue    rule = "value" // a rule of this one field
)

// problem is one thing wrong with a create call.
type problem struct {
	field   string
	rule    rule
	kind    kind // of the field, when known
	message string
}

// values are the fields of a create call, read: string, int64, float64 or bool. A null counts as absent.
type values map[string]any

func (v values) has(name string) bool { _, ok := v[name]; return ok }

// text returns a text field, or the provider's default when it was not sent.
func (v values) text(name, byDefault string) string {
	if sent, ok := v[name].(string); ok {
		return sent
	}
	return byDefault
}

// whole returns an integer field, or the provider's default when it was not sent.
func (v values) whole(name string, byDefault int64) int64 {
	if sent, ok := v[name].(int64); ok {
		return sent
	}
	return byDefault
}

// maxBody bounds a create call: eight input images of 20 MB in base64 fit.
const maxBody = 224 << 20

var errNotJSON = errors.New("the body is not a JSON object")

// readBody reads the body of a call whole.
func readBody(r *http.Request) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(raw) > maxBody {
		return nil, fmt.Errorf("the body is over %d MB or could not be read", maxBody>>20)
	}
	return raw, nil
}

// readObject reads a body that must be a JSON object.
func readObject(r *http.Request) (map[string]json.RawMessage, error) {
	raw, err := readBody(r)
	if err != nil {
		return nil, err
	}
	var sent map[string]json.RawMessage
	if json.Unmarshal(raw, &sent) != nil || sent == nil {
		return nil, errNotJSON
	}
	return sent, nil
}

// readFields reads a JSON body and checks it against the fields a call may have. The error says that it is no JSON object at all.
func readFields(r *http.Request, fields []field) (values, []problem, error) {
	sent, err := readObject(r)
	if err != nil {
		return nil, nil, err
	}
	read, problems := checkFields(sent, fields)
	return read, problems, nil
}

// checkFields takes the fields that a call may have out of a JSON object. Problems are listed in their order, unknown fields last.
func checkFields(sent map[string]json.RawMessage, fields []field) (values, []problem) {
	read := values{}
	var problems []problem
	for _, f := range fields {
		value, present := sent[f.name]
		delete(sent, f.name)
		if !present || bytes.Equal(value, []byte("null")) {
			if f.required {
				problems = append(problems, problem{f.name, ruleMissing, f.kind, "Field required"})
			}
			continue
		}
		got, wrong := f.read(value)
		if wrong != nil {
			problems = append(problems, *wrong)
			continue
		}
		read[f.name] = got
	}
	unknown := make([]string, 0, len(sent))
	for name := range sent {
		unknown = append(unknown, name)
	}
	sort.Strings(unknown)
	for _, name := range unknown {
		problems = append(problems, problem{name, ruleUnknown, "", fmt.Sprintf("Unknown parameter: '%s'.", name)})
	}
	return read, problems
}

func (f field) read(raw json.RawMessage) (any, *problem) {
	wrong := func(r rule, message string, args ...any) (any, *problem) {
		return nil, &problem{f.name, r, f.kind, fmt.Sprintf(message, args...)}
	}
	switch f.kind {
	case yesNo:
		var b bool
		if json.Unmarshal(raw, &b) != nil {
			return wrong(ruleType, "Input should be a valid boolean")
		}
		return b, nil
	case text:
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return wrong(ruleType, "Input should be a valid string")
		}
		length := float64(utf8.RuneCountInString(s))
		switch {
		case f.words != nil && !slices.Contains(f.words, s):
			return wrong(ruleWord, "Input should be '%s'", strings.Join(f.words, "', '"))
		case f.limits != nil && length < f.limits.low:
			return wrong(ruleTooShort, "String should have at least %v characters", f.limits.low)
		case f.limits != nil && length > f.limits.high:
			return wrong(ruleTooLong, "String should have at most %v characters", f.limits.high)
		}
		return s, nil
	}
	var n float64
	if json.Unmarshal(raw, &n) != nil || (f.kind == whole && (n != math.Trunc(n) || math.Abs(n) > 1<<53)) {
		return wrong(ruleType, "Input should be a valid %s", f.kind)
	}
	switch {
	case f.limits != nil && n < f.limits.low:
		return wrong(ruleTooLow, "Input should be greater than or equal to %v", f.limits.low)
	case f.limits != nil && n > f.limits.high:
		return wrong(ruleTooHigh, "Input should be less than or equal to %v", f.limits.high)
	case f.kind == whole:
		return int64(n), nil
	}
	return n, nil
}
