package simulator

import (
	"encoding/base64"
	"image"
	"net/http"
	"strings"
	"testing"
)

const (
	geminiKey   = "gemini-key-of-the-tests"
	nanoBanana2 = "gemini-3.1-flash-image"
)

func newGeminiRig(t *testing.T) rig {
	t.Helper()
	return newRig(t, func(o *Options) { o.Keys["gemini"] = []string{geminiKey} })
}

// banana makes the body of a call: the parts, and the image config when there is one.
func banana(config object, parts ...object) object {
	body := object{"contents": []object{{"role": "user", "parts": parts}}, "generationConfig": object{"responseModalities": []string{"IMAGE"}}}
	if config != nil {
		body["generationConfig"].(object)["imageConfig"] = config
	}
	return body
}

func words(text string) object { return object{"text": text} }

// inlined is a part with a picture of a width and height.
func inlined(t *testing.T, r rig, width, height int) object {
	t.Helper()
	raw, err := r.studio.make(picture{Prompt: "an input", Width: width, Height: height, Format: formatPNG})
	if err != nil {
		t.Fatal(err)
	}
	return object{"inlineData": object{"mimeType": "image/png", "data": base64.StdEncoding.EncodeToString(raw)}}
}

func (r rig) peel(model string, body any) answered {
	r.Helper()
	return r.do(http.MethodPost, "/gemini/v1beta/models/"+model+":generateContent", body, func(q *http.Request) { q.Header.Set("x-goog-api-key", geminiKey) })
}

// peelSmall makes the cheapest image.
func (r rig) peelSmall(text string) answered {
	r.Helper()
	return r.peel(nanoBanana2, banana(object{"imageSize": "512"}, words(text)))
}

// geminiParts returns the finish reason and the parts of an answer.
func geminiParts(t *testing.T, got answered) (finish string, parts []object) {
	t.Helper()
	candidates, _ := got.object["candidates"].([]any)
	if got.status != 200 || len(candidates) != 1 {
		t.Fatalf("%d %.300s, want 200 with one candidate", got.status, got.raw)
	}
	candidate := candidates[0].(object)
	if content, has := candidate["content"].(object); has {
		for _, p := range content["parts"].([]any) {
			parts = append(parts, p.(object))
		}
	}
	return candidate["finishReason"].(string), parts
}

