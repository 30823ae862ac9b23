package simulator

import (
	"crypto/rand"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"unicode/utf8"
)

// answer does the work of an accepted call.
func (o *openai) answer(w http.ResponseWriter, r *http.Request, v *visit, sent values, pic picture, quality, request string, inputTokens int) {
	end := ending(v)
	if end == inputRefused {
		v.json(w, http.StatusBadRequest, openaiBlocked("input"))
		return
	}
	v.note(func(c *Call) { c.Accepted, c.Job = true, request })
	o.opts.Log.Info("image accepted", "provider", o.name(), "model", pic.Model, "request", request)
	if !o.sleep(r.Context(), o.workTime(v)) || o.loseAnswer(w, r, v) {
		return
	}
	switch end {
	case outputRefused:
		v.json(w, http.StatusBadRequest, openaiBlocked("output"))
		return
	case failed:
		v.refuse(w, o, refusal{why: broken})
		return
	}

	var images []output
	if end == ready {
		for range sent.whole("n", 1) {
			pic.Seed = randomSeed()
			image, err := o.output(v, pic)
			if err != nil {
				o.opts.Log.Error("picture not made", "provider", o.name(), "request", request, "error", err)
				v.refuse(w, o, refusal{why: broken})
				return
			}
			images = append(images, image)
		}
	}
	made := openaiImages{
		Created: o.opts.Now().Unix(), Background: "opaque", Format: string(pic.Format), Quality: quality,
		Size: fmt.Sprintf("%dx%d", pic.Width, pic.Height), SafetyIdentifier: sent.text("safety_identifier", ""),
		Usage: openaiTokens(sent.text("prompt", ""), pic.Width, pic.Height, quality, len(images)),
	}
	made.Usage.addInputs(inputTokens)
	if pic.Transparent {
		made.Background = "transparent"
	}
	place := rand.Text()
	made.Data = slices.Repeat([]openaiData{{B64JSON: place}}, len(images))
	w.Header().Set("Content-Type", "application/json")
	o.send(w, r, v, func(w io.Writer) error { return writeInline(w, made, place, images) })
}

// openaiBlocked is the refusal by the safety system, of the prompt ("input") or of the picture ("output").
func openaiBlocked(stage string) openaiFailure {
	message := fmt.Sprintf("Your request was rejected by the safety system. If you believe this is an error, contact us and include the request ID. safety_violations=[violence], stage=%s.", stage)
	return openaiError(message, "image_generation_user_error", "", "moderation_blocked")
}

// openaiImages is the body of a success. Images stand as a place until it is written.
type openaiImages struct {
	Created          int64        `json:"created"`
	Background       string       `json:"background"`
	Data             []openaiData `json:"data"`
	Format           string       `json:"output_format"`
	Quality          string       `json:"quality"`
	Size             string       `json:"size"`
	SafetyIdentifier string       `json:"safety_identifier,omitempty"`
	Usage            openaiUsage  `json:"usage"`
}

type openaiData struct {
	B64JSON string `json:"b64_json"`
}

// openaiUsage is what the call is billed by.
type openaiUsage struct {
	InputTokens        int           `json:"input_tokens"`
	OutputTokens       int           `json:"output_tokens"`
	TotalTokens        int           `json:"total_tokens"`
	InputTokensDetails openaiDetails `json:"input_tokens_details"`
	OutputTokenDetails openaiDetails `json:"output_tokens_details"`
}

type openaiDetails struct {
	TextTokens  int `json:"text_tokens"`
	ImageTokens int `json:"image_tokens"`
}

// openaiEdges are the lengths of the longer edge, in latent units, that a quality is drawn with. Those above high are the
// simulator's own; the vendor publishes none.
var openaiEdges = map[string]float64{"low": 16, "medium": 48, "high": 96, "xhigh": 112, "max": 128}

// openaiTokens follows the vendor's published costs: 196, 1,756 and 7,024 output tokens for 1024x1024 in low, medium, high.
func openaiTokens(prompt string, width, height int, quality string, images int) openaiUsage {
	long := openaiEdges[quality]
	short := math.Round(long * float64(min(width, height)) / float64(max(width, height)))
	each := int(math.Ceil(long * short * (2_000_000 + float64(width*height)) / 4_000_000))
	words := utf8.RuneCountInString(prompt)/4 + 1
	return openaiUsage{
		InputTokens: words, OutputTokens: each * images, TotalTokens: words + each*images,
		InputTokensDetails: openaiDetails{TextTokens: words},
		OutputTokenDetails: openaiDetails{ImageTokens: each * images},
	}
}

// addInputs adds the tokens of input images.
func (u *openaiUsage) addInputs(tokens int) {
	u.InputTokens += tokens
	u.TotalTokens += tokens
	u.InputTokensDetails.ImageTokens += tokens
}
