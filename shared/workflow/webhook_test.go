package workflow_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"darkroom/shared/credit"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/workflow"
	"darkroom/shared/workflow/simtest"
)

// untouchable is a store that must not be called.
type untouchable struct{ workflow.Store }

// sealed makes a receiver whose every call of anything is a crash.
func sealed(w *simtest.World) *workflow.Receiver {
	e := *w.Engine
	e.Store, e.Hints = untouchable{}, nil
	return &workflow.Receiver{Engine: &e, Providers: w.Receiver.Providers, Tokens: w.Receiver.Tokens}
}

func TestADeliveryThatIsNotProvenCausesNoCallOfAnything(t *testing.T) {
	t.Parallel()
	w, made, call := running(t)
	r := sealed(w)
	other := simtest.Tokens()
	other.Stage = "production"
	token := workflow.Token{Account: made.Account, Task: made.ID, Attempt: 1}
	signed, body := simtest.Delivery(call.Webhook.Secret, "succeeded", "job-1", simtest.Link("1"))
	forged, _ := simtest.Delivery("guess", "succeeded")
	second := simtest.Tokens().New("bfl", workflow.Token{Account: made.Account, Task: made.ID, Attempt: 2})
	for name, c := range map[string]struct {
		provider, token string
		header          http.Header
	}{
		"UnknownProvider":     {"nobody", call.Marker, signed},
		"AnotherProvider":     {"openai", call.Marker, signed},
		"NoToken":             {"bfl", "", signed},
		"ChangedToken":        {"bfl", strings.Replace(call.Marker, ".1.", ".2.", 1), signed},
		"TokenOfAnotherStage": {"bfl", other.New("bfl", token), signed},
		"WrongSignature":      {"bfl", call.Marker, forged},
		"NoSignature":         {"bfl", call.Marker, http.Header{}},
		"SecretOfAnother":     {"bfl", second, signed},
		"HugeToken":           {"bfl", strings.Repeat("a.", 1<<16), signed},
	} {
		t.Run(name, func(t *testing.T) {
			if err := r.Receive(ctx, c.provider, c.token, c.header, body); !errors.Is(err, workflow.ErrNotProven) {
				t.Errorf("got %v, want %v", err, workflow.ErrNotProven)
			}
		})
	}
}

func TestAnUnsignedDeliveryIsOnlyAHintToAsk(t *testing.T) {
	t.Parallel()
	w, made, call := running(t)
	header, body := simtest.Delivery("", "succeeded", "job-1", simtest.Link("forged"))
	before := w.Dump()
	if err := w.Receiver.Receive(ctx, "bfl", call.Marker, header, body); err != nil {
		t.Fatal(err)
	}
	if after := w.Dump(); after != before {
		t.Errorf("it changed\n%s\nto\n%s", before, after)
	}
	if sent := w.Queue.Take(); len(sent) != 1 || sent[0].Queue != task.PollQueue || sent[0].Task != made.ID {
		t.Errorf("sent %+v, want one hint to ask", sent)
	}
}

func TestADeliveryThatIsNotUnderstoodIsAHintToAsk(t *testing.T) {
	t.Parallel()
	w, _, call := running(t)
	header, body := simtest.Delivery(call.Webhook.Secret, "?")
	if err := w.Receiver.Receive(ctx, "bfl", call.Marker, header, body); err != nil {
		t.Fatal(err)
	}
	if sent := w.Queue.Take(); len(sent) != 1 || sent[0].Queue != task.PollQueue {
		t.Errorf("sent %+v, want one hint to ask", sent)
	}
}

func TestADeliveryAboutAnotherJobChangesNothing(t *testing.T) {
	t.Parallel()
	w, _, call := running(t)
	before := w.Dump()
	if err := w.Deliver(call, "succeeded", "somebody-elses", simtest.Link("1")); err != nil {
		t.Fatal(err)
	}
	if after := w.Dump(); after != before {
		t.Errorf("it changed\n%s\nto\n%s", before, after)
	}
}

func TestADeliveryIsAcknowledgedOnlyWhenItsEffectIsDurable(t *testing.T) {
	t.Parallel()
	w, made, call := running(t)
	w.Store.FailBefore("T5")
	if err := w.Deliver(call, "succeeded", "job-1", simtest.Link("1")); err == nil {
		t.Error("a delivery was acknowledged although its effect was not written: the provider would not repeat it")
	}
	if err := w.Deliver(call, "succeeded", "job-1", simtest.Link("1")); err != nil {
		t.Errorf("the repeat: %v", err)
	}
	if got := until(t, w, made); got.State != task.Completed {
		t.Errorf("it is %s", got.State)
	}
	w.Queue.Break(errBroken)
	header, body := simtest.Delivery("", "succeeded", "job-1", simtest.Link("1"))
	if err := w.Receiver.Receive(ctx, "bfl", call.Marker, header, body); err == nil {
		t.Error("a hint that was not sent was acknowledged")
	}
}

func TestADeliveryAboutATaskThatIsNotThereIsAcknowledged(t *testing.T) {
	t.Parallel()
	w := simtest.NewWorld()
	marker := simtest.Tokens().New("bfl", workflow.Token{Account: simtest.Alice, Task: "tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC", Attempt: 1})
	call := provider.Call{Marker: marker, Webhook: &provider.Webhook{Secret: simtest.Tokens().Secret("bfl", marker)}}
	if err := w.Deliver(call, "succeeded", "job-1", simtest.Link("1")); err != nil {
		t.Error(err)
	}
	if rows := w.Store.All(); len(rows) != 0 {
		t.Errorf("it wrote %v", rows)
	}
}