// geminiImage decodes the base64 of a part, nil when it has none.
func geminiImage(t *testing.T, part object) []byte {
	t.Helper()
	blob, has := part["inlineData"].(object)
	if !has {
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(blob["data"].(string))
	if err != nil || blob["mimeType"] != "image/png" {
		t.Fatalf("inline data of type %v: %v", blob["mimeType"], err)
	}
	return raw
}

func TestGeminiAnswersWithTheImageAndItsUsage(t *testing.T) {
	t.Parallel()
	r := newGeminiRig(t)
	got := r.peel(nanoBanana2, banana(object{"aspectRatio": "16:9", "imageSize": "512"}, words("a banana")))
	finish, parts := geminiParts(t, got)
	if finish != "STOP" || len(parts) != 1 {
		t.Fatalf("finished %s with %d parts, want STOP with one", finish, len(parts))
	}
	if format, size := decodes(t, geminiImage(t, parts[0])); format != "png" || size != image.Pt(688, 384) {
		t.Errorf("image is %s %v, want png 688 x 384", format, size)
	}
	usage := got.object["usageMetadata"].(object)
	if usage["candidatesTokenCount"] != 747.0 || usage["totalTokenCount"] != usage["promptTokenCount"].(float64)+747 {
		t.Errorf("usage = %v, want 747 tokens of image, and tokens that add up", usage)
	}
	if got.object["modelVersion"] != nanoBanana2 || got.object["responseId"] == "" {
		t.Errorf("model %v, response %v", got.object["modelVersion"], got.object["responseId"])
	}
	if seen := r.counts("a banana"); seen.Counts[Submit] != 1 || seen.Accepted != 1 || seen.Calls[0].Model != nanoBanana2 {
		t.Errorf("seen = %+v, want one accepted submit of %s", seen, nanoBanana2)
	}
}

func TestGeminiAddsTextUnlessOnlyTheImageIsAskedFor(t *testing.T) {
	t.Parallel()
	_, parts := geminiParts(t, newGeminiRig(t).peel(nanoBanana2, object{
		"contents":         []object{{"parts": []object{words("chatty")}}},
		"generationConfig": object{"imageConfig": object{"imageSize": "512"}},
	}))
	if len(parts) != 2 || geminiImage(t, parts[0]) == nil || parts[1]["text"] == "" {
		t.Errorf("%d parts, want an image and a text", len(parts))
	}
}

func TestGeminiProShowsThoughtsBeforeTheImage(t *testing.T) {
	t.Parallel()
	got := newGeminiRig(t).peel("gemini-3-pro-image", banana(nil, words("deep")))
	_, parts := geminiParts(t, got)
	if len(parts) != 3 || parts[0]["thought"] != true || parts[1]["thought"] != true || parts[2]["thought"] == true {
		t.Fatalf("%d parts, want a thought, a sketch and the image", len(parts))
	}
	_, sketch := decodes(t, geminiImage(t, parts[1]))
	if _, size := decodes(t, geminiImage(t, parts[2])); sketch != image.Pt(256, 256) || size != image.Pt(1024, 1024) {
		t.Errorf("sketch %v and image %v, want 256 and 1024 square", sketch, size)
	}
	if usage := got.object["usageMetadata"].(object); usage["thoughtsTokenCount"] != float64(geminiThoughtTokens) {
		t.Errorf("usage = %v, want thoughts", usage)
	}
}

func TestGeminiImageTakesAfterTheFirstInputUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	r := newGeminiRig(t)
	for _, c := range []struct {
		config object
		want   image.Point
	}{
		{object{"imageSize": "512"}, image.Pt(688, 384)},
		{object{"imageSize": "512", "aspectRatio": "1:1"}, image.Pt(512, 512)},
	} {
		got := r.peel(nanoBanana2, banana(c.config, words("wider"), inlined(t, r, 320, 180), inlined(t, r, 64, 64)))
		_, parts := geminiParts(t, got)
		if _, size := decodes(t, geminiImage(t, parts[0])); size != c.want {
			t.Errorf("%v: %v, want %v", c.config, size, c.want)
		}
		if usage := got.object["usageMetadata"].(object); usage["promptTokenCount"] != float64(2+2*geminiInputTokens) {
			t.Errorf("usage = %v, want the two inputs in it", usage)
		}
	}
}

