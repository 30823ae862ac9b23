package openai_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"darkroom/local/simulator"
	"darkroom/shared/moderation"
	"darkroom/shared/provider"
	"darkroom/shared/provider/openai"
	"darkroom/shared/provider/providertest"
)

const secretPrompt = "SECRET PROMPT: a red fox"

// endpoint answers every check with one handler, and keeps the bodies that were sent.
type endpoint struct {
	openai.Moderator
	mu     sync.Mutex
	paths  []string
	bodies [][]byte
}

// asked is how many requests came so far.
func (e *endpoint) asked() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.bodies)
}

func newEndpoint(t *testing.T, handle http.HandlerFunc) *endpoint {
	t.Helper()
	e := &endpoint{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Authorization") != "Bearer "+providertest.ReplayKey {
			t.Errorf("%s with %q, %v", r.Method, r.Header.Get("Authorization"), err)
		}
		e.mu.Lock()
		e.paths, e.bodies = append(e.paths, r.URL.Path), append(e.bodies, body)
		e.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	e.Moderator = openai.NewModerator(openai.Settings{Key: provider.FixedKey(providertest.ReplayKey), Simulator: mustParse(t, server.URL)})
	return e
}

func mustParse(t *testing.T, address string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func says(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body) //nolint:errcheck // the client sees what is missing
	}
}

// answerOf is a documented answer with one result of these fields.
func answerOf(result string) string {
	return `{"id":"modr-1","model":"omni-moderation-latest","results":[` + result + `]}`
}

func TestAVerdictIsReadFromWhateverAnAnswerHoldsBesides(t *testing.T) {
	for _, c := range []struct {
		what, body string
		want       moderation.Verdict
	}{
		{"harmless", answerOf(`{"flagged":false,"categories":{"violence":false}}`), moderation.Verdict{}},
		{"flagged", answerOf(`{"flagged":true,"categories":{"violence":true,"hate/threatening":true,"sexual":false}}`),
			moderation.Verdict{Flagged: true, Categories: []string{"hate/threatening", "violence"}}},
		{"null and unknown categories", answerOf(`{"flagged":true,"categories":{"illicit":null,"illicit/violent":true,"brand-new":true,"odd":{"a":1}},"more":[]}`),
			moderation.Verdict{Flagged: true, Categories: []string{"brand-new", "illicit/violent"}}},
		{"flagged without a category", answerOf(`{"flagged":true,"categories":null}`), moderation.Verdict{Flagged: true}},
		{"one of several results", answerOf(`{"flagged":false},{"flagged":true,"categories":{"sexual":true}}`), moderation.Verdict{Flagged: true, Categories: []string{"sexual"}}},
		{"a category that would forge the log", answerOf(`{"flagged":true,"categories":{"a\nb c":true}}`), moderation.Verdict{Flagged: true}},
	} {
		got, err := newEndpoint(t, says(200, c.body)).Check(t.Context(), moderation.Content{Prompt: secretPrompt})
		if err != nil || got.Flagged != c.want.Flagged || !slices.Equal(got.Categories, c.want.Categories) {
			t.Errorf("%s: %+v, %v; want %+v", c.what, got, err, c.want)
		}
	}
}

