package gemini

import (
	"encoding/json"
	"testing"

	"darkroom/shared/provider"
)

// The image is there in every case: how the work ended counts first.
func TestEveryFinishReason(t *testing.T) {
	for reason, want := range map[string]provider.Class{
		"SAFETY": provider.Moderated, "IMAGE_SAFETY": provider.Moderated, "PROHIBITED_CONTENT": provider.Moderated,
		"IMAGE_PROHIBITED_CONTENT": provider.Moderated, "BLOCKLIST": provider.Moderated, "SPII": provider.Moderated,
		"RECITATION": provider.Moderated, "IMAGE_RECITATION": provider.Moderated, "LANGUAGE": provider.Moderated,
		"NO_IMAGE": provider.JobFailed, "IMAGE_OTHER": provider.JobFailed, "OTHER": provider.JobFailed, "MAX_TOKENS": provider.JobFailed,
		"MALFORMED_FUNCTION_CALL": provider.JobFailed, "CONTINUATION": provider.JobFailed,
		"STOP": "", "FINISH_REASON_UNSPECIFIED": "", "SOMETHING_NEW": "", "": "",
	} {
		var made generated
		made.Candidates = append(made.Candidates, struct {
			Content      content `json:"content"`
			FinishReason string  `json:"finishReason"`
		}{content{Parts: []part{{InlineData: &blob{"image/png", []byte("an image")}}}}, reason})
		body, err := json.Marshal(made)
		if err != nil {
			t.Fatal(err)
		}
		image, _, err := read(provider.Answer{Status: 200, Body: body}, "gemini-3-pro-image")
		if got := provider.ClassOf(err); got != want || (string(image) == "an image") != (want == "") {
			t.Errorf("%q: class %q with %q (%v), want %q", reason, got, image, err, want)
		}
	}
}
