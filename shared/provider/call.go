package provider

import (
	"log/slog"
	"math"
	"strconv"
	"strings"
)

// The modes of a Call.
const (
	Text      = "text"      // an image from the prompt alone
	Edit      = "edit"      // a changed source image
	Reference = "reference" // a new image after one or more others
)

// Call is one attempt, in words that every provider can translate.
type Call struct {
	Model   string // the provider's own model id
	Mode    string // Text, Edit or Reference
	Prompt  string
	Params  Params
	Inputs  []Input
	Marker  string   // names the attempt in the provider's records, where it has a place for one
	Webhook *Webhook // nil: none
	EndUser string   // a stable pseudonym of the account, for providers that ask for one
}

// LogValue leaves out the prompt, the inputs and the webhook's secret.
func (c Call) LogValue() slog.Value {
	return slog.GroupValue(slog.String("model", c.Model), slog.String("mode", c.Mode))
}

// String is for prints that slip into a log: it leaves out what LogValue leaves out.
func (c Call) String() string { return c.Mode + " call of " + c.Model }

// Params are the settings of an image. The zero value of each means that the provider chooses.
type Params struct {
	Width, Height int // pixels
	AspectRatio   string
	Seed          *int64
	Quality       string // "low", "medium", "high" …; "standard" where a model has only one
	OutputFormat  string // "png", "jpeg", "webp"
	Background    string // "auto", "opaque", "transparent"
}

// The size that an aspect ratio alone stands for: about one megapixel, sides in steps that every provider takes.
const (
	ratioPixels = 1 << 20
	ratioStep   = 16
	ratioMost   = 4 // 4:1 and 1:4 are the longest shapes
)

// Size is the width and height in pixels: as given, or else made from the aspect ratio ("16:9") at about one megapixel. Both
// are 0 when neither is given. It is false when what is given is not a size.
func (p Params) Size() (width, height int, ok bool) {
	switch {
	case p.Width > 0 && p.Height > 0:
		return p.Width, p.Height, true
	case p.Width != 0 || p.Height != 0:
		return 0, 0, false
	case p.AspectRatio == "":
		return 0, 0, true
	}
	left, right, _ := strings.Cut(p.AspectRatio, ":")
	across, errAcross := strconv.ParseUint(left, 10, 16)
	down, errDown := strconv.ParseUint(right, 10, 16)
	if errAcross != nil || errDown != nil || across == 0 || down == 0 || across > ratioMost*down || down > ratioMost*across {
		return 0, 0, false
	}
	ratio := float64(across) / float64(down)
	step := func(side float64) int { return int(math.Round(side/ratioStep)) * ratioStep }
	return step(math.Sqrt(ratioPixels * ratio)), step(math.Sqrt(ratioPixels / ratio)), true
}

// Webhook is where a provider may announce the end of a job. The secret proves that it was the provider.
type Webhook struct {
	URL    string
	Secret string
}

// LogValue hides the secret, and the token in the address.
func (w Webhook) LogValue() slog.Value { return slog.StringValue(w.String()) }

// String hides what LogValue hides.
func (Webhook) String() string { return "webhook" }
