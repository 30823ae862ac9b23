package provider

import (
	"strings"
	"testing"
)

func TestImagesComeWithTheSourceFirstAndTheMaskApart(t *testing.T) {
	t.Parallel()
	image := func(role, name string) Input {
		return Input{Role: role, ContentType: "image/png", URL: "https://example.com/" + name}
	}
	source, mask := image(SourceImage, "source"), image(MaskImage, "mask")
	one, two := image(ReferenceImage, "one"), image(ReferenceImage, "two")
	for rule, c := range map[string]struct {
		mode   string
		inputs []Input
		want   string // the end of each image's link; empty: refused
	}{
		"text has none":                        {Text, nil, "none"},
		"text with an image is refused":        {Text, []Input{one}, ""},
		"references keep their order":          {Reference, []Input{two, one}, "two one"},
		"a reference without one is refused":   {Reference, nil, ""},
		"a reference with a source is refused": {Reference, []Input{one, source}, ""},
		"a reference with a mask is refused":   {Reference, []Input{one, mask}, ""},
		"an edit has its source first":         {Edit, []Input{one, mask, source}, "source one, mask"},
		"an edit without a source is refused":  {Edit, []Input{one}, ""},
		"an edit of two sources is refused":    {Edit, []Input{source, source}, ""},
		"an edit with two masks is refused":    {Edit, []Input{source, mask, mask}, ""},
		"more images than taken are refused":   {Reference, []Input{one, two, one}, ""},
		"another role is refused":              {Edit, []Input{source, image("depth", "depth")}, ""},
		"another mode is refused":              {"hologram", nil, ""},
		"an image without bytes is refused":    {Reference, []Input{{Role: ReferenceImage, ContentType: "image/png"}}, ""},
		"an image that is two is refused":      {Reference, []Input{{Role: ReferenceImage, ContentType: "image/png", URL: "u", Data: []byte("d")}}, ""},
		"an image of another type is refused":  {Reference, []Input{{Role: ReferenceImage, ContentType: "image/gif", URL: "u"}}, ""},
	} {
		images, mask, err := Call{Mode: c.mode, Inputs: c.inputs}.ImagesInOrder(2, true)
		var names []string
		for _, in := range images {
			names = append(names, strings.TrimPrefix(in.Link(), "https://example.com/"))
		}
		got := strings.Join(names, " ")
		switch {
		case err != nil && ClassOf(err) != Rejected:
			t.Errorf("%s: %v, want class %s", rule, err, Rejected)
		case err == nil && len(images) == 0:
			got = "none"
		case mask != nil:
			got += ", mask"
		}
		if got != c.want {
			t.Errorf("%s: got %q, %v; want %q", rule, got, err, c.want)
		}
	}
	if _, _, err := (Call{Mode: Edit, Inputs: []Input{source, mask}}).ImagesInOrder(2, false); ClassOf(err) != Rejected {
		t.Errorf("a mask for a model that takes none: %v, want class %s", err, Rejected)
	}
}

func TestALinkIsTheImagesOwnOrHoldsItsBytes(t *testing.T) {
	t.Parallel()
	if got := (Input{ContentType: "image/png", URL: "https://example.com/a"}).Link(); got != "https://example.com/a" {
		t.Errorf("a link: %s", got)
	}
	if got := (Input{ContentType: "image/png", Data: []byte("abc")}).Link(); got != "data:image/png;base64,YWJj" {
		t.Errorf("bytes: %s", got)
	}
}

func TestAPageInPlaceOfAnImageIsNotCalledOne(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]string{
		"\x89PNG\r\n\x1a\n…":           "image/png",
		"\xff\xd8\xff\xe0…":            "image/jpeg",
		"RIFF\x01\x02\x03\x04WEBPVP8 ": "image/webp",
		"RIFF\x01\x02\x03\x04WAVEfmt ": "application/octet-stream",
		"RIFF":                         "application/octet-stream",
		"<!doctype html>":              "application/octet-stream",
		"<svg xmlns=\"\">":             "application/octet-stream",
		"":                             "application/octet-stream",
	} {
		if got := ImageType([]byte(image)); got != want {
			t.Errorf("ImageType(%q) = %s, want %s", image, got, want)
		}
	}
}
