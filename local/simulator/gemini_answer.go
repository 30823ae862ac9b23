package simulator

import (
	"crypto/rand"
	"io"
	"net/http"
	"unicode/utf8"
)

// geminiWork is one accepted call.
type geminiWork struct {
	model   geminiModel
	sent    geminiRequest
	picture picture
	id      string // of the response
}

// geminiAnswer is the body of every answer with status 200: an image, none, or a refusal by content policy.
type geminiAnswer struct {
	Candidates     []geminiCandidate `json:"candidates,omitempty"`
	PromptFeedback *geminiFeedback   `json:"promptFeedback,omitempty"`
	UsageMetadata  geminiUsage       `json:"usageMetadata"`
	ModelVersion   string            `json:"modelVersion"`
	ResponseID     string            `json:"responseId"`
}

type geminiFeedback struct {
	BlockReason string `json:"blockReason"`
}

type geminiCandidate struct {
	Content       *geminiContent `json:"content,omitempty"`
	FinishReason  string         `json:"finishReason"`
	FinishMessage string         `json:"finishMessage,omitempty"`
	Index         int            `json:"index"`
}

type geminiContent struct {
	Role  string       `json:"role"`
	Parts []geminiPart `json:"parts"`
}

// answer does the work of an accepted call.
func (g *gemini) answer(w http.ResponseWriter, r *http.Request, v *visit, work geminiWork) {
	end := ending(v)
	body := geminiAnswer{ModelVersion: work.model.name, ResponseID: work.id, UsageMetadata: work.asked()}
	if end == inputRefused {
		body.PromptFeedback = &geminiFeedback{BlockReason: "PROHIBITED_CONTENT"}
		v.json(w, http.StatusOK, body)
		return
	}
	v.note(func(c *Call) { c.Accepted, c.Job = true, work.id })
	g.opts.Log.Info("image accepted", "provider", g.name(), "model", work.model.name, "request", work.id)
	if !g.sleep(r.Context(), g.workTime(v)) || g.loseAnswer(w, r, v) {
		return
	}
	switch end {
	case outputRefused:
		body.Candidates = []geminiCandidate{{FinishReason: "IMAGE_SAFETY", FinishMessage: "Unable to show the generated image. It may violate our policies."}}
		v.json(w, http.StatusOK, body)
		return
	case failed:
		v.refuse(w, g, refusal{why: broken})
		return
	}
	if end == readyEmpty && !work.model.thinks {
		body.Candidates = []geminiCandidate{{FinishReason: "NO_IMAGE", FinishMessage: "Unable to generate an image for this prompt."}}
		v.json(w, http.StatusOK, body)
		return
	}
	place := rand.Text()
	parts, images, err := g.parts(v, work, place, end)
	if err != nil {
		g.opts.Log.Error("picture not made", "provider", g.name(), "request", work.id, "error", err)
		v.refuse(w, g, refusal{why: broken})
		return
	}
	body.Candidates = []geminiCandidate{{Content: &geminiContent{"model", parts}, FinishReason: "STOP"}}
	body.UsageMetadata = work.made(end)
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	g.send(w, r, v, func(w io.Writer) error { return writeInline(w, body, place, images) })
}

// parts are the content: thoughts with a sketch where the model thinks, a text where one was asked for, and the image, which
// an empty end leaves out. Images stand as place until the body is written.
func (g *gemini) parts(v *visit, work geminiWork, place string, end outcome) (parts []geminiPart, images []output, err error) {
	blob := &geminiBlob{MimeType: work.picture.Format.contentType(), Data: place}
	if work.model.thinks {
		sketch := work.picture
		sketch.Seed, sketch.Width, sketch.Height = sketch.Seed+1, sketch.Width/4, sketch.Height/4
		drawn, err := g.studio.make(sketch)
		if err != nil {
			return nil, nil, err
		}
		parts = append(parts, geminiPart{Text: "Trying a first composition.", Thought: true}, geminiPart{InlineData: blob, Thought: true})
		images = append(images, output{bytes: drawn})
	}
	if end != readyEmpty {
		image, err := g.output(v, work.picture)
		if err != nil {
			return nil, nil, err
		}
		parts = append(parts, geminiPart{InlineData: blob, ThoughtSignature: "c2ltdWxhdGVk"})
		images = append(images, image)
	}
	if work.sent.wants("TEXT") {
		parts = append(parts, geminiPart{Text: "Here is your picture."})
	}
	return parts, images, nil
}

// geminiUsage is what the call is billed by.
type geminiUsage struct {
	PromptTokenCount        int            `json:"promptTokenCount"`
	CandidatesTokenCount    int            `json:"candidatesTokenCount,omitempty"`
	ThoughtsTokenCount      int            `json:"thoughtsTokenCount,omitempty"`
	TotalTokenCount         int            `json:"totalTokenCount"`
	CandidatesTokensDetails []geminiTokens `json:"candidatesTokensDetails,omitempty"`
}

type geminiTokens struct {
	Modality   string `json:"modality"`
	TokenCount int    `json:"tokenCount"`
}

// What the simulator counts for an input image and for thoughts.
const (
	geminiInputTokens   = 258
	geminiThoughtTokens = 180
)

// asked is the usage before an image is made: a token for about four letters, and as many for every input image.
func (work geminiWork) asked() geminiUsage {
	tokens := utf8.RuneCountInString(work.sent.prompt())/4 + 1
	for _, p := range work.sent.parts() {
		if p.InlineData != nil {
			tokens += geminiInputTokens
		}
	}
	return geminiUsage{PromptTokenCount: tokens, TotalTokenCount: tokens}
}

func (work geminiWork) made(end outcome) geminiUsage {
	usage := work.asked()
	if work.model.thinks {
		usage.ThoughtsTokenCount = geminiThoughtTokens
	}
	if end != readyEmpty {
		size := work.sent.GenerationConfig.ImageConfig.ImageSize
		if size == "" {
			size = "1K"
		}
		usage.CandidatesTokenCount = work.model.tokens[size]
		usage.CandidatesTokensDetails = []geminiTokens{{"IMAGE", usage.CandidatesTokenCount}}
	}
	usage.TotalTokenCount += usage.CandidatesTokenCount + usage.ThoughtsTokenCount
	return usage
}
