// Package moderation decides which prompts are taken at all, and has the words for what a screen says of content.
package moderation

import (
	_ "embed"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"darkroom/shared/fault"
)

//go:embed blocked.txt
var blocked string

// Policy refuses prompts that hold a blocked phrase. The zero value refuses nothing.
type Policy struct {
	phrases []string // normalised, with a space before and after
}

// Default is the policy of blocked.txt.
func Default() Policy { return NewPolicy(strings.Split(blocked, "\n")) }

// NewPolicy makes a policy of phrases; empty lines and lines that begin with # are left out.
func NewPolicy(lines []string) Policy {
	var p Policy
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			p.phrases = append(p.phrases, normalise(line))
		}
	}
	return p
}

// Check returns a *fault.Error with code moderated when the prompt holds a blocked phrase. It does not say which: that would be a manual for finding
// words that pass.
func (p Policy) Check(prompt string) error {
	text := normalise(prompt)
	for _, phrase := range p.phrases {
		if strings.Contains(text, phrase) {
			return &fault.Error{Code: fault.Moderated, Field: "body.prompt", Message: "the content policy does not allow this prompt; change it and try again"}
		}
	}
	return nil
}

// lookAlikes are letters of other scripts, and digits, that are drawn like Latin ones.
var lookAlikes = strings.NewReplacer(
	"а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x", "і", "i", "ј", "j", "ѕ", "s", "ԁ", "d", "һ", "h", "к", "k", "м", "m", "т", "t", "в", "b", "н", "h",
	"α", "a", "ε", "e", "ο", "o", "ρ", "p", "ν", "v", "ι", "i", "κ", "k", "τ", "t", "υ", "u",
	"0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s",
)

// normalise undoes the usual disguises: compatibility forms, accents, upper case, look-alike letters, invisible characters, and any separator between words.
func normalise(text string) string {
	var plain strings.Builder
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r): // accents; zero-width and other invisible characters
		default:
			plain.WriteRune(unicode.ToLower(r))
		}
	}
	words := strings.FieldsFunc(lookAlikes.Replace(plain.String()), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return " " + strings.Join(words, " ") + " "
}
