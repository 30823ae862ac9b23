package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// replicateModel is one model. Prices are in US cents: for a run, and for every megapixel begun of output and every input
// image; for max and flex they are the model maker's.
type replicateModel struct {
	name       string
	images     string // the field for input images
	mostImages int
	most, step int    // a side of a custom size in pixels, from 256 up, and what it is rounded to; 0: no custom sizes
	resolution string // the field for the area in megapixels; empty: none
	list       bool   // the output is a list of links
	format     string // by default
	run        float64
	megapixel  float64
	beyond     []field // what else it takes
}

var replicateSafety = field{name: "safety_tolerance", kind: whole, limits: &span{1, 5}}

var replicateModels = []replicateModel{
	{name: "black-forest-labs/flux-2-pro", images: "input_images", mostImages: 8, most: 2048, step: 32, resolution: "resolution", format: "webp", run: 1.5, megapixel: 1.5, beyond: []field{replicateSafety}},
	{name: "black-forest-labs/flux-2-max", images: "input_images", mostImages: 8, most: 2048, step: 16, resolution: "resolution", format: "webp", run: 4, megapixel: 3, beyond: []field{replicateSafety}},
	{name: "black-forest-labs/flux-2-flex", images: "input_images", mostImages: 10, most: 2048, step: 32, resolution: "resolution", format: "webp", megapixel: 5, beyond: []field{
		replicateSafety, {name: "prompt_upsampling", kind: yesNo}, {name: "guidance", kind: decimal, limits: &span{1.5, 10}}, {name: "steps", kind: whole, limits: &span{1, 50}},
	}},
	{name: "black-forest-labs/flux-2-dev", images: "input_images", mostImages: 4, most: 1440, step: 32, format: "webp", megapixel: 1.2, beyond: []field{
		{name: "go_fast", kind: yesNo}, {name: "disable_safety_checker", kind: yesNo},
	}},
	{name: "black-forest-labs/flux-2-klein-4b", images: "images", mostImages: 5, resolution: "output_megapixels", list: true, format: "jpg", megapixel: 0.1, beyond: []field{
		{name: "go_fast", kind: yesNo}, {name: "disable_safety_checker", kind: yesNo},
	}},
}

const (
	customRatio      = "custom"
	sameRatio        = "match_input_image"
	replicateSideMin = 256
)

var replicateRatios = []string{"1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3"}

// fields lists what the model's input takes, its images apart.
func (m replicateModel) fields() []field {
	ratios := append([]string{sameRatio}, replicateRatios...)
	all := []field{
		{name: "prompt", kind: text, required: true},
		{name: "seed", kind: whole},
		{name: "output_format", kind: text, words: []string{"webp", "jpg", "png"}},
		{name: "output_quality", kind: whole, limits: &span{0, 100}},
	}
	if m.step != 0 {
		ratios = append(ratios, customRatio)
		side := &span{replicateSideMin, float64(m.most)}
		all = append(all, field{name: "width", kind: whole, limits: side}, field{name: "height", kind: whole, limits: side})
	}
	switch m.resolution {
	case "resolution":
		all = append(all, field{name: m.resolution, kind: text, words: []string{sameRatio, "0.5 MP", "1 MP", "2 MP", "4 MP"}})
	case "output_megapixels":
		all = append(all, field{name: m.resolution, kind: text, words: []string{"0.25", "0.5", "1", "2", "4"}})
	}
	all = append(all, field{name: "aspect_ratio", kind: text, words: ratios})
	return append(all, m.beyond...)
}

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

// size is how large the picture becomes. Sides of a custom size are rounded without a word, as documented.
func (m replicateModel) size(sent replicateCall) (width, height int) {
	ratio := sent.values.text("aspect_ratio", "1:1")
	if ratio == customRatio {
		side := func(name string) int {
			return int(math.Round(float64(sent.values.whole(name, 1024))/float64(m.step))) * m.step
		}
		return side("width"), side("height")
	}
	across, down := 1.0, 1.0
	if ratio == sameRatio && len(sent.images) > 0 {
		across, down = float64(sent.images[0].Width), float64(sent.images[0].Height)
	} else {
		fmt.Sscanf(ratio, "%f:%f", &across, &down) //nolint:errcheck // one of the list, or the first default
	}
	area := 1.0
	if m.resolution != "" {
		fmt.Sscanf(sent.values.text(m.resolution, "1"), "%f", &area) //nolint:errcheck // as above
	}
	step := func(side float64) int { return max(16, int(math.Round(side/16))*16) }
	pixels := area * (1 << 20)
	return step(math.Sqrt(pixels * across / down)), step(math.Sqrt(pixels * down / across))
}

// megapixelsBegun counts as Replicate bills: whole ones.
func megapixelsBegun(width, height int) float64 { return math.Ceil(megapixels(width, height)) }
