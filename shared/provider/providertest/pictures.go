package providertest

import (
	"net/http"
	"strings"
	"testing"
)

// testPictures checks what becomes of the bytes of an image, in an answer or behind a link. The picture is judged before it is
// stored, once for all providers. What no driver may do is to lose paid work over it, or to name a type that a browser runs.
func testPictures(t *testing.T, subject Subject) {
	otherThan := map[string]string{"png": "image/jpeg", "jpeg": "image/png"}
	for _, test := range []struct{ rule, faults, is string }{
		{"CutPictureIsPassedOn", "truncate", "image/"},
		{"PictureOfAbsurdSizeIsPassedOn", "bomb", "image/png"},
		{"PageInPlaceOfAPictureIsNotCalledHTML", "wrong_type", "text/html"},
		{"PictureOfAnotherTypeThanStatedIsPassedOn", "lie_type", otherThan[subject.Call.Params.OutputFormat]},
		{"PictureOfManyMegabytesIsRead", "oversize=8", "image/"},
		{"SlowPictureIsWaitedFor", "delay=30 slow_body=30", "image/"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			b := newBench(t, subject, rightKey)
			out := b.image(test.faults)
			kind := http.DetectContentType(out.Data)
			if !strings.HasPrefix(kind, test.is) {
				t.Errorf("%d bytes of %s, want %s as ordered", len(out.Data), kind, test.is)
			}
			if strings.HasPrefix(out.ContentType, "text/") || strings.HasSuffix(out.ContentType, "xml") {
				t.Errorf("content type = %s, want none that a browser runs", out.ContentType)
			}
			// Of a link only the provider's word is known yet.
			if !subject.Jobs && strings.HasPrefix(kind, "image/") && out.ContentType != kind {
				t.Errorf("content type = %s, want %s as the bytes say", out.ContentType, kind)
			}
		})
	}
}
