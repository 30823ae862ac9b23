package demo

import (
	"fmt"
	"strings"

	"darkroom/local/client"
)

// scene is one thing the demo shows. Faults are orders to the simulated provider; they ride in the prompt and are not drawn.
type scene struct {
	Title  string
	Says   string // what to watch
	Model  string
	Prompt string
	Params map[string]any
	Count  int
	Key    string // idempotency key; the call is then sent twice
	Faults string
	Ends   string // the status every task must end with
	Code   string // the failure code it must have
}

var scenes = []scene{
	{
		Title: "A job that is announced by webhook", Says: "FLUX.2 answers with a job id; the image comes later.",
		Model: "flux-2-pro", Prompt: "A lighthouse at dusk, long exposure, the beam sweeping over a calm sea", Params: map[string]any{"size": "1344x768"},
		Ends: "completed",
	},
	{
		Title: "An answer that holds the image", Says: "GPT Image 2 keeps the call open and sends the bytes. The client sends its create call twice.",
		Model: "gpt-image-2", Prompt: "A red fox reading a newspaper in the first snow, watercolour", Params: map[string]any{"quality": "low", "background": "transparent"},
		Key: "demo-fox", Ends: "completed",
	},
	{
		Title: "Three at once", Says: "One request, three tasks, settled one by one.",
		Model: "flux-2-klein-9b", Prompt: "A tiny greenhouse on the moon, one poppy inside, film grain", Count: 3, Ends: "completed",
	},
	{
		Title: "A webhook that never comes", Says: "The provider loses it; polling finds the image.",
		Model: "flux-2-pro", Prompt: "An old railway station under a sky full of paper lanterns", Params: map[string]any{"output_format": "webp"}, Faults: "webhook=drop",
		Ends: "completed",
	},
	{
		Title: "A prompt the provider refuses", Says: "No image, and the credits come back.",
		Model: "gpt-image-2", Prompt: "Something the provider's own filter does not like", Params: map[string]any{"quality": "medium"}, Faults: "moderate_input",
		Ends: "failed", Code: "moderated",
	},
	{
		Title: "An answer that gets lost", Says: "The provider took the job, but the connection broke. After a grace the next attempt makes it; it is paid for once.",
		Model: "flux-2-klein-9b", Prompt: "A paper boat in a puddle, neon reflections", Faults: "reset", Ends: "completed",
	},
}

func (s scene) wish() client.Wish {
	prompt := s.Prompt
	if s.Faults != "" {
		prompt += " [[sim: " + s.Faults + "]]"
	}
	return client.Wish{Model: s.Model, Mode: "text", Prompt: prompt, Count: max(1, s.Count), Params: s.Params}
}

// mark is a part of the prompt that finds its calls in the simulator's records.
func (s scene) mark() string { return s.Prompt }

// check tells whether the tasks ended as the scene promises.
func (s scene) check(tasks []client.Task) error {
	for _, t := range tasks {
		code := ""
		if t.Error != nil {
			code = t.Error.Code
		}
		if t.Status != s.Ends || code != s.Code {
			return fmt.Errorf("%s ended as %s %s, not as %s", t.ID, t.Status, code, strings.TrimSpace(s.Ends+" "+s.Code))
		}
	}
	return nil
}
