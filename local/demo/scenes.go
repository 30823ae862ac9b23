package demo

import (
	"fmt"
	"image"
	"image/draw"
	"strings"

	"darkroom/local/client"
)

// scene is one thing the demo shows. Faults are orders to the simulated provider; they ride in the prompt and are not drawn.
type scene struct {
	Name   string // for later scenes that are made from its image
	Title  string
	Says   string // what to watch
	Model  string
	Mode   string // empty: text
	Inputs []input
	Prompt string
	Params map[string]any
	Count  int
	Key    string // idempotency key; the call is then sent twice
	Faults string
	Down   string // a provider that refuses our key once
	By     string // the provider that must have made it; empty: whoever is first
	Ends   string // the status every task must end with
	Code   string // the failure code it must have
}

// input is an image that a scene is made from: the first one that an earlier scene made, or a mask for it.
type input struct {
	Role string
	Of   string                            // name of the earlier scene
	Mask func(image.Rectangle) image.Image // nil: the image as it is
}

var scenes = []scene{
	{
		Name: "lighthouse", Title: "A job that is announced by webhook", Says: "FLUX.2 answers with a job id; the image comes later.",
		Model: "flux-2-pro", Prompt: "A lighthouse at dusk, long exposure, the beam sweeping over a calm sea", Params: map[string]any{"size": "1344x768"},
		Ends: "completed",
	},
	{
		Name: "fox", Title: "An answer that holds the image", Says: "GPT Image 2 keeps the call open and sends the bytes. The client sends its create call twice.",
		Model: "gpt-image-2", Prompt: "A red fox reading a newspaper in the first snow, watercolour", Params: map[string]any{"quality": "low", "background": "transparent"},
		Key: "demo-fox", Ends: "completed",
	},
	{
		Name: "greenhouse", Title: "Three at once", Says: "One request, three tasks, settled one by one.",
		Model: "flux-2-klein-9b", Prompt: "A tiny greenhouse on the moon, one poppy inside, film grain", Count: 3, Ends: "completed",
	},
	{
		Title: "A webhook that never comes", Says: "The provider loses it; polling finds the image.",
		Model: "flux-2-pro", Prompt: "An old railway station under a sky full of paper lanterns", Params: map[string]any{"output_format": "png"}, Faults: "webhook=drop",
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
	{
		Title: "A job of fal", Says: "Queued there, and announced by a webhook that fal signs with Ed25519.",
		Model: "flux-2-dev", Prompt: "A library carved into a sandstone cliff, morning light", Params: map[string]any{"size": "1344x768"}, Ends: "completed",
	},
	{
		Title: "A prediction of Replicate", Says: "The answer is lost here too, but Replicate can be asked for it: no second image is bought.",
		Model: "flux-2-klein-4b", Prompt: "A hedgehog with a tiny umbrella, ink and gouache", Faults: "reset", Ends: "completed",
	},
	{
		Title: "An edit with a mask", Says: "GPT Image 2 gets the lighthouse of the first scene and a mask whose hole is the sky. The simulated model shows small what it was given.",
		Model: "gpt-image-2", Mode: "edit", Prompt: "Give the sky northern lights", Params: map[string]any{"size": "1536x1024", "quality": "low"},
		Inputs: []input{{Role: "source", Of: "lighthouse"}, {Role: "mask", Of: "lighthouse", Mask: sky}}, Ends: "completed",
	},
	{
		Title: "An image after two others", Says: "Nano Banana 2 gets two reference images with the prompt, in one call.",
		Model: "nano-banana-2", Mode: "reference", Prompt: "The fox of the first image tends the greenhouse of the second",
		Inputs: []input{{Role: "reference", Of: "fox"}, {Role: "reference", Of: "greenhouse"}}, Ends: "completed",
	},
	{
		Title: "A provider that is down", Says: "BFL refuses our key. Its breaker opens, and the same task is made by fal, the model's next route.",
		Model: "flux-2-pro", Prompt: "A night train crossing a viaduct, windows aglow", Down: "bfl", By: "fal", Ends: "completed",
	},
}

// sky is a mask with a hole over the upper part of an image.
func sky(bounds image.Rectangle) image.Image {
	mask := image.NewNRGBA(bounds)
	ground := bounds
	ground.Min.Y += bounds.Dy() * 55 / 100
	draw.Draw(mask, ground, image.White, image.Point{}, draw.Src)
	return mask
}

func (s scene) wish(inputs []client.Input) client.Wish {
	prompt := s.Prompt
	if s.Faults != "" {
		prompt += " [[sim: " + s.Faults + "]]"
	}
	mode := s.Mode
	if mode == "" {
		mode = "text"
	}
	return client.Wish{Model: s.Model, Mode: mode, Prompt: prompt, Count: max(1, s.Count), Params: s.Params, Inputs: inputs}
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
