package secretstore

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// fixed is a secret whose store answers what a test says.
func fixed(value string) (s *Secret, reads *int, fail *error, clock *time.Time) {
	reads, fail, clock = new(int), new(error), new(time.Time)
	*clock = time.Unix(1_800_000_000, 0)
	s = &Secret{name: "arn:x", now: func() time.Time { return *clock }, read: func(context.Context, string) (string, error) {
		*reads++
		return value, *fail
	}}
	return s, reads, fail, clock
}

func TestASecretIsReadOnceAndAgainByAge(t *testing.T) {
	t.Parallel()
	s, reads, _, clock := fixed("v")
	for range 100 {
		if value, err := s.Value(t.Context()); value != "v" || err != nil {
			t.Fatal(value, err)
		}
	}
	if *reads != 1 {
		t.Errorf("%d reads within five minutes, want 1", *reads)
	}
	*clock = clock.Add(maxAge)
	s.Value(t.Context()) //nolint:errcheck // only the number of reads matters
	if *reads != 2 {
		t.Errorf("%d reads after five minutes, want 2", *reads)
	}
}

func TestAValueOutlivesAStoreThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	s, reads, fail, clock := fixed("v")
	if _, err := s.Value(t.Context()); err != nil {
		t.Fatal(err)
	}
	*fail = errors.New("down")
	*clock = clock.Add(maxAge)
	for range 10 {
		if value, err := s.Value(t.Context()); value != "v" || err != nil {
			t.Errorf("%q, %v; want the old value", value, err)
		}
	}
	if *reads != 2 {
		t.Errorf("%d reads; a store that is down is not asked at every call", *reads)
	}
}

func TestTheFirstReadMustSucceed(t *testing.T) {
	t.Parallel()
	s, _, fail, _ := fixed("")
	*fail = errors.New("denied")
	if _, err := s.Value(t.Context()); err == nil {
		t.Error("no error")
	}
}

func TestKeysAreReadAndBadOnesNamedWithoutTheirContent(t *testing.T) {
	t.Parallel()
	good, _, _, _ := fixed(`{"current":"k2","k1":"` + strings.Repeat("a", 44) + `","k2":"` + strings.Repeat("b", 44) + `"}`)
	keys, err := good.WebhookKeys(t.Context())
	if err != nil || keys.Current != "k2" || len(keys.Keys) != 2 {
		t.Errorf("%+v, %v", keys, err)
	}
	for _, value := range []string{"", "not JSON hunter2", `{"current":"k1"}`, `{"current":"k1","k1":"hunter2"}`, `{"k1":"` + strings.Repeat("a", 44) + `"}`, `[]`} {
		bad, _, _, _ := fixed(value)
		if _, err := bad.WebhookKeys(t.Context()); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v; want an error without the content", value, err)
		}
	}
	providers, _, _, _ := fixed(`{"bfl":"x"}`)
	if keys, err := providers.ProviderKeys(t.Context()); err != nil || keys["bfl"] != "x" {
		t.Errorf("%v, %v", keys, err)
	}
}
