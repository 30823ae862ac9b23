package simulator

import (
	"encoding/base64"
	"image"
	"net/http"
	"strings"
	"testing"
)

// imageIn decodes the base64 of the n-th image of an answer.
func imageIn(t *testing.T, got answered, n int) []byte {
	t.Helper()
	data, _ := got.object["data"].([]any)
	if got.status != 200 || len(data) <= n {
		t.Fatalf("%d %.300s, want 200 with more than %d images", got.status, got.raw, n)
	}
	raw, err := base64.StdEncoding.DecodeString(data[n].(map[string]any)["b64_json"].(string))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestOpenAIAnswersWithTheImageAndItsUsage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.generate(object{"prompt": "two foxes", "n": 2, "size": "1024x640", "quality": "low", "output_format": "webp", "safety_identifier": "u1"})
	for n := range 2 {
		if format, size := decodes(t, imageIn(t, got, n)); format != "webp" || size != image.Pt(1024, 640) {
			t.Errorf("image %d is %s %v, want webp 1024 x 640", n, format, size)
		}
	}
	for name, want := range (object{"size": "1024x640", "quality": "low", "output_format": "webp", "background": "opaque", "safety_identifier": "u1"}) {
		if got.object[name] != want {
			t.Errorf("%s = %v, want %v", name, got.object[name], want)
		}
	}
	usage := got.object["usage"].(map[string]any)
	if usage["total_tokens"] != usage["input_tokens"].(float64)+usage["output_tokens"].(float64) || usage["output_tokens"] == 0.0 {
		t.Errorf("usage = %v, want tokens that add up", usage)
	}
	if id := got.header.Get("x-request-id"); !strings.HasPrefix(id, "req_") {
		t.Errorf("x-request-id = %q, want req_…", id)
	}
	if seen := r.counts("two foxes"); seen.Counts[Submit] != 1 || seen.Accepted != 1 || seen.Calls[0].Model != "gpt-image-2" {
		t.Errorf("seen = %+v, want one accepted submit of gpt-image-2", seen)
	}
}

func TestOpenAITokensFollowThePublishedTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		width, height int
		quality       string
		want          int
	}{
		{1024, 1024, "low", 196}, {1024, 1024, "medium", 1756}, {1024, 1024, "high", 7024},
		{1536, 1024, "low", 158}, {1536, 1024, "medium", 1372}, {1536, 1024, "high", 5488},
		{2048, 2048, "high", 14272}, {3840, 2160, "high", 13342},
	} {
		if got := openaiTokens("x", c.width, c.height, c.quality, 1).OutputTokens; got != c.want {
			t.Errorf("%dx%d %s: %d output tokens, want %d", c.width, c.height, c.quality, got, c.want)
		}
	}
}

func TestOpenAIDefaultsAreMediumSquarePNG(t *testing.T) {
	t.Parallel()
	got := newRig(t).generate(object{"prompt": "plain"})
	if format, size := decodes(t, imageIn(t, got, 0)); format != "png" || size != image.Pt(1024, 1024) || got.object["quality"] != "medium" {
		t.Errorf("%s %v %v, want png 1024 x 1024 medium", format, size, got.object["quality"])
	}
}

func TestOpenAITransparentBackgroundHasClearCorners(t *testing.T) {
	t.Parallel()
	got := newRig(t).generate(object{"prompt": "sticker", "background": "transparent"})
	img := decoded(t, imageIn(t, got, 0))
	_, _, _, corner := img.At(0, 0).RGBA()
	_, _, _, middle := img.At(512, 512).RGBA()
	if corner != 0 || middle != 0xffff || got.object["background"] != "transparent" {
		t.Errorf("alpha %d at the corner and %d in the middle, background %v; want 0, 65535, transparent", corner, middle, got.object["background"])
	}
}