// genToken makes any token there can be.
func genToken() *rapid.Generator[workflow.Token] {
	return rapid.Custom(func(t *rapid.T) workflow.Token {
		return workflow.Token{Account: credit.AccountID(rapid.String().Draw(t, "issuer"), rapid.String().Draw(t, "subject")),
			Task: task.NewID(rapid.StringMatching(`[0-7][0-9A-HJKMNP-TV-Z]{25}`).Draw(t, "ulid")), Attempt: rapid.IntRange(1, 20).Draw(t, "attempt")}
	})
}

func TestATokenIsReadBackByItsOwnProviderAndStageOnly(t *testing.T) {
	t.Parallel()
	keys := simtest.Tokens()
	other := simtest.Tokens()
	other.Stage = "other"
	rapid.Check(t, func(t *rapid.T) {
		want := genToken().Draw(t, "token")
		text := keys.New("bfl", want)
		if got, err := keys.Read("bfl", text); err != nil || got != want {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
		if got, err := keys.Read("fal", text); err == nil {
			t.Fatalf("another provider's token is read as %+v", got)
		}
		if got, err := other.Read("bfl", text); err == nil {
			t.Fatalf("another stage's token is read as %+v", got)
		}
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		changed := text[:at] + string(rune(rapid.IntRange(33, 126).Draw(t, "letter"))) + text[at+1:]
		if got, err := keys.Read("bfl", changed); changed != text && err == nil {
			t.Fatalf("%s with letter %d changed is read as %+v", text, at, got)
		}
	})
}

func TestOldTokensAreReadWhileTheirKeyIsKept(t *testing.T) {
	t.Parallel()
	current := workflow.TokenKeys{Current: "k1", Keys: map[string][]byte{"k1": []byte("0123456789abcdef"), "short": []byte("short")}}
	keys := workflow.Tokens{Stage: "test", Keys: func() workflow.TokenKeys { return current }}
	token := workflow.Token{Account: simtest.Alice, Task: "tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC", Attempt: 1}
	old := keys.New("bfl", token)
	secret := keys.Secret("bfl", old)
	current.Current, current.Keys["k2"] = "k2", []byte("fedcba9876543210")
	if got, err := keys.Read("bfl", old); err != nil || got != token || keys.Secret("bfl", old) != secret {
		t.Errorf("after the change of keys: got %+v, %v", got, err)
	}
	if fresh := keys.New("bfl", token); !strings.HasPrefix(fresh, "k2.") {
		t.Errorf("a new token is made with another key: %s", fresh)
	}
	delete(current.Keys, "k1")
	if _, err := keys.Read("bfl", old); err == nil {
		t.Error("a token of a key that is gone is read")
	}
	current.Current = "short"
	if _, err := keys.Read("bfl", keys.New("bfl", token)); err == nil {
		t.Error("a key of five bytes proves something")
	}
}

func FuzzToken(f *testing.F) {
	keys := simtest.Tokens()
	good := keys.New("bfl", workflow.Token{Account: simtest.Alice, Task: "tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC", Attempt: 1})
	for _, text := range []string{good, "", "....", "k1.a.b.1.c", strings.Replace(good, "k1", "k2", 1), good + "=", good + "."} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := keys.Read("bfl", text)
		if err == nil && keys.New("bfl", got) != text {
			t.Errorf("%q is read as %+v, which has another token: it was not made here", text, got)
		}
	})
}

func TestACursorBelongsToItsAccountAndList(t *testing.T) {
	t.Parallel()
	c := workflow.Cursors{Key: []byte("0123456789abcdef")}
	rapid.Check(t, func(t *rapid.T) {
		position := rapid.StringN(1, 60, 60).Draw(t, "position")
		text := c.Seal(simtest.Alice, "tasks", position)
		if got, err := c.Open(simtest.Alice, "tasks", text); err != nil || got != position {
			t.Fatalf("got %q, %v, want %q", got, err, position)
		}
		for _, where := range [][2]string{{simtest.Bob, "tasks"}, {simtest.Alice, "entries"}} {
			if got, err := c.Open(where[0], where[1], text); err == nil {
				t.Fatalf("opened as %q for %v", got, where)
			}
		}
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		changed := text[:at] + string(rune(rapid.IntRange(33, 126).Draw(t, "letter"))) + text[at+1:]
		if got, err := c.Open(simtest.Alice, "tasks", changed); changed != text && err == nil {
			t.Fatalf("%s with letter %d changed opens as %q", text, at, got)
		}
	})
	if got, err := c.Open(simtest.Alice, "tasks", ""); err != nil || got != "" {
		t.Errorf("no cursor is the beginning: got %q, %v", got, err)
	}
}

func FuzzCursor(f *testing.F) {
	c := workflow.Cursors{Key: []byte("0123456789abcdef")}
	for _, text := range []string{c.Seal(simtest.Alice, "tasks", "x"), "", "AAAA", strings.Repeat("A", 300), "====", "\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		position, err := c.Open(simtest.Alice, "tasks", text)
		if err == nil && text != "" && c.Seal(simtest.Alice, "tasks", position) != text {
			t.Errorf("%q opens as %q, which has another cursor", text, position)
		}
	})
}

var noFilter workflow.ListFilter