// Nothing but a clear word is a pass.
func TestACheckThatWasNotAnsweredIsAnErrorOfItsClass(t *testing.T) {
	for _, c := range []struct {
		what   string
		handle http.HandlerFunc
		want   provider.Class
		wait   time.Duration
	}{
		{"no results", says(200, `{"results":[]}`), provider.TransientRead, 0},
		{"no word about results", says(200, `{}`), provider.TransientRead, 0},
		{"a result without a verdict", says(200, answerOf(`{"categories":{}}`)), provider.TransientRead, 0},
		{"a verdict of null", says(200, answerOf(`{"flagged":null}`)), provider.TransientRead, 0},
		{"a verdict in words", says(200, answerOf(`{"flagged":"false"}`)), provider.TransientRead, 0},
		{"a page", says(200, `<html>fine</html>`), provider.TransientRead, 0},
		{"nothing", says(200, ``), provider.TransientRead, 0},
		{"too large", says(200, answerOf(`{"flagged":false}`)+strings.Repeat(" ", 64<<10)), provider.TransientRead, 0},
		{"cut in its body", says(200, `{`, "Content-Length", "100"), provider.TransientRead, 0},
		{"cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, provider.TransientRead, 0},
		{"500", says(500, `{"error":{"type":"server_error"}}`), provider.TransientRead, 0},
		{"503", says(503, ``), provider.TransientRead, 0},
		{"409", says(409, ``), provider.TransientRead, 0},
		{"429", says(429, `{"error":{"code":"rate_limit_exceeded"}}`, "Retry-After", "12"), provider.Throttled, 12 * time.Second},
		{"no quota", says(429, `{"error":{"code":"insufficient_quota"}}`), provider.Down, 0},
		{"wrong key", says(401, `{"error":{"code":"invalid_api_key"}}`), provider.Down, 0},
		{"a key without the right", says(403, ``), provider.Down, 0},
		{"no such model", says(404, `{"error":{"code":"model_not_found"}}`), provider.Down, 0},
		{"out of credit", says(402, ``), provider.Down, 0},
		{"a limit of the account, as a bad request", says(400, `{"error":{"code":"billing_hard_limit_reached"}}`), provider.Down, 0},
		{"500 for good", says(500, ``, "X-Should-Retry", "false"), provider.Down, 0},
		{"content that it does not read", says(400, `{"error":{"code":"invalid_image"}}`), provider.Rejected, 0},
		{"content that is too large", says(413, ``), provider.Rejected, 0},
		{"content that it does not process", says(422, ``), provider.Rejected, 0},
		{"content that it blocks", says(400, `{"error":{"code":"content_policy_violation"}}`), provider.Rejected, 0},
		{"moved", says(307, ``, "Location", "https://elsewhere.example.com/"), provider.Down, 0},
	} {
		verdict, err := newEndpoint(t, c.handle).Check(t.Context(), moderation.Content{Prompt: secretPrompt})
		var failure *provider.Error
		if !errors.As(err, &failure) || failure.Class != c.want || failure.RetryAfter != c.wait || verdict.Flagged {
			t.Errorf("%s: %+v, %v; want class %s after %v", c.what, verdict, err, c.want, c.wait)
		}
		if err != nil && (strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), providertest.ReplayKey)) {
			t.Errorf("%s: %q holds the prompt or the key", c.what, err)
		}
	}
}