func TestOpenAIRefusesWhatIsNotDocumented(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, c := range map[string]struct {
		body   any
		status int
		param  any
		code   any
	}{
		"NotJSON":                    {"{", 400, nil, nil},
		"NoPrompt":                   {object{"model": "gpt-image-2"}, 400, "prompt", "missing_required_parameter"},
		"EmptyPrompt":                {object{"model": "gpt-image-2", "prompt": ""}, 400, "prompt", "empty_string"},
		"LongPrompt":                 {object{"model": "gpt-image-2", "prompt": strings.Repeat("é", 32_001)}, 400, "prompt", "string_above_max_length"},
		"NoModel":                    {object{"prompt": "x"}, 400, "model", "missing_required_parameter"},
		"UnknownModel":               {object{"prompt": "x", "model": "dall-e-3"}, 404, "model", "model_not_found"},
		"ResponseFormat":             {object{"prompt": "x", "model": "gpt-image-2", "response_format": "url"}, 400, "response_format", "unknown_parameter"},
		"NZero":                      {object{"prompt": "x", "model": "gpt-image-2", "n": 0}, 400, "n", "integer_below_min_value"},
		"NEleven":                    {object{"prompt": "x", "model": "gpt-image-2", "n": 11}, 400, "n", "integer_above_max_value"},
		"NText":                      {object{"prompt": "x", "model": "gpt-image-2", "n": "1"}, 400, "n", "invalid_type"},
		"SizeWords":                  {object{"prompt": "x", "model": "gpt-image-2", "size": "square"}, 400, "size", "invalid_value"},
		"SizeTail":                   {object{"prompt": "x", "model": "gpt-image-2", "size": "1024x1024x1"}, 400, "size", "invalid_value"},
		"SizeNotSixteenth":           {object{"prompt": "x", "model": "gpt-image-2", "size": "1000x1000"}, 400, "size", "invalid_value"},
		"SizeTooSmall":               {object{"prompt": "x", "model": "gpt-image-2", "size": "512x512"}, 400, "size", "invalid_value"},
		"SizeTooWide":                {object{"prompt": "x", "model": "gpt-image-2", "size": "2048x640"}, 400, "size", "invalid_value"},
		"SizeTooLong":                {object{"prompt": "x", "model": "gpt-image-2", "size": "3856x2160"}, 400, "size", "invalid_value"},
		"FreeSizeOnOldModel":         {object{"prompt": "x", "model": "gpt-image-1.5", "size": "1024x1280"}, 400, "size", "invalid_value"},
		"QualityStandard":            {object{"prompt": "x", "model": "gpt-image-2", "quality": "standard"}, 400, "quality", "invalid_value"},
		"QualityMaxOnTwo":            {object{"prompt": "x", "model": "gpt-image-2", "quality": "max"}, 400, "quality", "invalid_value"},
		"ComplexityOnTwo":            {object{"prompt": "x", "model": "gpt-image-2", "complexity": "low"}, 400, "complexity", "unknown_parameter"},
		"TransparentJPEG":            {object{"prompt": "x", "model": "gpt-image-2", "background": "transparent", "output_format": "jpeg"}, 400, "background", "invalid_value"},
		"CompressedPNG":              {object{"prompt": "x", "model": "gpt-image-2", "output_compression": 50}, 400, "output_compression", "invalid_value"},
		"FormatBMP":                  {object{"prompt": "x", "model": "gpt-image-2", "output_format": "bmp"}, 400, "output_format", "invalid_value"},
		"StreamingIsNotOffered":      {object{"prompt": "x", "model": "gpt-image-2", "stream": true}, 400, "stream", "unknown_parameter"},
		"WebhookIsNotAFaultOfOpenAI": {object{"prompt": "x [[sim: webhook=drop]]", "model": "gpt-image-2"}, 400, "prompt", "unknown_directive"},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.do(http.MethodPost, "/openai/v1/images/generations", c.body, withOpenAIKey)
			failure, _ := got.object["error"].(map[string]any)
			if got.status != c.status || failure["param"] != c.param || failure["code"] != c.code ||
				failure["type"] != "invalid_request_error" || failure["message"] == "" {
				t.Errorf("%d %s, want %d param %v code %v", got.status, got.raw, c.status, c.param, c.code)
			}
		})
	}
	if seen := r.counts(""); seen.Accepted != 0 {
		t.Errorf("%d calls accepted, want none of the refused", seen.Accepted)
	}
}

func TestOpenAIAnswers401WithoutAKnownKey(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, header := range []string{"", "Bearer wrong", openaiKey, "Bearer " + bflKey} {
		got := r.do(http.MethodPost, "/openai/v1/images/generations", object{"prompt": "x", "model": "gpt-image-2"},
			func(q *http.Request) { q.Header.Set("Authorization", header) })
		failure, _ := got.object["error"].(map[string]any)
		if got.status != 401 || failure["code"] != "invalid_api_key" {
			t.Errorf("Authorization %q: %d %s, want 401 invalid_api_key", header, got.status, got.raw)
		}
	}
	if got := r.do(http.MethodPost, "/openai/v1/images/variations", object{}, withOpenAIKey); got.status != 404 || got.object["error"] == nil {
		t.Errorf("unknown path: %d %s, want 404 with an error", got.status, got.raw)
	}
}
