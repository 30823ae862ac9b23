package simulator

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	xdraw "golang.org/x/image/draw"
)

const screenKey = "moderation-key-of-the-tests"

// newScreenRig has a key that may do nothing but moderate.
func newScreenRig(t *testing.T, change ...func(*Options)) rig {
	t.Helper()
	return newRig(t, append(change, func(o *Options) { o.Keys[moderationKeys] = []string{screenKey} })...)
}

func withScreenKey(r *http.Request) { r.Header.Set("Authorization", "Bearer "+screenKey) }

// screen asks about texts and images.
func (r rig) screen(texts []string, images ...[]byte) answered {
	r.Helper()
	parts := []object{}
	for _, text := range texts {
		parts = append(parts, object{"type": "text", "text": text})
	}
	for _, raw := range images {
		link := "data:" + http.DetectContentType(raw) + ";base64," + base64.StdEncoding.EncodeToString(raw)
		parts = append(parts, object{"type": "image_url", "image_url": object{"url": link}})
	}
	return r.do(http.MethodPost, "/openai/v1/moderations", object{"model": "omni-moderation-latest", "input": parts}, withScreenKey)
}

// flagged reads the one result of an answer, and the names of its categories that are true.
func flagged(t *testing.T, got answered) (bool, []string) {
	t.Helper()
	results, _ := got.object["results"].([]any)
	if got.status != http.StatusOK || len(results) != 1 {
		t.Fatalf("%d %s, want 200 with one result", got.status, got.raw)
	}
	result := results[0].(map[string]any)
	var names []string
	for name, is := range result["categories"].(map[string]any) {
		if is == true {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return result["flagged"].(bool), names
}

func TestModerationAnswersAsDocumented(t *testing.T) {
	t.Parallel()
	r := newScreenRig(t)
	got := r.screen([]string{"a red fox"}, encoded(t, picture{Width: 64, Height: 64, Format: formatJPEG, Quality: 85}))
	if is, names := flagged(t, got); is || len(names) != 0 {
		t.Errorf("flagged %v for %v", is, names)
	}
	result := got.object["results"].([]any)[0].(map[string]any)
	for _, field := range []string{"categories", "category_scores", "category_applied_input_types"} {
		if n := len(result[field].(map[string]any)); n != 13 {
			t.Errorf("%s has %d entries, want 13", field, n)
		}
	}
	applied := result["category_applied_input_types"].(map[string]any)
	if fmt.Sprint(applied["violence"], applied["hate"]) != "[text image] [text]" {
		t.Errorf("applied to %v and %v, want text and image to violence, text to hate", applied["violence"], applied["hate"])
	}
	if seen := r.counts("a red fox"); seen.Counts[Moderate] != 1 || seen.Counts[Submit] != 0 || seen.Accepted != 0 || fmt.Sprint(seen.Calls[0].Inputs) != "[image]" {
		t.Errorf("seen %+v, want one moderation of a text and an image", seen)
	}
	if page := string(r.do(http.MethodGet, "/?operation=moderate", nil).raw); !strings.Contains(page, "a red fox") {
		t.Error("the page does not show the call")
	}
}

func TestThePageShowsWhatWasModeratedAndTheVerdict(t *testing.T) {
	t.Parallel()
	r := newScreenRig(t)
	for _, harmful := range []bool{false, true} {
		r.screen(nil, encoded(t, picture{Width: 300, Height: 200, Format: formatPNG, Framed: harmful}))
		seen := r.counts("").Calls[0]
		if seen.Flagged == nil || *seen.Flagged != harmful {
			t.Errorf("framed %v: recorded %+v, want that verdict", harmful, seen)
		}
		copied := "/_control/calls/" + seen.ID + "/inputs/1"
		verdict := map[bool]string{false: ">not flagged<", true: ">flagged<"}[harmful]
		if page := string(r.do(http.MethodGet, "/", nil).raw); !strings.Contains(page, `src="`+copied+`" alt="image"`) || !strings.Contains(page, verdict) {
			t.Errorf("framed %v: the page does not show the image and %s", harmful, verdict)
		}
		if _, size := decodes(t, r.do(http.MethodGet, copied, nil).raw); size != image.Pt(128, 85) {
			t.Errorf("the small copy is %v, want 128 x 85", size)
		}
		if got := r.do(http.MethodGet, "/_control/calls/"+seen.ID+"/image", nil); got.status != 404 {
			t.Errorf("the picture of what was moderated: %d, want 404: nothing was asked for", got.status)
		}
	}
	r.screen([]string{"down [[sim: screen_down=500]]"})
	if seen := r.counts("down").Calls[0]; seen.Flagged != nil {
		t.Errorf("recorded %+v, want no verdict", seen)
	}
}

func TestModerationRefusesWhatTheAPIRefuses(t *testing.T) {
	t.Parallel()
	r := newScreenRig(t)
	tiny := encoded(t, picture{Width: 16, Height: 16, Format: formatPNG})
	for what, c := range map[string]struct {
		got    answered
		status int
		code   string
	}{
		"two images":    {r.screen(nil, tiny, tiny), 400, "too_many_images"},
		"no image":      {r.screen(nil, []byte("GIF89a")), 400, "invalid_image"},
		"nothing":       {r.screen(nil), 400, "invalid_type"},
		"no JSON":       {r.do(http.MethodPost, "/openai/v1/moderations", "{", withScreenKey), 400, ""},
		"another model": {r.do(http.MethodPost, "/openai/v1/moderations", object{"model": "gpt-image-2", "input": "x"}, withScreenKey), 400, "model_not_found"},
		"another type":  {r.do(http.MethodPost, "/openai/v1/moderations", object{"input": []object{{"type": "audio"}}}, withScreenKey), 400, "invalid_value"},
		"no key":        {r.do(http.MethodPost, "/openai/v1/moderations", object{"input": "x"}), 401, "invalid_api_key"},
		"for an image":  {r.do(http.MethodPost, "/openai/v1/images/generations", object{"prompt": "x"}, withScreenKey), 401, "invalid_api_key"},
		"a plain text":  {r.do(http.MethodPost, "/openai/v1/moderations", object{"input": "x"}, withOpenAIKey), 200, ""},
	} {
		failure, _ := c.got.object["error"].(map[string]any)
		if code, _ := failure["code"].(string); c.got.status != c.status || code != c.code {
			t.Errorf("%s: %d %s, want %d %s", what, c.got.status, c.got.raw, c.status, c.code)
		}
	}
}

// The frame must be found in what is left of a picture after our own code has made it small and a JPEG, and in nothing else.
func TestAFrameIsFoundInASmallCopyAndNowhereElse(t *testing.T) {
	t.Parallel()
	r := newScreenRig(t)
	for _, size := range []image.Point{{64, 64}, {1024, 1024}, {1536, 1024}, {1024, 256}, {2048, 512}} {
		for _, transparent := range []bool{false, true} {
			for _, harmful := range []bool{false, true} {
				pic := picture{Prompt: "framed", Width: size.X, Height: size.Y, Format: formatPNG, Transparent: transparent, Framed: harmful}
				whole, err := png.Decode(bytes.NewReader(encoded(t, pic)))
				if err != nil {
					t.Fatal(err)
				}
				scale := min(1, 768/float64(max(size.X, size.Y)))
				small := image.NewRGBA(image.Rect(0, 0, int(float64(size.X)*scale), int(float64(size.Y)*scale)))
				xdraw.BiLinear.Scale(small, small.Bounds(), whole, whole.Bounds(), xdraw.Src, nil)
				var sent bytes.Buffer
				if err := jpeg.Encode(&sent, small, &jpeg.Options{Quality: 70}); err != nil {
					t.Fatal(err)
				}
				if is, names := flagged(t, r.screen(nil, sent.Bytes())); is != harmful || is && fmt.Sprint(names) != "[violence violence/graphic]" {
					t.Errorf("%v, transparent %v, framed %v: flagged %v for %v", size, transparent, harmful, is, names)
				}
			}
		}
	}
}

func encoded(t *testing.T, pic picture) []byte {
	t.Helper()
	made, err := newStudio(1).make(pic)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// An order about submits must not be used up by the checks that come before them, nor the reverse.
func TestOrdersOfModerationAndOfSubmitsAreKeptApart(t *testing.T) {
	t.Parallel()
	r := newScreenRig(t)
	for _, faults := range []string{"error500", "screen_down=500"} {
		if _, err := r.Order(t.Context(), Order{Prompt: "apart", Times: 1, Faults: faults}); err != nil {
			t.Fatal(err)
		}
	}
	got := []int{r.screen([]string{"apart"}).status, r.screen([]string{"apart"}).status, r.submitBFL(small("apart")).status, r.submitBFL(small("apart")).status}
	if want := []int{500, 200, 500, 200}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if _, err := r.Order(t.Context(), Order{Times: 1, Faults: "screen_down=429"}); err != nil {
		t.Fatal(err)
	}
	if got := r.screen(nil, encoded(t, picture{Width: 64, Height: 64, Format: formatPNG})); got.status != 429 || got.header.Get("Retry-After") != "1" {
		t.Errorf("an order without a prompt: %d for an image, want 429 with a time to wait", got.status)
	}
}

// screenTests are those of faultTests that are about the moderation endpoint. None of them may disturb the provider itself.
var screenTests = map[string]func(*testing.T, rig){
	"screen_down": func(t *testing.T, r rig) {
		began := time.Now()
		for kind, want := range map[string]int{"401": 401, "429": 429, "500": 500, "hang": 0, "cut": 0} {
			text := prompt("silent "+kind, "screen_down="+kind+":2")
			if got := statuses(3, func() answered { return r.screen([]string{text}) }); !slices.Equal(got, []int{want, want, 200}) {
				t.Errorf("%s: %v, want %d twice, then 200", kind, got, want)
			}
			if got := r.submitBFL(small(text)); got.status != 200 {
				t.Errorf("%s: the provider answers %d", kind, got.status)
			}
		}
		if took := time.Since(began); took < 2*r.Simulator.opts.HangLimit {
			t.Errorf("all took %v, want at least two hangs", took)
		}
	},
	"screen_input": func(t *testing.T, r rig) {
		text := prompt("rude", "screen_input webhook=drop")
		if is, names := flagged(t, r.screen([]string{text})); !is || fmt.Sprint(names) != "[illicit/violent violence]" {
			t.Errorf("flagged %v for %v", is, names)
		}
		if faults := r.counts("rude").Calls[0].Faults; !slices.Contains(faults, "screen_input") {
			t.Errorf("recorded with the faults %v", faults)
		}
		if got := r.submitBFL(small(text)); got.status != 200 {
			t.Errorf("the provider answers %d %s", got.status, got.raw)
		}
	},
	"screen_output": func(t *testing.T, r rig) {
		for from, raw := range spoilt(t, r, "screen_output") {
			if is, _ := flagged(t, r.screen(nil, raw)); !is {
				t.Errorf("the image of a %s is not flagged", from)
			}
		}
	},
}

func TestEveryFaultOfTheModerationEndpoint(t *testing.T) {
	t.Parallel()
	for name, test := range screenTests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newScreenRig(t, func(o *Options) { o.HangLimit = 30 * time.Millisecond }))
		})
	}
}
