package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ReadObject reads a JSON object that a stranger may have written: names count exactly as they are spelt, a name that comes
// twice or anything after the object is an error. encoding/json alone lets a later "Status" overwrite "status".
func ReadObject(body []byte) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("the body is not a JSON object")
	}
	fields := map[string]json.RawMessage{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, jsonProblem(err)
		}
		key, isText := name.(string)
		if !isText {
			return nil, errors.New("the body is not a JSON object")
		}
		if _, twice := fields[key]; twice {
			return nil, fmt.Errorf("field %q comes twice", CodeWord(key))
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, jsonProblem(err)
		}
		fields[key] = value
	}
	if _, err := decoder.Token(); err != nil { // the closing brace
		return nil, jsonProblem(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return fields, nil
}

// TextField is a field that holds a string; empty when it is absent or something else.
func TextField(fields map[string]json.RawMessage, name string) string {
	var text string
	if json.Unmarshal(fields[name], &text) != nil {
		return ""
	}
	return text
}
