package simulator

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// A directive orders faults inside a prompt: "a red fox [[sim: throttle=2 retry_after=1]]". It is not drawn.
const directiveOpen = "[[sim:"

var directivePattern = regexp.MustCompile(`\s*\[\[sim:([^\[\]]*)\]\]`)

// splitPrompt separates what to draw from the faults that the prompt orders.
func splitPrompt(prompt string) (text string, ordered map[string]setting, err error) {
	var inside []string
	for _, found := range directivePattern.FindAllStringSubmatch(prompt, -1) {
		inside = append(inside, found[1])
	}
	text = strings.TrimSpace(directivePattern.ReplaceAllLiteralString(prompt, ""))
	if strings.Contains(text, directiveOpen) {
		return "", nil, fmt.Errorf("a directive is not closed: write %s throttle=2 retry_after=1]]", directiveOpen)
	}
	ordered, err = readFaults(strings.Join(inside, " "))
	return text, ordered, err
}

// readFaults reads a list such as "throttle=2 retry_after=1", separated by spaces or commas.
func readFaults(list string) (map[string]setting, error) {
	ordered := map[string]setting{}
	for word := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' || r == '\n' }) {
		name, argument, _ := strings.Cut(word, "=")
		fault, known := faultNamed(name)
		if !known {
			return nil, unknownFault(name)
		}
		if _, twice := ordered[name]; twice {
			return nil, fmt.Errorf("fault %q is ordered twice; order it once", name)
		}
		read, err := fault.read(argument)
		if err != nil {
			return nil, err
		}
		ordered[name] = read
	}
	return ordered, nil
}

// unknownFault reports a name that no fault has.
type unknownFault string

func (u unknownFault) brief() string { return fmt.Sprintf("unknown fault %q", string(u)) }

func (u unknownFault) Error() string { return u.brief() + "; allowed: " + allowedFaults() }

// brief says an error without the list of all faults, for places that have the list beside them.
func brief(err error) string {
	if unknown, is := errors.AsType[unknownFault](err); is {
		return unknown.brief()
	}
	return err.Error()
}

// allowedFaults lists how every fault is written.
func allowedFaults() string {
	var all []string
	for _, f := range faults {
		all = append(all, f.syntax())
	}
	return strings.Join(all, ", ")
}
