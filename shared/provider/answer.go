package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Answer is what a provider's API said.
type Answer struct {
	Status      int
	Body        []byte
	RequestID   string        // the provider's name for the call, for its support; empty: none
	RetryAfter  time.Duration // 0: it did not say
	ShouldRetry string        // header X-Should-Retry: "true", "false" or empty
	Header      http.Header   // for what one provider alone says in it
}

// OK says whether the call succeeded as far as HTTP goes.
func (a Answer) OK() bool { return a.Status/100 == 2 }

// Decode reads the body as JSON.
func (a Answer) Decode(into any) error {
	if err := json.Unmarshal(a.Body, into); err != nil {
		return fmt.Errorf("the answer with status %d is not the JSON expected: %w", a.Status, jsonProblem(err))
	}
	return nil
}

// Said reads the body of a refusal; the zero value when it is something else, such as a page of something in front of the API: the status has to do then.
func Said[T any](a Answer) (why T) {
	if a.Decode(&why) != nil {
		return *new(T)
	}
	return why
}

// jsonProblem keeps what went wrong and where, without the value that json quotes from the body.
func jsonProblem(err error) error {
	var wrongType *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrongType):
		return fmt.Errorf("field %s does not take this type", CodeWord(wrongType.Field))
	case errors.As(err, &syntax):
		return fmt.Errorf("syntax error at byte %d", syntax.Offset)
	}
	return fmt.Errorf("%T", err)
}

// Failure makes an error of the answer. The detail is for the log: pass codes through CodeWord, and no free text.
func (a Answer) Failure(means Meaning, detail string) *Error {
	text := fmt.Sprintf("status %d", a.Status)
	if detail != "" {
		text += " " + detail
	}
	if a.RequestID != "" {
		text += ", request " + a.RequestID
	}
	return &Error{Class: means.Class, Message: means.Message, RetryAfter: a.RetryAfter, Err: errors.New(text)}
}

// readAnswer reads a response. Of a refusal the status counts, so its body may be cut; of a success the whole body must be there.
func readAnswer(response *http.Response, request Request) (Answer, error) {
	answer := Answer{
		Status:      response.StatusCode,
		RequestID:   CodeWord(response.Header.Get("X-Request-Id")),
		RetryAfter:  retryAfter(response.Header, time.Now()),
		ShouldRetry: CodeWord(response.Header.Get("X-Should-Retry")),
		Header:      response.Header,
	}
	if !answer.OK() {
		answer.Body, _ = io.ReadAll(io.LimitReader(response.Body, errorAnswer)) //nolint:errcheck // see above
		return answer, nil
	}
	if request.into != nil {
		return answer, request.into(response.Body)
	}
	limit := request.Limit
	if limit == 0 {
		limit = JobAnswer
	}
	var err error
	answer.Body, err = readLimited(response.Body, limit, ErrAnswerTooLarge)
	return answer, err
}

// retryLongest bounds what a provider can ask for; a longer outage is for the breaker to find out.
const retryLongest = time.Hour

// retryAfter reads Retry-After-Ms and Retry-After, in seconds or as a date; 0 when neither is there or makes sense.
func retryAfter(header http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(header.Get("Retry-After-Ms"), 64); err == nil {
		return CapRetry(ms / 1000)
	}
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return CapRetry(seconds)
	}
	if at, err := http.ParseTime(text); err == nil {
		return CapRetry(at.Sub(now).Seconds())
	}
	return 0
}

// CapRetry makes a wait of a number of seconds that a provider gave: not negative, at most one hour.
func CapRetry(seconds float64) time.Duration {
	switch {
	case !(seconds > 0): // NaN too
		return 0
	case seconds >= retryLongest.Seconds():
		return retryLongest
	}
	return time.Duration(seconds * float64(time.Second))
}

// CodeWord lets a code of a provider's into the log: at most 64 letters, digits and -_. of ASCII. Anything else is free text,
// which may repeat a prompt or forge a line, and becomes empty.
func CodeWord(code string) string {
	if len(code) > 64 {
		return ""
	}
	for _, c := range code {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return ""
		}
	}
	return code
}
