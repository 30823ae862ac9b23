package sqsqueue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"darkroom/shared/credit"
	"darkroom/shared/task"
)

// version is the form of message that this code writes and reads.
const version = 1

// maxBody bounds a message, in bytes; ours have about 200.
const maxBody = 1024

// ErrNewerVersion reports a message of a later release. It is no poison: the sweep will send its hint again to whoever understands it.
var ErrNewerVersion = errors.New("message of a newer version")

// body is a message on the wire.
type body struct {
	V       int    `json:"v"`
	Account string `json:"account"`
	Task    string `json:"task"`
	Request string `json:"request,omitempty"`
}

func encode(m task.Message) string {
	text, err := json.Marshal(body{version, m.Account, string(m.Task), m.Request})
	if err != nil {
		panic(err) // strings and a number only
	}
	return string(text)
}

// Decode reads a message. Errors: ErrNewerVersion, or what is wrong with a message that is none of ours.
func Decode(text string) (task.Message, error) {
	if len(text) > maxBody {
		return task.Message{}, fmt.Errorf("message of %d bytes; allowed: %d", len(text), maxBody)
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	var b body
	if err := decoder.Decode(&b); err != nil {
		return task.Message{}, fmt.Errorf("message is not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return task.Message{}, errors.New("message has something after its JSON object")
	}
	if b.V > version {
		return task.Message{}, ErrNewerVersion
	}
	id, err := task.ParseID(b.Task)
	switch {
	case b.V != version:
		return task.Message{}, fmt.Errorf("message of version %d; allowed: %d", b.V, version)
	case !credit.ValidAccountID(b.Account):
		return task.Message{}, errors.New("message: account is not an account id")
	case err != nil:
		return task.Message{}, fmt.Errorf("message: task %w", err)
	case b.Request != "" && (!strings.HasPrefix(b.Request, "R#") || len(b.Request) != 66):
		return task.Message{}, errors.New("message: request is not the key of a request")
	}
	return task.Message{Account: b.Account, Task: id, Request: b.Request}, nil
}
