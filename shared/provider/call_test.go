package provider

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSizeIsGivenOrMadeFromTheRatio(t *testing.T) {
	for _, test := range []struct {
		params        Params
		width, height int
		ok            bool
	}{
		{Params{}, 0, 0, true},
		{Params{Width: 640, Height: 480}, 640, 480, true},
		{Params{Width: 640, Height: 480, AspectRatio: "1:1"}, 640, 480, true},
		{Params{AspectRatio: "1:1"}, 1024, 1024, true},
		{Params{AspectRatio: "16:9"}, 1360, 768, true},
		{Params{AspectRatio: "9:16"}, 768, 1360, true},
		{Params{AspectRatio: "4:1"}, 2048, 512, true},
		{Params{Width: 640}, 0, 0, false},
		{Params{Width: -1, Height: -1}, 0, 0, false},
		{Params{AspectRatio: "5:1"}, 0, 0, false},
		{Params{AspectRatio: "0:1"}, 0, 0, false},
		{Params{AspectRatio: "1:0"}, 0, 0, false},
		{Params{AspectRatio: "16"}, 0, 0, false},
		{Params{AspectRatio: "16:9:1"}, 0, 0, false},
		{Params{AspectRatio: "99999:99999"}, 0, 0, false},
		{Params{AspectRatio: "square"}, 0, 0, false},
	} {
		width, height, ok := test.params.Size()
		if width != test.width || height != test.height || ok != test.ok {
			t.Errorf("%+v: %dx%d, %t; want %dx%d, %t", test.params, width, height, ok, test.width, test.height, test.ok)
		}
	}
}

func TestCallInALogHidesWhatIsPrivate(t *testing.T) {
	call := Call{Model: "m", Prompt: "SECRET", Webhook: &Webhook{URL: "https://SECRET", Secret: "SECRET"}}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("call", "call", call, "webhook", *call.Webhook)
	fmt.Fprint(&out, call, &call, *call.Webhook, call.Webhook)
	if strings.Contains(out.String(), "SECRET") || !strings.Contains(out.String(), "call.model=m") {
		t.Errorf("logged %s", &out)
	}
}
