package gemini_test

import (
	"encoding/base64"
	"regexp"
	"testing"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

const (
	mount    = "/gemini/v1beta"
	generate = "/models/{modelsId}:generateContent"
)

func TestCallsAreAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, mount)
	contract.CheckSubmits(t, newReplay(t, recorded{Status: 200, File: "image.json"}), "gemini")
}

// candidate is what a documented answer holds for one image.
func candidate(reason string, parts ...any) map[string]any {
	return map[string]any{"candidates": []any{map[string]any{"content": map[string]any{"role": "model", "parts": parts}, "finishReason": reason}}}
}

func TestTheDocumentedAnswerIsRead(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, mount)
	part := map[string]any{"inlineData": map[string]any{"mimeType": "image/png", "data": base64.StdEncoding.EncodeToString(dot)}}
	answer := contract.Example(t, "POST", generate, candidate("STOP", part))
	made, err := newReplay(t, recorded{Status: 200, Body: answer}).Driver.Submit(t.Context(), fox)
	if err != nil || made.Output == nil || made.Output.ContentType != "image/png" || made.Usage.InputTokens == 0 || made.Usage.OutputTokens == 0 {
		t.Errorf("%+v, %v; want a PNG, and tokens both ways", made, err)
	}
}

// refusing are the words for what the content policy, or a right of somebody's, is against.
var refusing = regexp.MustCompile(`SAFETY|PROHIBITED|BLOCKLIST|SPII|RECITATION|LANGUAGE`)

func TestEveryDocumentedEndWithoutAnImageIsAFailure(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, mount)
	for _, word := range contract.Words(t, "Candidate", "finishReason") {
		want := provider.JobFailed
		if refusing.MatchString(word) {
			want = provider.Moderated
		}
		answer := contract.Example(t, "POST", generate, candidate(word, map[string]any{"text": "no"}))
		_, err := newReplay(t, recorded{Status: 200, Body: answer}).Driver.Submit(t.Context(), fox)
		if class := provider.ClassOf(err); class != want {
			t.Errorf("%s: class %q (%v), want %q", word, class, err, want)
		}
	}
	for _, word := range contract.Words(t, "PromptFeedback", "blockReason") {
		answer := contract.Example(t, "POST", generate, map[string]any{"candidates": []any{}, "promptFeedback": map[string]any{"blockReason": word}})
		_, err := newReplay(t, recorded{Status: 200, Body: answer}).Driver.Submit(t.Context(), fox)
		if class := provider.ClassOf(err); class != provider.Moderated {
			t.Errorf("%s: class %q (%v), want moderated", word, class, err)
		}
	}
}

func TestRecordedAnswersAreAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, mount)
	for _, file := range []string{
		"image.json", "image_among_thoughts.json", "image_plain_usage.json", "only_text.json", "only_a_thought.json", "no_content.json",
		"blocked_safety.json", "blocked_prohibited_content.json", "blocked_image_safety.json", "blocked_blocklist.json", "blocked_other.json",
	} {
		if err := contract.CheckAnswer("POST", generate, 200, providertest.Testdata(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// A check that lets everything through would be worth nothing.
func TestTheContractCheckFindsMistakes(t *testing.T) {
	t.Parallel()
	contract := providertest.ReadContract(t, mount)
	for body, good := range map[string]bool{
		`{"contents":[{"parts":[{"text":"a fox"}]}]}`:                       true,
		`{"contents":[{"parts":[{"txt":"a fox"}]}]}`:                        false,
		`{"contents":{"parts":[]}}`:                                         false,
		`{"generationConfig":{"imageConfig":{"imageSize":2048}}}`:           false,
		`{"generationConfig":{"responseModalities":["PICTURE"]}}`:           false,
		`{"generationConfig":{"imageConfig":{"numberOfImages":"1"}}}`:       false,
		`{"contents":[{"parts":[{"inlineData":{"data":"not base64 !"}}]}]}`: false,
	} {
		if err := contract.CheckCall("POST", mount+"/models/gemini-3-pro-image:generateContent", []byte(body)); (err == nil) != good {
			t.Errorf("%s: %v", body, err)
		}
	}
}