func TestACheckThatHangsEndsWithItsTime(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	e := newEndpoint(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-over:
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := e.Check(ctx, moderation.Content{Prompt: secretPrompt}); provider.ClassOf(err) != provider.TransientRead {
		t.Errorf("%v, want a question that was not answered", err)
	}
}

// Only an operator can help with a key that is missing; a secret store that does not answer may answer the next time.
func TestModerationIsDownWithoutItsKeyAndNotWhenTheKeyCannotBeReadNow(t *testing.T) {
	for want, cause := range map[provider.Class]error{
		provider.Down:          fmt.Errorf("openai: %w", provider.ErrNoKey),
		provider.TransientRead: errors.New("the secret store does not answer"),
	} {
		key := func(context.Context) (string, error) { return "", cause }
		m := openai.NewModerator(openai.Settings{Key: key, Simulator: mustParse(t, "http://127.0.0.1:1")})
		if _, err := m.Check(t.Context(), moderation.Content{Prompt: secretPrompt}); provider.ClassOf(err) != want {
			t.Errorf("%v is an error of class %s, want %s", cause, provider.ClassOf(err), want)
		}
	}
}

func TestTheKeyGoesToItsOwnHostOnly(t *testing.T) {
	m := openai.NewModerator(openai.Settings{Key: provider.FixedKey(providertest.ReplayKey), BaseURL: "https://api.elsewhere.example.com"})
	if _, err := m.Check(t.Context(), moderation.Content{Prompt: secretPrompt}); !errors.Is(err, provider.ErrForbiddenURL) || provider.ClassOf(err) != provider.Down {
		t.Errorf("%v, want a forbidden address", err)
	}
}

// The API takes one image in a request, and says so to two with a 400. An image that it refuses must not hide the prompt.
func TestEveryImageHasARequestAndThePromptHasOneBeforeThem(t *testing.T) {
	contract := providertest.ReadContract(t, "/openai/v1")
	first, second := moderation.Image{ContentType: "image/png", Data: []byte("one")}, moderation.Image{ContentType: "image/jpeg", Data: []byte("two")}
	for _, c := range []struct {
		content moderation.Content
		want    []string
	}{
		{moderation.Content{}, nil},
		{moderation.Content{Prompt: "a <fox>"}, []string{`{"type":"text","text":"a \u003cfox\u003e"}`}},
		{moderation.Content{Images: []moderation.Image{first}}, []string{`{"type":"image_url","image_url":{"url":"data:image/png;base64,b25l"}}`}},
		{moderation.Content{Prompt: "a fox", Images: []moderation.Image{first, second}}, []string{
			`{"type":"text","text":"a fox"}`,
			`{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,dHdv"}}`,
			`{"type":"image_url","image_url":{"url":"data:image/png;base64,b25l"}}`,
		}},
	} {
		e := newEndpoint(t, says(200, answerOf(`{"flagged":false}`)))
		if verdict, err := e.Check(t.Context(), c.content); err != nil || verdict.Flagged {
			t.Errorf("%+v, %v", verdict, err)
		}
		var got []string
		for i, body := range e.bodies {
			if err := contract.CheckCall(http.MethodPost, e.paths[i], body); err != nil {
				t.Error(err)
			}
			got = append(got, string(body))
		}
		if len(got) > 1 {
			slices.Sort(got[1:]) // images are asked about side by side
		}
		for i := range c.want {
			c.want[i] = `{"model":"omni-moderation-latest","input":[` + c.want[i] + `]}`
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("sent\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestACheckEndsAtThePromptWhenThatIsFlagged(t *testing.T) {
	e := newEndpoint(t, says(200, answerOf(`{"flagged":true}`)))
	content := moderation.Content{Prompt: "a fox", Images: make([]moderation.Image, 3)}
	if verdict, err := e.Check(t.Context(), content); err != nil || !verdict.Flagged || e.asked() != 1 {
		t.Errorf("%+v, %v after %d requests, want it flagged after one", verdict, err, e.asked())
	}
}

func TestTheDocumentedModerationIsRead(t *testing.T) {
	contract := providertest.ReadContract(t, "/openai/v1")
	answer := contract.Example(t, http.MethodPost, "/moderations", nil)
	got, err := newEndpoint(t, says(200, string(answer))).Check(t.Context(), moderation.Content{Prompt: "x"})
	if want := []string{"harassment", "harassment/threatening", "violence", "violence/graphic"}; err != nil || !got.Flagged || !slices.Equal(got.Categories, want) {
		t.Errorf("%+v, %v; want it flagged for %v", got, err, want)
	}
}

// The other side of the wire: the simulator answers as documented, and knows a harmful image when it sees one.
func TestModerationAgainstTheSimulator(t *testing.T) {
	sim, err := simulator.Start(t.Context(), "127.0.0.1:0", simulator.Options{Keys: map[string][]string{"openai/moderations": {"sk-moderation"}}, HangLimit: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	contract := providertest.ReadContract(t, "/openai/v1")
	ask := func(key string) openai.Moderator {
		return openai.NewModerator(openai.Settings{Key: provider.FixedKey(key), Simulator: mustParse(t, sim.URL)})
	}
	plain, framed := blank(t, false), blank(t, true)
	for _, c := range []struct {
		what, key string
		content   moderation.Content
		flagged   bool
		class     provider.Class
	}{
		{"a harmless prompt", "sk-moderation", moderation.Content{Prompt: "a fox"}, false, ""},
		{"a harmful prompt", "sk-moderation", moderation.Content{Prompt: "a fox [[sim: screen_input]]"}, true, ""},
		{"harmless images", "sk-moderation", moderation.Content{Prompt: "a fox", Images: []moderation.Image{plain, plain}}, false, ""},
		{"a harmful image", "sk-moderation", moderation.Content{Images: []moderation.Image{plain, framed}}, true, ""},
		{"an outage", "sk-moderation", moderation.Content{Prompt: "a fox [[sim: screen_down=500]]"}, false, provider.TransientRead},
		{"a cut connection", "sk-moderation", moderation.Content{Prompt: "a fox [[sim: screen_down=cut]]"}, false, provider.TransientRead},
		{"a storm", "sk-moderation", moderation.Content{Prompt: "a fox [[sim: screen_down=429]]"}, false, provider.Throttled},
		{"a wrong key", "sk-other", moderation.Content{Prompt: "a fox"}, false, provider.Down},
	} {
		verdict, err := ask(c.key).Check(t.Context(), c.content)
		if verdict.Flagged != c.flagged || (err == nil) != (c.class == "") || err != nil && provider.ClassOf(err) != c.class {
			t.Errorf("%s: %+v, %v; want flagged %v, class %q", c.what, verdict, err, c.flagged, c.class)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sim.URL+"/openai/v1/moderations", strings.NewReader(`{"input":"a fox"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer sk-moderation")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := contract.CheckAnswer(http.MethodPost, "/moderations", response.StatusCode, body); err != nil {
		t.Errorf("the simulator's answer: %v", err)
	}
}

// blank is a PNG, or a JPEG in the frame that the simulator flags.
func blank(t *testing.T, harmful bool) moderation.Image {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 96, 64))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	var out bytes.Buffer
	if !harmful {
		if err := png.Encode(&out, img); err != nil {
			t.Fatal(err)
		}
		return moderation.Image{ContentType: "image/png", Data: out.Bytes()}
	}
	simulator.Frame(img)
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return moderation.Image{ContentType: "image/jpeg", Data: out.Bytes()}
}
