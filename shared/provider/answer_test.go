package provider

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRetryAfterInEveryForm(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		seconds, ms string
		want        time.Duration
	}{
		{"", "", 0},
		{"7", "", 7 * time.Second},
		{"1.5", "", 1500 * time.Millisecond},
		{"", "250", 250 * time.Millisecond},
		{"7", "250", 250 * time.Millisecond},
		{"Wed, 25 Nov 2026 12:01:00 GMT", "", time.Minute},
		{"Wed, 25 Nov 2026 11:00:00 GMT", "", 0},
		{"86400", "", time.Hour},
		{"1e308", "", time.Hour},
		{"Inf", "", time.Hour},
		{"NaN", "", 0},
		{"-5", "", 0},
		{"soon", "", 0},
	} {
		header := http.Header{}
		header.Set("Retry-After", test.seconds)
		header.Set("Retry-After-Ms", test.ms)
		if got := retryAfter(header, now); got != test.want {
			t.Errorf("Retry-After %q, -Ms %q: %v, want %v", test.seconds, test.ms, got, test.want)
		}
	}
}

func TestCodeWordLetsNoFreeTextThrough(t *testing.T) {
	for code, want := range map[string]string{
		"moderation_blocked": "moderation_blocked", "req_1-a.B": "req_1-a.B", "": "",
		"a red fox": "", "a\nlevel=ERROR": "", "prompt:fox": "", "füchse": "", strings.Repeat("x", 65): "",
	} {
		if got := CodeWord(code); got != want {
			t.Errorf("CodeWord(%q) = %q, want %q", code, got, want)
		}
	}
}

func TestDecodeErrorQuotesNothing(t *testing.T) {
	for _, body := range []string{`{"id":"SECRET"}`, `SECRET`, `{"SECRET`, ``} {
		var into struct{ ID int }
		if err := (Answer{Status: 200, Body: []byte(body)}).Decode(&into); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: error = %v, want one without the body", body, err)
		}
	}
}

func TestReadObjectTakesOneObjectWithEveryNameOnce(t *testing.T) {
	fields, err := ReadObject([]byte(` {"id":"a","ID":"b","n":{"id":"c"}} `))
	if err != nil || TextField(fields, "id") != "a" || TextField(fields, "ID") != "b" || TextField(fields, "n") != "" || TextField(fields, "no") != "" {
		t.Errorf("fields = %s, %v", fields, err)
	}
	for _, body := range []string{
		``, `null`, `[]`, `"x"`, `{"id":"a","id":"b"}`, `{"id":"a"}{}`, `{"id":"a"} x`, `{"id":`, `{"id":"a"`, `{id:1}`, `{"a":1,}`, `{"a":01}`,
		`{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`,
	} {
		if fields, err := ReadObject([]byte(body)); err == nil {
			t.Errorf("%.40s: %s, want an error", body, fields)
		}
	}
}
