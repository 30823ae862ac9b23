package provider

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with a request, in the form in which APIs made with FastAPI list them.
type Problem struct {
	Loc  []any  `json:"loc"` // the way to the field: names, and places in a list
	Type string `json:"type"`
}

// mostProblems are told of; more of them say nothing new.
const mostProblems = 5

// Problems reads the detail of such an answer; none when it is a text or something else.
func Problems(detail json.RawMessage) (found []Problem) {
	if json.Unmarshal(detail, &found) != nil {
		return nil
	}
	return found[:min(len(found), mostProblems)]
}

// ProblemCodes names the fields and what is wrong with them, for the log: "body.width:value_error". It leaves out the message and the input, which
// repeat what was sent.
func ProblemCodes(problems []Problem) string {
	var named []string
	for _, p := range problems {
		var path []string
		for _, part := range p.Loc {
			path = append(path, CodeWord(fmt.Sprint(part)))
		}
		named = append(named, strings.Join(path, ".")+":"+CodeWord(p.Type))
	}
	return strings.Join(named, " ")
}

// Names says whether a part of the way to the field has this name.
func (p Problem) Names(field string) bool {
	for _, part := range p.Loc {
		if part == field {
			return true
		}
	}
	return false
}
