// Package moderation decides which prompts are taken at all, and has the words for what a screen says of content.
package moderation

import (
	_ "embed"
	"strings"

	"darkroom/shared/fault"
)

//go:embed blocked.txt
var blocked string

// Policy refuses prompts that hold a blocked phrase. The zero value refuses nothing.
type Policy struct {
	phrases []phrase
}

// Default is the policy of blocked.txt.
func Default() Policy { return NewPolicy(strings.Split(blocked, "\n")) }

// NewPolicy makes a policy of phrases; empty lines and lines that begin with # are left out.
func NewPolicy(lines []string) Policy {
	var p Policy
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			p.phrases = append(p.phrases, phrase(normalise(line)))
		}
	}
	return p
}

// Check returns a *fault.Error with code moderated when the prompt holds a blocked phrase. It does not say which: that would be a manual for finding
// words that pass.
func (p Policy) Check(prompt string) error {
	text := normalise(prompt)
	for _, phrase := range p.phrases {
		if phrase.in(text) {
			return &fault.Error{Code: fault.Moderated, Field: "body.prompt", Message: "the content policy does not allow this prompt; change it and try again"}
		}
	}
	return nil
}

// shortestJoined is how many letters a phrase must have to be found across the spaces of a prompt: "CS am" would be a hit otherwise.
const shortestJoined = 8

// phrase is a normalised text to look for.
type phrase text

// in looks for whole words; and, because words can be joined, and a word pulled apart, for the same letters with other spaces among them, or none. Those
// too begin and end with a word of the prompt: "nude childhood" is not "nude child".
func (p phrase) in(t text) bool {
	if strings.Contains(t.spaced, p.spaced) {
		return true
	}
	if len(p.joined) < shortestJoined {
		return false
	}
	for from := 0; ; from++ {
		at := strings.Index(t.joined[from:], p.joined)
		if at < 0 {
			return false
		}
		if from += at; t.edges[from] && t.edges[from+len(p.joined)] {
			return true
		}
	}
}
