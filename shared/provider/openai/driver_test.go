package openai_test

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/provider/openai"
	"darkroom/shared/provider/providertest"
)

// build makes the driver before a server that passes for the simulator.
func build(key provider.KeySource, simulator *url.URL) provider.Driver {
	return openai.New(openai.Settings{Key: key, Simulator: simulator})
}

type recorded = providertest.Recorded

func newReplay(t *testing.T, answer recorded) *providertest.Replay {
	t.Helper()
	return providertest.NewReplay(t, build, answer)
}

var fox = provider.Call{
	Model: "gpt-image-2", Mode: provider.Text, Prompt: "SECRET PROMPT: a red fox", EndUser: "pseudonym-1",
	Params: provider.Params{Width: 1536, Height: 1024, Quality: "high", OutputFormat: "webp", Background: "transparent"},
}

func TestSubmitFailureClasses(t *testing.T) {
	header := func(pairs ...string) map[string]string {
		made := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			made[pairs[i]] = pairs[i+1]
		}
		return made
	}
	for _, test := range []struct {
		answer     recorded
		want       provider.Class
		retryAfter time.Duration
		log        string // part of the error
	}{
		{recorded{Status: 400, File: "moderation_blocked.json"}, provider.Moderated, 0, "image_generation_user_error moderation_blocked"},
		{recorded{Status: 400, File: "invalid_size.json"}, provider.Rejected, 0, "invalid_request_error invalid_value size"},
		{recorded{Status: 400, File: "billing_limit.json"}, provider.Down, 0, ""},
		{recorded{Status: 400}, provider.Rejected, 0, ""},
		{recorded{Status: 401, File: "invalid_key.json"}, provider.Down, 0, ""},
		{recorded{Status: 403}, provider.Down, 0, ""},
		{recorded{Status: 404, File: "model_not_found.json"}, provider.Down, 0, ""},
		{recorded{Status: 429, Header: header("Retry-After", "12", "x-request-id", "req_1"), File: "rate_limit.json"}, provider.Throttled, 12 * time.Second, "request req_1"},
		{recorded{Status: 429, Header: header("Retry-After-Ms", "250", "Retry-After", "1"), File: "rate_limit.json"}, provider.Throttled, 250 * time.Millisecond, ""},
		{recorded{Status: 429, Header: header("x-should-retry", "false"), File: "rate_limit.json"}, provider.Down, 0, ""},
		{recorded{Status: 429, File: "insufficient_quota.json"}, provider.Down, 0, ""},
		{recorded{Status: 500, File: "server_error.json"}, provider.Ambiguous, 0, ""},
		{recorded{Status: 500, Header: header("x-should-retry", "true"), File: "server_error.json"}, provider.Transient, 0, ""},
		{recorded{Status: 500, Header: header("x-should-retry", "false"), File: "server_error.json"}, provider.Rejected, 0, ""},
		{recorded{Status: 502}, provider.Ambiguous, 0, ""},
		{recorded{Status: 503}, provider.Ambiguous, 0, ""},
		{recorded{Status: 504}, provider.Ambiguous, 0, ""},
		{recorded{Status: 408}, provider.Ambiguous, 0, ""},
		{recorded{Status: 409}, provider.Ambiguous, 0, ""},
		{recorded{Status: 307, Header: header("Location", "/elsewhere")}, provider.Down, 0, ""},
		{recorded{Status: 200, File: "no_image.json"}, provider.Rejected, 0, "without an image"},
		{recorded{Status: 200}, provider.JobFailed, 0, ""},
	} {
		_, err := newReplay(t, test.answer).Driver.Submit(t.Context(), fox)
		var failure *provider.Error
		if !errors.As(err, &failure) {
			t.Errorf("%+v: error = %v, want a *provider.Error", test.answer, err)
			continue
		}
		if failure.Class != test.want || failure.RetryAfter != test.retryAfter {
			t.Errorf("%+v: %v after %v, want class %q after %v", test.answer, err, failure.RetryAfter, test.want, test.retryAfter)
		}
		if !strings.Contains(err.Error(), test.log) {
			t.Errorf("%+v: error = %q, want %q in it", test.answer, err, test.log)
		}
		if strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), providertest.ReplayKey) || failure.Message == "" {
			t.Errorf("%+v: error = %q: the prompt or the key is in it, or no message", test.answer, err)
		}
	}
}

func TestSubmitReturnsTheImageAndWhatItCost(t *testing.T) {
	made, err := newReplay(t, recorded{Status: 200, File: "image.json"}).Driver.Submit(t.Context(), fox)
	if err != nil {
		t.Fatal(err)
	}
	if made.Job != nil || made.Output.ContentType != "image/png" || !bytes.HasPrefix(made.Output.Data, []byte("\x89PNG")) {
		t.Errorf("output = %+v, want a PNG and no job", made.Output)
	}
	// 10 text tokens at $5 a million, 40 image tokens at $8, 1,756 of output at $30.
	want := provider.Usage{CostMicroUSD: 10*5 + 40*8 + 1756*30, InputTokens: 50, OutputTokens: 1756}
	if made.Usage != want {
		t.Errorf("usage = %+v, want %+v", made.Usage, want)
	}
}

func TestSubmitOfAModelWithoutAPriceReportsNoCost(t *testing.T) {
	call := fox
	call.Model = "chatgpt-image-latest"
	made, err := newReplay(t, recorded{Status: 200, File: "image.json"}).Driver.Submit(t.Context(), call)
	if want := (provider.Usage{InputTokens: 50, OutputTokens: 1756}); err != nil || made.Usage != want {
		t.Errorf("usage = %+v, %v; want %+v", made.Usage, err, want)
	}
}

func TestACallThatMadeNoImageTellsWhatItCost(t *testing.T) {
	_, err := newReplay(t, recorded{Status: 200, File: "no_image.json"}).Driver.Submit(t.Context(), fox)
	var failure *provider.Error
	if want := (provider.Usage{CostMicroUSD: 10 * 5, InputTokens: 10}); !errors.As(err, &failure) || failure.Usage != want {
		t.Errorf("%+v, want a failure with usage %+v", err, want)
	}
}

func TestSubmitSendsTheGoldenBody(t *testing.T) {
	longUser := provider.Call{Model: "gpt-image-2", Mode: provider.Text, Prompt: "a red fox", EndUser: strings.Repeat("x", 65)}
	for file, call := range map[string]provider.Call{"request_full.json": fox, "request_plain.json": longUser} {
		r := newReplay(t, recorded{Status: 200, File: "image.json"})
		if _, err := r.Driver.Submit(t.Context(), call); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if r.Path != "/openai/v1/images/generations" || r.Header.Get("Authorization") != "Bearer "+providertest.ReplayKey || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: sent to %s with %v", file, r.Path, r.Header)
		}
		providertest.Golden(t, file, r.Body)
	}
}

func TestSubmitRefusesWhatTheModelsDoNotHave(t *testing.T) {
	for rule, change := range map[string]func(*provider.Call){
		"reference": func(c *provider.Call) { c.Mode = provider.Reference },
		"inputs":    func(c *provider.Call) { c.Inputs = []provider.Input{{Role: provider.MaskImage}} },
		"seed":      func(c *provider.Call) { c.Params.Seed = new(int64) },
		"one side":  func(c *provider.Call) { c.Params.Width = 0 },
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
		t.Error("the driver claims an ability that the Images API does not have")
	}
	if _, err := driver.Poll(t.Context(), provider.Job{ID: "x"}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("poll: %v, want an error that says so", err)
	}
}
