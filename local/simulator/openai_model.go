package simulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// openaiModel says what a model takes beyond the common fields.
type openaiModel struct {
	name       string
	freeSize   bool     // any width and height within limits, not only the three usual ones
	qualities  []string // beyond the usual ones
	complexity bool     // takes the field of this name
}

var openaiModels = []openaiModel{
	{name: "gpt-image-2.6-sunburst", freeSize: true, complexity: true},
	{name: "gpt-image-2.6-flare", freeSize: true, complexity: true},
	{name: "gpt-image-2.5-sunburst", freeSize: true, qualities: []string{"xhigh", "max"}},
	{name: "gpt-image-2.5-sunburst-2026-09-08", freeSize: true, qualities: []string{"xhigh", "max"}},
	{name: "gpt-image-2.5-flare", freeSize: true, qualities: []string{"xhigh", "max"}},
	{name: "gpt-image-2.5-flare-2026-09-08", freeSize: true, qualities: []string{"xhigh", "max"}},
	{name: "gpt-image-2", freeSize: true},
	{name: "gpt-image-2-2026-04-21", freeSize: true},
	{name: "gpt-image-1.5"},
	{name: "gpt-image-1-mini"},
	{name: "chatgpt-image-latest"},
}

// picture checks what depends on the model and says what to draw, and in which quality.
func (m openaiModel) picture(sent values) (picture, string, *problem) {
	wrong := func(field string, r rule, message string) (picture, string, *problem) {
		return picture{}, "", &problem{field, r, text, message}
	}
	pic := picture{
		Provider: "openai", Model: m.name, Format: format(sent.text("output_format", "png")),
		Quality:     max(1, int(sent.whole("output_compression", 100))),
		Transparent: sent.text("background", "auto") == "transparent",
	}
	if sent.has("complexity") && !m.complexity {
		return wrong("complexity", ruleUnknown, fmt.Sprintf("Unknown parameter: 'complexity' for model '%s'.", m.name))
	}
	if pic.Format == formatPNG && sent.whole("output_compression", 100) != 100 {
		return wrong("output_compression", ruleValue, "compression is supported for the jpeg and webp output formats only")
	}
	if pic.Transparent && pic.Format == formatJPEG {
		return wrong("background", ruleValue, "transparent backgrounds need the png or webp output format")
	}
	qualities := append([]string{"low", "medium", "high", "auto"}, m.qualities...)
	quality := sent.text("quality", "auto")
	if !slices.Contains(qualities, quality) {
		return wrong("quality", ruleWord, "Input should be '"+strings.Join(qualities, "', '")+"'")
	}
	if quality == "auto" {
		quality = "medium"
	}
	var err error
	if pic.Width, pic.Height, err = m.size(sent.text("size", "auto")); err != nil {
		return wrong("size", ruleValue, err.Error())
	}
	return pic, quality, nil
}

// size reads auto or <width>x<height>.
func (m openaiModel) size(asked string) (width, height int, err error) {
	if asked == "auto" {
		asked = "1024x1024"
	}
	usual := []string{"1024x1024", "1536x1024", "1024x1536"}
	if n, _ := fmt.Sscanf(asked, "%dx%d", &width, &height); n != 2 || fmt.Sprintf("%dx%d", width, height) != asked {
		return 0, 0, fmt.Errorf("should be auto, %s or <width>x<height>", strings.Join(usual, ", "))
	}
	switch {
	case slices.Contains(usual, asked):
		return width, height, nil
	case !m.freeSize:
		return 0, 0, fmt.Errorf("should be auto, %s for this model", strings.Join(usual, ", "))
	case width < 16 || height < 16 || width%16 != 0 || height%16 != 0:
		return 0, 0, errors.New("both sides should be multiples of 16")
	case max(width, height) > 3840:
		return 0, 0, errors.New("the longer side should be at most 3840")
	case max(width, height) > 3*min(width, height):
		return 0, 0, errors.New("the ratio should be between 1:3 and 3:1")
	case width*height < 655_360 || width*height > 8_294_400:
		return 0, 0, errors.New("should have 655,360 to 8,294,400 pixels")
	}
	return width, height, nil
}