func TestGeminiRefusesWhatIsNotDocumented(t *testing.T) {
	t.Parallel()
	r := newGeminiRig(t)
	small := object{"imageSize": "512"}
	inline := func(mime, data string) object {
		return object{"inlineData": object{"mimeType": mime, "data": data}}
	}
	fifteen := []object{words("x")}
	for range 15 {
		fifteen = append(fifteen, inlined(t, r, 8, 8))
	}
	with := func(name string, value any) object {
		body := banana(small, words("x"))
		body[name] = value
		return body
	}
	for name, c := range map[string]struct {
		model  string
		body   any
		status int
		word   string
		field  string // of the violation; empty: none
	}{
		"NotJSON":              {nanoBanana2, "{", 400, "INVALID_ARGUMENT", ""},
		"UnknownField":         {nanoBanana2, with("n", 2), 400, "INVALID_ARGUMENT", "n"},
		"SnakeCaseSize":        {nanoBanana2, banana(object{"image_size": "1K"}, words("x")), 400, "INVALID_ARGUMENT", "image_size"},
		"NoContents":           {nanoBanana2, object{}, 400, "INVALID_ARGUMENT", "contents"},
		"NoText":               {nanoBanana2, banana(small, inlined(t, r, 8, 8)), 400, "INVALID_ARGUMENT", "contents"},
		"Role":                 {nanoBanana2, with("contents", []object{{"role": "system", "parts": []object{words("x")}}}), 400, "INVALID_ARGUMENT", "contents.role"},
		"TextOnly":             {nanoBanana2, with("generationConfig", object{"responseModalities": []string{"TEXT"}}), 400, "INVALID_ARGUMENT", "generation_config.response_modalities"},
		"Audio":                {nanoBanana2, with("generationConfig", object{"responseModalities": []string{"AUDIO"}}), 400, "INVALID_ARGUMENT", "generation_config.response_modalities"},
		"RatioNobodyHas":       {nanoBanana2, banana(object{"aspectRatio": "9:21"}, words("x")), 400, "INVALID_ARGUMENT", "generation_config.image_config.aspect_ratio"},
		"StripeOfPro":          {"gemini-3-pro-image", banana(object{"aspectRatio": "1:8"}, words("x")), 400, "INVALID_ARGUMENT", "generation_config.image_config.aspect_ratio"},
		"SmallOfPro":           {"gemini-3-pro-image", banana(small, words("x")), 400, "INVALID_ARGUMENT", "generation_config.image_config.image_size"},
		"SmallOfTwoPointOne":   {"gemini-nano-banana-2.1", banana(small, words("x")), 400, "INVALID_ARGUMENT", "generation_config.image_config.image_size"},
		"TwoKOfLite":           {"gemini-3.1-flash-lite-image", banana(object{"imageSize": "2K"}, words("x")), 400, "INVALID_ARGUMENT", "generation_config.image_config.image_size"},
		"LowerCaseSize":        {nanoBanana2, banana(object{"imageSize": "1k"}, words("x")), 400, "INVALID_ARGUMENT", "generation_config.image_config.image_size"},
		"SafetyCategory":       {nanoBanana2, with("safetySettings", []object{{"category": "HARM_CATEGORY_FUN", "threshold": "OFF"}}), 400, "INVALID_ARGUMENT", "safety_settings"},
		"InputType":            {nanoBanana2, banana(small, words("x"), inline("image/gif", "R0lGODlh")), 400, "INVALID_ARGUMENT", "contents"},
		"InputNotAnImage":      {nanoBanana2, banana(small, words("x"), inline("image/png", "aGVsbG8=")), 400, "INVALID_ARGUMENT", "contents"},
		"InputAddress":         {nanoBanana2, banana(small, words("x"), inline("image/png", r.Server.URL+"/")), 400, "INVALID_ARGUMENT", "contents"},
		"FifteenInputs":        {nanoBanana2, banana(small, fifteen...), 400, "INVALID_ARGUMENT", "contents"},
		"OverTwentyMegabytes":  {nanoBanana2, banana(small, words(strings.Repeat("x", geminiMaxBody))), 400, "INVALID_ARGUMENT", ""},
		"RetiredModel":         {"gemini-3-pro-image-preview", banana(nil, words("x")), 404, "NOT_FOUND", ""},
		"WebhookIsNotItsFault": {nanoBanana2, banana(small, words("x [[sim: webhook=drop]]")), 400, "INVALID_ARGUMENT", "contents"},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.peel(c.model, c.body)
			failure, _ := got.object["error"].(object)
			field := ""
			if details, has := failure["details"].([]any); has {
				field = details[0].(object)["fieldViolations"].([]any)[0].(object)["field"].(string)
			}
			if got.status != c.status || failure["code"] != float64(c.status) || failure["status"] != c.word || field != c.field || failure["message"] == "" {
				t.Errorf("%d %s, want %d %s about %q", got.status, got.raw, c.status, c.word, c.field)
			}
		})
	}
	if seen := r.counts(""); seen.Accepted != 0 {
		t.Errorf("%d calls accepted, want none of the refused", seen.Accepted)
	}
}

func TestGeminiKnowsItsKeysAndPaths(t *testing.T) {
	t.Parallel()
	r := newGeminiRig(t)
	for _, c := range []struct {
		path, key string
		status    int
		want      string
	}{
		{"/gemini/v1beta/models/" + nanoBanana2 + ":generateContent", "", 403, "PERMISSION_DENIED"},
		{"/gemini/v1beta/models/" + nanoBanana2 + ":generateContent", openaiKey, 400, "API_KEY_INVALID"},
		{"/gemini/v1beta/models/" + nanoBanana2 + ":generateContent?key=" + geminiKey, "", 403, "PERMISSION_DENIED"},
		{"/gemini/v1beta/models/" + nanoBanana2 + ":streamGenerateContent", geminiKey, 404, "NOT_FOUND"},
		{"/gemini/v1beta/models", geminiKey, 404, "NOT_FOUND"},
	} {
		got := r.do(http.MethodPost, c.path, banana(nil, words("x")), func(q *http.Request) {
			if c.key != "" {
				q.Header.Set("x-goog-api-key", c.key)
			}
		})
		if got.status != c.status || !strings.Contains(string(got.raw), c.want) {
			t.Errorf("%s with key %q: %d %s, want %d %s", c.path, c.key, got.status, got.raw, c.status, c.want)
		}
	}
}
