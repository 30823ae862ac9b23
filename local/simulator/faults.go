package simulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Fault is one kind of misbehaviour that can be ordered. The table below is the only list: the parser, the check of
// orders, the error messages and the page all read it.
type Fault struct {
	Name     string   `json:"name"`
	Argument Argument `json:"argument"`
	Bare     string   `json:"bare,omitempty"` // the argument that a name without one stands for; empty: it needs one
	Jobs     bool     `json:"jobs,omitempty"` // only for providers that make jobs
	Does     string   `json:"does"`
}

// Argument says how the part after "=" is written.
type Argument string

// The forms of arguments. A count is a number of times per distinct prompt, 1 to 1,000,000, or the word always.
const (
	Nothing      Argument = ""
	Count        Argument = "<times>|always"
	Milliseconds Argument = "<ms>"
	Seconds      Argument = "<seconds>"
	Megabytes    Argument = "<MB>"
	Outage       Argument = "401|402|403[:<times>]"
	Webhook      Argument = "drop|double|late:<ms>|early|bad_token|bad_signature"
	BodyName     Argument = "<name>"
)

const always = "always"

// Faults is the table of everything that can be ordered.
func Faults() []Fault { return slices.Clone(faults) }

var faults = []Fault{
	// Before the call is accepted: nothing runs, nothing is counted as work.
	{"down", Outage, "", false, "Submits are refused as by a wrong key (401), an empty balance (402) or a missing right (403), in the provider's own words; for so many times, or always."},
	{"refuse", Count, "1", false, "The connection of a submit is cut before the call is accepted: no answer, and nothing runs."},
	{"throttle", Count, "1", false, "Submits are answered 429 with Retry-After."},
	{"retry_after", Seconds, "1", false, "The Retry-After of throttle. Without it 1 second."},
	{"error500", Count, "1", false, "Submits are answered 500; nothing runs."},

	// How the work goes.
	{"delay", Milliseconds, "", false, "The job, or the synchronous answer, takes this long."},
	{"hang", Count, "1", false, "The submit is accepted and runs, but is never answered; cut when the client leaves or after the simulator's limit."},
	{"reset", Count, "1", false, "The submit is accepted and runs, then the connection is cut: the answer is lost. A job still ends and sends its webhook."},
	{"moderate_input", Nothing, "", false, "The prompt is refused: Request Moderated, or 400 moderation_blocked."},
	{"moderate_output", Nothing, "", false, "The picture is refused after the work: Content Moderated, or 400 moderation_blocked."},
	{"job_error", Count, "1", false, "The work ends in an error: status Error, or 500 after the delay."},
	{"empty", Nothing, "", false, "The work succeeds without an image: Ready without a sample, or 200 without data."},

	// What is said about a job.
	{"webhook", Webhook, "", true, "drop: none is sent. double: it is sent twice at the same time. late:<ms>: so long after the end of the job. early: before the submit is answered. bad_token: to an address whose last path character is changed. bad_signature: with a wrong secret."},
	{"not_found", Count, "1", true, "Polls are answered Task not found."},
	{"poll_error", Count, "1", true, "Polls are answered 500."},
	{"success_then_failure", Nothing, "", true, "The first final report (webhook or poll, whichever is first) says success, every later one failure."},
	{"failure_then_success", Nothing, "", true, "The first final report (webhook or poll, whichever is first) says failure, every later one success."},

	// What comes as the image: in a synchronous answer, or behind a result link.
	{"dead_link", Count, "1", true, "Result links are issued that answer 404. After such a link was tried, the next report carries a fresh one."},
	{"truncate", Count, always, false, "The image ends in the middle."},
	{"wrong_type", Count, always, false, "An HTML page comes as the image, with the image's content type."},
	{"lie_type", Count, always, false, "The image is in another format than its content type and file name say."},
	{"bomb", Count, always, false, "A small PNG that claims 50,000 x 50,000 pixels."},
	{"deliver", BodyName, "", false, "The bytes that were put under this name at /_control/bodies/<name> come as the image."},
	{"oversize", Megabytes, "64", false, "The image is followed by zeros up to this many megabytes, without a stated length."},
	{"slow_body", Milliseconds, "5000", false, "The bytes of the image dribble in over this time, some every second or more often."},
}

func faultNamed(name string) (Fault, bool) {
	at := slices.IndexFunc(faults, func(f Fault) bool { return f.Name == name })
	if at < 0 {
		return Fault{}, false
	}
	return faults[at], true
}

// setting is the argument of an ordered fault, read.
type setting struct {
	word   string // of Outage, Webhook and BodyName
	number int    // of all others and after a colon; endless for always
}

const endless = -1

// read checks an argument against the fault's form.
func (f Fault) read(argument string) (setting, error) {
	if argument == "" {
		argument = f.Bare
	}
	switch f.Argument {
	case Nothing:
		if argument == "" {
			return setting{}, nil
		}
	case Count:
		if n, ok := count(argument); ok {
			return setting{number: n}, nil
		}
	case Milliseconds:
		if n, ok := number(argument, 0, 600_000); ok {
			return setting{number: n}, nil
		}
	case Seconds:
		if n, ok := number(argument, 0, 3600); ok {
			return setting{number: n}, nil
		}
	case Megabytes:
		if n, ok := number(argument, 1, 1024); ok {
			return setting{number: n}, nil
		}
	case BodyName:
		if bodyName.MatchString(argument) {
			return setting{word: argument}, nil
		}
	case Outage:
		kind, times, limited := strings.Cut(argument, ":")
		n, ok := endless, true
		if limited {
			n, ok = count(times)
		}
		if ok && slices.Contains([]string{"401", "402", "403"}, kind) {
			return setting{word: kind, number: n}, nil
		}
	case Webhook:
		word, wait, waits := strings.Cut(argument, ":")
		n, ok := number(wait, 0, 600_000)
		if ok == waits && waits == (word == "late") && slices.Contains([]string{"drop", "double", "late", "early", "bad_token", "bad_signature"}, word) {
			return setting{word: word, number: n}, nil
		}
	}
	return setting{}, fmt.Errorf("%s=%s is not understood: write %s", f.Name, argument, f.syntax())
}

// syntax shows how the fault is written.
func (f Fault) syntax() string {
	switch {
	case f.Argument == Nothing:
		return f.Name
	case f.Bare != "":
		return fmt.Sprintf("%s[=%s]", f.Name, f.Argument)
	}
	return fmt.Sprintf("%s=%s", f.Name, f.Argument)
}

func count(text string) (int, bool) {
	if text == always {
		return endless, true
	}
	return number(text, 1, 1_000_000)
}

func number(text string, low, high int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && low <= n && n <= high
}
