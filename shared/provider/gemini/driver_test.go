package gemini_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/url"
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/gemini"
	"darkroom/shared/provider/providertest"
)

// build makes the driver before a server that passes for the simulator.
func build(key provider.KeySource, simulator *url.URL) provider.Driver {
	return gemini.New(gemini.Settings{Key: key, Simulator: simulator})
}

type recorded = providertest.Recorded

func newReplay(t *testing.T, answer recorded) *providertest.Replay {
	t.Helper()
	return providertest.NewReplay(t, build, answer)
}

// dot is a PNG of one pixel, the same as in the recorded answers.
var dot = fromBase64("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")

func fromBase64(text string) []byte {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return raw
}

var jpegHead = []byte("\xff\xd8\xff\xe0\x00\x10JFIF")

var (
	fox = provider.Call{
		Model: "gemini-3.1-flash-image", Mode: provider.Text, Prompt: "SECRET PROMPT: a red fox", EndUser: "pseudonym-1",
		Params: provider.Params{Width: 2752, Height: 1536, AspectRatio: "16:9", Quality: "standard", OutputFormat: "png"},
	}
	edit = provider.Call{
		Model: "gemini-3-pro-image", Mode: provider.Edit, Prompt: "put the hat on the fox", Params: provider.Params{AspectRatio: "3:4"},
		Inputs: []provider.Input{
			{Role: provider.ReferenceImage, ContentType: "image/png", Data: jpegHead}, // said to be what it is not
			{Role: provider.SourceImage, ContentType: "image/png", Data: dot},
		},
	}
	reference = provider.Call{
		Model: "gemini-nano-banana-2.1", Mode: provider.Reference, Prompt: "both of them at the sea",
		Inputs: []provider.Input{{Role: provider.ReferenceImage, Data: dot}, {Role: provider.ReferenceImage, Data: jpegHead}},
	}
)

func TestSubmitReturnsTheLastImageThatIsNoThought(t *testing.T) {
	for _, file := range []string{"image.json", "image_among_thoughts.json", "image_of_a_new_word.json", "image_plain_usage.json"} {
		made, err := newReplay(t, recorded{Status: 200, File: file}).Driver.Submit(t.Context(), fox)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if made.Job != nil || made.Output.ContentType != "image/png" || !bytes.Equal(made.Output.Data, dot) {
			t.Errorf("%s: output = %+v, want the PNG and no job", file, made.Output)
		}
	}
}

func TestSubmitEstimatesTheCostFromTheTokens(t *testing.T) {
	// 12 tokens in; out 1,120 of image, 10 of text and 200 of thoughts, which count as text.
	for model, want := range map[string]provider.Usage{
		"gemini-3.1-flash-image": {CostMicroUSD: (12*50 + 1120*6000 + 210*300) / 100, InputTokens: 12, OutputTokens: 1330},
		"gemini-3-pro-image":     {CostMicroUSD: 12*2 + 1120*120 + 210*12, InputTokens: 12, OutputTokens: 1330},
		"gemini-nano-banana-2.1": {InputTokens: 12, OutputTokens: 1330}, // no price is known
		"gemini-9-image":         {InputTokens: 12, OutputTokens: 1330},
	} {
		call := fox
		call.Model = model
		made, err := newReplay(t, recorded{Status: 200, File: "image.json"}).Driver.Submit(t.Context(), call)
		if err != nil || made.Usage != want {
			t.Errorf("%s: usage = %+v, %v; want %+v", model, made.Usage, err, want)
		}
	}
	made, err := newReplay(t, recorded{Status: 200, File: "image_plain_usage.json"}).Driver.Submit(t.Context(), fox)
	if want := (provider.Usage{CostMicroUSD: 6 + 1120*60, InputTokens: 12, OutputTokens: 1120}); err != nil || made.Usage != want {
		t.Errorf("without details: usage = %+v, %v; want every token out as one of image: %+v", made.Usage, err, want)
	}
}

// A prompt that is blocked has been read, and a thought that came to nothing was thought.
func TestACallThatMadeNoImageTellsWhatItCost(t *testing.T) {
	for file, want := range map[string]provider.Usage{
		"blocked_safety.json": {CostMicroUSD: 12 * 50 / 100, InputTokens: 12},
		"only_text.json":      {CostMicroUSD: (12*50 + 10*300) / 100, InputTokens: 12, OutputTokens: 10},
	} {
		_, err := newReplay(t, recorded{Status: 200, File: file}).Driver.Submit(t.Context(), fox)
		var failure *provider.Error
		if !errors.As(err, &failure) || failure.Usage != want {
			t.Errorf("%s: %+v, want a failure with usage %+v", file, failure, want)
		}
	}
}

