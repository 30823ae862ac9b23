package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// written are the fields of a model whose zero value is a choice: no mask, no seed, inputs for nothing. One that is absent was forgotten, not chosen.
type written struct {
	ID           string `json:"id"`
	Mask         *bool  `json:"mask"`
	Seed         *bool  `json:"seed"`
	InputCredits *int64 `json:"input_credits"`
}

// decode reads a catalogue and refuses what it would otherwise pass over: a field that nothing reads, most likely a typing error, and one that is not there.
func decode(data []byte) (*Catalog, error) {
	var c Catalog
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows its end")
	}
	var all struct {
		Models []written `json:"models"`
	}
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, err
	}
	for _, m := range all.Models {
		switch {
		case m.Mask == nil:
			return nil, fmt.Errorf("model %s: mask is missing", m.ID)
		case m.Seed == nil:
			return nil, fmt.Errorf("model %s: seed is missing", m.ID)
		case m.InputCredits == nil:
			return nil, fmt.Errorf("model %s: input_credits is missing", m.ID)
		}
	}
	return &c, nil
}
