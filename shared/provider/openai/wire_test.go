package openai

import "testing"

func TestContentTypeIsReadFromTheBytes(t *testing.T) {
	for image, want := range map[string]string{
		"\x89PNG\r\n\x1a\n…":           "image/png",
		"\xff\xd8\xff\xe0…":            "image/jpeg",
		"RIFF\x01\x02\x03\x04WEBPVP8 ": "image/webp",
		"RIFF\x01\x02\x03\x04WAVE":     "application/octet-stream",
		"RIFF":                         "application/octet-stream",
		"<!doctype html>":              "application/octet-stream",
		"<svg xmlns=\"\">":             "application/octet-stream",
		"":                             "application/octet-stream",
	} {
		if got := contentType([]byte(image)); got != want {
			t.Errorf("contentType(%q) = %s, want %s", image, got, want)
		}
	}
}
