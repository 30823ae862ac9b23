package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// replicateCall is a create call, read.
type replicateCall struct {
	input       json.RawMessage // as sent
	values      values          // of the input, its images apart
	images      []input
	webhook     string
	events      []string
	wait        time.Duration // of the header Prefer; 0: answer at once
	cancelAfter time.Duration // of the header of this name; 0: never
}

// read reads and checks a create call. Of one that is refused, the values may be there all the same.
func (p *replicate) read(r *http.Request, model replicateModel) (sent replicateCall, wrong *replicateError) {
	refused := func(status int, title, detail string, args ...any) (replicateCall, *replicateError) {
		return sent, &replicateError{Title: title, Detail: fmt.Sprintf(detail, args...), Status: status}
	}
	var body struct {
		Input   json.RawMessage `json:"input"`
		Stream  bool            `json:"stream"`
		Webhook string          `json:"webhook"`
		Events  []string        `json:"webhook_events_filter"`
	}
	decoder := json.NewDecoder(io.LimitReader(r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&body); err != nil {
		return refused(http.StatusUnprocessableEntity, "Request body validation failed", "The body is not what this operation takes: %v", err)
	}
	var err error
	if sent.wait, err = preferred(r.Header.Get("Prefer")); err == nil {
		sent.cancelAfter, err = replicateDuration(r.Header.Get("Cancel-After"))
	}
	if err != nil {
		return refused(http.StatusBadRequest, "Bad request", "%v", err)
	}
	sent.input, sent.webhook, sent.events = body.Input, body.Webhook, body.Events
	var input map[string]json.RawMessage
	if json.Unmarshal(body.Input, &input) != nil || input == nil {
		return refused(http.StatusUnprocessableEntity, "Input validation failed", "- input: input is required\n")
	}
	images := input[model.images]
	delete(input, model.images)
	var problems []problem
	sent.values, problems = checkFields(input, model.fields())
	read, imageProblems := p.images(r, model, images)
	sent.images = read
	if problems = append(problems, imageProblems...); len(problems) > 0 {
		invalid := replicateInvalid(problems...)
		return sent, &invalid
	}
	if sent.webhook != "" {
		if err := checkWebhookURL(sent.webhook); err != nil {
			p.opts.Log.Error("webhook refused", "provider", p.name(), "reason", err)
			return refused(http.StatusUnprocessableEntity, "Request body validation failed", "- webhook: %v\n", err)
		}
	}
	for _, event := range sent.events {
		if !slices.Contains([]string{"start", "output", "logs", "completed"}, event) {
			return refused(http.StatusUnprocessableEntity, "Request body validation failed", "- webhook_events_filter: unknown event %q\n", event)
		}
	}
	return sent, nil
}

// images reads the input images, links or data URLs. The models do not know a source from a reference.
func (p *replicate) images(r *http.Request, model replicateModel, raw json.RawMessage) (read []input, problems []problem) {
	if raw == nil {
		return nil, nil
	}
	var listed []string
	if json.Unmarshal(raw, &listed) != nil {
		return nil, []problem{{model.images, ruleType, text, "Input should be a list of URIs"}}
	}
	if len(listed) > model.mostImages {
		return nil, []problem{{model.images, ruleTooLong, text, fmt.Sprintf("At most %d images are taken", model.mostImages)}}
	}
	for i, value := range listed {
		if strings.HasPrefix(value, "data:") {
			_, value, _ = strings.Cut(value, ";base64,")
		}
		in, err := p.openInput(r.Context(), value, fmt.Sprintf("input %d", i+1))
		if err != nil {
			problems = append(problems, problem{model.images, ruleValue, text, err.Error()})
			continue
		}
		read = append(read, in)
	}
	return read, problems
}

var preferPattern = regexp.MustCompile(`^wait(?:=([1-9]|[1-5][0-9]|60))?$`)

// preferred reads the header Prefer: wait, or wait=5.
func preferred(header string) (time.Duration, error) {
	found := preferPattern.FindStringSubmatch(header)
	switch {
	case header == "":
		return 0, nil
	case found == nil:
		return 0, errors.New("the Prefer header should be wait=n with n between 1 and 60")
	case found[1] == "":
		return time.Minute, nil
	}
	n, err := strconv.Atoi(found[1])
	return time.Duration(n) * time.Second, err
}

var cancelAfterPattern = regexp.MustCompile(`^(\d{1,3}h)?(\d{1,4}m)?(\d{1,6}s)?$`)

// replicateDuration reads the header Cancel-After: 30s, 5m or 1h30m.
func replicateDuration(header string) (time.Duration, error) {
	if header == "" {
		return 0, nil
	}
	after, err := time.ParseDuration(header)
	if err != nil || !cancelAfterPattern.MatchString(header) || after < 5*time.Second {
		return 0, errors.New("the Cancel-After header should be a duration such as 30s, 5m or 1h30m, and at least 5 seconds")
	}
	return after, nil
}