func TestSubmitSendsTheGoldenBody(t *testing.T) {
	plain := provider.Call{Model: "gemini-3.1-flash-lite-image", Mode: provider.Text, Prompt: "a red fox"}
	for file, call := range map[string]provider.Call{
		"request_full.json": fox, "request_plain.json": plain, "request_edit.json": edit, "request_reference.json": reference,
	} {
		r := newReplay(t, recorded{Status: 200, File: "image.json"})
		if _, err := r.Driver.Submit(t.Context(), call); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if r.Path != "/gemini/v1beta/models/"+call.Model+":generateContent" || r.Header.Get("x-goog-api-key") != providertest.ReplayKey || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: sent to %s with %v", file, r.Path, r.Header)
		}
		providertest.Golden(t, file, r.Body)
	}
}

func TestSubmitRefusesWhatTheModelsDoNotHave(t *testing.T) {
	input := func(role string, data []byte) provider.Input { return provider.Input{Role: role, Data: data} }
	many := make([]provider.Input, 15)
	for i := range many {
		many[i] = input(provider.ReferenceImage, dot)
	}
	for rule, change := range map[string]func(*provider.Call){
		"seed":                  func(c *provider.Call) { c.Params.Seed = new(int64) },
		"quality":               func(c *provider.Call) { c.Params.Quality = "high" },
		"format":                func(c *provider.Call) { c.Params.OutputFormat = "webp" },
		"transparent":           func(c *provider.Call) { c.Params.Background = "transparent" },
		"one side":              func(c *provider.Call) { c.Params.Width = 0 },
		"negative":              func(c *provider.Call) { c.Params.Width, c.Params.Height = -512, -512 },
		"size":                  func(c *provider.Call) { c.Params = provider.Params{Width: 1448, Height: 1448} },
		"ratio":                 func(c *provider.Call) { c.Params = provider.Params{AspectRatio: "9:21"} },
		"ratio against pixels":  func(c *provider.Call) { c.Params.AspectRatio = "1:1" },
		"mode":                  func(c *provider.Call) { c.Mode = "hologram" },
		"text with inputs":      func(c *provider.Call) { c.Inputs = reference.Inputs },
		"edit without source":   func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, reference.Inputs },
		"edit with two sources": func(c *provider.Call) { c.Mode, c.Inputs = provider.Edit, append(edit.Inputs, edit.Inputs...) },
		"reference with source": func(c *provider.Call) { c.Mode, c.Inputs = provider.Reference, edit.Inputs },
		"reference without any": func(c *provider.Call) { c.Mode = provider.Reference },
		"mask": func(c *provider.Call) {
			c.Mode, c.Inputs = provider.Edit, []provider.Input{input(provider.SourceImage, dot), input(provider.MaskImage, dot)}
		},
		"link": func(c *provider.Call) {
			c.Mode, c.Inputs = provider.Edit, []provider.Input{{Role: provider.SourceImage, URL: "https://example.com/a.png"}}
		},
		"input of a page": func(c *provider.Call) {
			c.Mode, c.Inputs = provider.Edit, []provider.Input{input(provider.SourceImage, []byte("<html>"))}
		},
		"input of a GIF": func(c *provider.Call) {
			c.Mode, c.Inputs = provider.Edit, []provider.Input{input(provider.SourceImage, []byte("GIF89a"))}
		},
		"fifteen": func(c *provider.Call) { c.Mode, c.Inputs = provider.Reference, many },
		"too large": func(c *provider.Call) {
			half := append(bytes.Clone(dot), make([]byte, 7<<20)...)
			c.Mode, c.Inputs = provider.Reference, []provider.Input{input(provider.ReferenceImage, half), input(provider.ReferenceImage, half)}
		},
	} {
		call := fox
		change(&call)
		r := newReplay(t, recorded{Status: 200, File: "image.json"})
		if _, err := r.Driver.Submit(t.Context(), call); provider.ClassOf(err) != provider.Rejected || r.Path != "" {
			t.Errorf("%s: error = %v, called %q; want Rejected and no call", rule, err, r.Path)
		}
	}
}

func TestThereIsNothingToPoll(t *testing.T) {
	driver := newReplay(t, recorded{Status: 200}).Driver
	if driver.CanPoll() || driver.CanCancel() || driver.CanLookup() || driver.CanReadWebhook() || len(driver.OutputHosts()) != 0 {
		t.Error("the driver claims an ability that generateContent does not have")
	}
	if _, err := driver.Poll(t.Context(), provider.Job{ID: "x"}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("poll: %v, want an error that says so", err)
	}
}

func TestBaseURLOutsideOfTheAllowedHostsIsDown(t *testing.T) {
	for _, base := range []string{"https://gemini.example.com", "https://generativelanguage.googleapis.com.example.com", "http://generativelanguage.googleapis.com"} {
		driver := provider.New(gemini.New(gemini.Settings{Key: provider.FixedKey("key-1"), BaseURL: base}), provider.Settings{})
		if _, err := driver.Submit(t.Context(), fox); provider.ClassOf(err) != provider.Down || !errors.Is(err, provider.ErrForbiddenURL) {
			t.Errorf("%s: error = %v, want Down for a forbidden address", base, err)
		}
	}
}
