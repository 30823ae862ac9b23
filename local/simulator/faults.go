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
	Stage    Stage    `json:"stage"`
	Name     string   `json:"name"`
	Argument Argument `json:"argument"`
	Bare     string   `json:"bare,omitempty"` // the argument that a name without one stands for; empty: it needs one
	Jobs     bool     `json:"jobs,omitempty"` // only for providers that make jobs
	Does     string   `json:"does"`
	Words    []Word   `json:"words,omitempty"` // the kinds that an argument chooses between
}

// Stage is the part of a call's life that a fault is about.
type Stage string

// The stages, in order.
const (
	AtSubmit Stage = "Before the call is accepted: nothing runs, nothing is billed"
	AtWork   Stage = "How the work goes"
	AtReport Stage = "What is said about a job"
	AtAnswer Stage = "How the answer gets through, to whichever call"
	AtImage  Stage = "What comes as the image, in the answer or behind a link"
	AtScreen Stage = "What the moderation endpoint says, whichever provider the image is of"
)

// Word is one kind of a fault that has several.
type Word struct {
	Word string `json:"word"`
	Does string `json:"does"`
	Jobs bool   `json:"jobs,omitempty"` // only for providers that make jobs
}

// suits says whether the fault, of one kind or of any when word is empty, means anything to a provider.
func (f Fault) suits(p protocol, word string) bool {
	aboutJobs := f.Jobs || slices.ContainsFunc(f.Words, func(w Word) bool { return w.Word == word && w.Jobs })
	return p.hasJobs() || !aboutJobs
}

// has says whether the fault has a kind of this name.
func (f Fault) has(word string) bool {
	return slices.ContainsFunc(f.Words, func(w Word) bool { return w.Word == word })
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
	Outage       Argument = "401|402|403|404[:<times>]"
	Place        Argument = "<call>[:<times>]"
	Silence      Argument = "401|429|500|hang|cut[:<times>]"
	Webhook      Argument = "drop|double|late:<ms>|early|bad_token|bad_signature"
	BodyName     Argument = "<name>"
)

const always = "always"

// Faults is the table of everything that can be ordered.
func Faults() []Fault { return slices.Clone(faults) }

var faults = []Fault{
	{AtSubmit, "down", Outage, "", false, "Submits are refused in the provider's own words, so many times or always.", []Word{
		{"401", "As by a wrong key.", false},
		{"402", "As by an empty balance.", false},
		{"403", "As by a missing right.", false},
		{"404", "As for a model that was retired.", false},
	}},
	{AtSubmit, "refuse", Count, "1", false, "The connection is cut before the submit is accepted.", nil},
	{AtSubmit, "throttle", Count, "1", false, "Submits are answered 429, with a time to wait.", nil},
	{AtSubmit, "retry_after", Seconds, "1", false, "The time to wait that throttle tells. Does nothing alone.", nil},
	{AtSubmit, "error500", Count, "1", false, "Submits are answered 500.", nil},

	{AtWork, "delay", Milliseconds, "", false, "The job, or the synchronous answer, takes this long.", nil},
	{AtWork, "hang", Count, "1", false, "The submit is accepted and runs, but is never answered; cut when the client leaves or after the simulator's limit.", nil},
	{AtWork, "reset", Count, "1", false, "The submit is accepted and runs, then the connection is cut: the answer is lost. A job still ends and sends its webhook.", nil},
	{AtWork, "moderate_input", Nothing, "", false, "The prompt is refused by content policy.", nil},
	{AtWork, "moderate_output", Nothing, "", false, "The picture is refused by content policy, after the work.", nil},
	{AtWork, "job_error", Count, "1", false, "The work ends in an error.", nil},
	{AtWork, "empty", Nothing, "", false, "The work succeeds without an image.", nil},

	{AtReport, "webhook", Webhook, "", true, "The webhook goes wrong.", []Word{
		{"drop", "None is sent.", false},
		{"double", "It is sent twice at the same time.", false},
		{"late", "It is sent so long after the end of the job, behind those of later jobs.", false},
		{"early", "It is sent before the submit is answered.", false},
		{"bad_token", "It is sent to an address whose last path character is changed.", false},
		{"bad_signature", "It is signed with a wrong secret.", false},
	}},
	{AtReport, "not_found", Count, "1", true, "Polls are answered that there is no such job.", nil},
	{AtReport, "poll_error", Count, "1", true, "Polls are answered 500.", nil},
	{AtReport, "success_then_failure", Nothing, "", true, "The first final report, by webhook or poll, says success, every later one failure.", nil},
	{AtReport, "failure_then_success", Nothing, "", true, "The first final report, by webhook or poll, says failure, every later one success.", nil},

	{AtAnswer, "cut", Place, "", false, "The connection is cut in the middle of the answer, so many times or always. A submit runs.", append([]Word{
		{"submit", "At a submit.", false},
		{"fetch", "At the fetch of an image.", true},
	}, questions...)},
	{AtAnswer, "redirect", Place, "", false, "The answer leads elsewhere: who follows shows in the records as stray. A submit does not run.", append([]Word{
		{"submit", "At a submit, by a 307.", false},
		{"fetch", "At the fetch of an image, by a 302 to another host.", true},
		{"hop", "At the fetch of an image, by a 302 to the same address again, where the image comes once the times are over.", true},
	}, questions...)},
	{AtAnswer, "oversize_answer", Place, "", true, "The answer begins with a field that is longer than any client should read.", append([]Word{
		{"submit", "At a submit, which runs.", false},
	}, questions...)},

	{AtImage, "dead_link", Count, "1", true, "Links are issued that answer 404. After such a link was tried, the next report carries a fresh one.", nil},
	{AtImage, "truncate", Count, always, false, "The image ends in the middle.", nil},
	{AtImage, "wrong_type", Count, always, false, "An HTML page comes as the image, with the image's content type.", nil},
	{AtImage, "lie_type", Count, always, false, "The image is in another format than its content type and file name say.", nil},
	{AtImage, "bomb", Count, always, false, "A small PNG that claims 50,000 x 50,000 pixels.", nil},
	{AtImage, "deliver", BodyName, "", false, "The bytes that were put under this name at /_control/bodies/<name> come as the image.", nil},
	{AtImage, "oversize", Megabytes, "64", false, "The image is followed by zeros up to this many megabytes, without a stated length.", nil},
	{AtImage, "slow_body", Milliseconds, "5000", false, "The bytes of the image dribble in over this time, some every second or more often.", nil},
	{AtImage, "screen_output", Nothing, "", false, "The image has a frame that the moderation endpoint flags.", nil},

	{AtScreen, "screen_down", Silence, "", false, "Moderation is not answered as it should be, so many times or always.", []Word{
		{"401", "As by a wrong key.", false},
		{"429", "It is answered 429, with a second to wait.", false},
		{"500", "It is answered 500.", false},
		{"hang", "It is never answered.", false},
		{"cut", "The connection is cut.", false},
	}},
	{AtScreen, "screen_input", Nothing, "", false, "The prompt is flagged.", nil},
}

// questions are the calls about a job, which a fault of answers can name. The word is the operation.
var questions = []Word{
	{"poll", "At a question how a job stands.", true},
	{"result", "At the question for a result, where it is another than how the job stands.", true},
	{"cancel", "At the wish to stop a job.", true},
	{"lookup", "At the search for lost jobs, as ordered for the newest that it finds.", true},
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
	word   string // of Outage, Place, Silence, Webhook and BodyName
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
	case Outage, Place, Silence:
		kind, times, limited := strings.Cut(argument, ":")
		n, ok := endless, true
		if limited {
			n, ok = count(times)
		}
		if ok && f.has(kind) {
			return setting{word: kind, number: n}, nil
		}
	case Webhook:
		word, wait, waits := strings.Cut(argument, ":")
		n, ok := number(wait, 0, 600_000)
		if ok == waits && waits == (word == "late") && f.has(word) {
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
	case f.Argument == Place:
		words := make([]string, 0, len(f.Words))
		for _, w := range f.Words {
			words = append(words, w.Word)
		}
		return f.Name + "=" + strings.Replace(string(Place), "<call>", strings.Join(words, "|"), 1)
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
