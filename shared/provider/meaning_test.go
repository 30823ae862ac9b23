package provider

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// A status that may come from behind the work must never pass for "not executed": the repeat would be paid twice.
func TestOnlyAListedStatusProvesThatNothingWasExecuted(t *testing.T) {
	t.Parallel()
	for status := 100; status < 600; status++ {
		answer := Answer{Status: status}
		wantCreate, wantRead := Ambiguous, TransientRead
		switch status {
		case 400, 413, 422:
			wantCreate = Rejected
		case 401, 402, 403:
			wantCreate, wantRead = Down, Down
		case 301, 307, 308, 404, 405, 410:
			wantCreate = Down
		case 429:
			wantCreate, wantRead = Throttled, Throttled
		}
		if create, read := answer.OnCreate(), answer.OnRead(); create.Class != wantCreate || read.Class != wantRead || create.Message == "" || read.Message == "" {
			t.Errorf("status %d: %+v on create, %+v on read; want %s and %s, each with a message", status, create, read, wantCreate, wantRead)
		}
	}
}

func TestAMeaningBecomesAnErrorOrTheEndOfAJob(t *testing.T) {
	t.Parallel()
	cause := errors.New("a cause")
	if failure := MeansDown.Error(cause); failure.Class != Down || failure.Message != MeansDown.Message || !errors.Is(failure, cause) {
		t.Errorf("error = %+v", failure)
	}
	if told := MeansFailed.Report("E1"); told.State != Failed || told.Err.Class != JobFailed || !strings.Contains(told.Err.Error(), "E1") {
		t.Errorf("report = %+v", told)
	}
	if told := MeansFailed.Report(""); told.Err.Err != nil {
		t.Errorf("report without a reason = %+v, want no cause", told)
	}
	if refused := Unsent("No masks.", "mask"); refused.Class != Rejected || refused.Message != "No masks." || !strings.Contains(refused.Error(), "not sent: mask") {
		t.Errorf("unsent = %v", refused)
	}
}

func TestTheBaseIsTheDeploymentsThenTheSimulatorsThenTheProviders(t *testing.T) {
	t.Parallel()
	simulator := &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}
	for _, test := range []struct {
		said      string
		simulator *url.URL
		want      string
	}{
		{"https://eu.example.com/", simulator, "https://eu.example.com"},
		{"", simulator, "http://127.0.0.1:8080/sample"},
		{"", nil, "https://api.example.com"},
	} {
		if got := Base(test.said, test.simulator, "sample", "https://api.example.com"); got != test.want {
			t.Errorf("Base(%q, %v) = %s, want %s", test.said, test.simulator, got, test.want)
		}
	}
}

func TestAKeyThatCannotBeHadHasTheClassThatSaysNothingWasSent(t *testing.T) {
	t.Parallel()
	header, err := FixedKey("k").Header(t.Context(), Transient, "Authorization", "Bearer ")
	if err != nil || header.Get("Authorization") != "Bearer k" {
		t.Errorf("header = %v, %v", header, err)
	}
	shut := KeySource(func(context.Context) (string, error) { return "", errors.New("the vault is shut") })
	for _, class := range []Class{Transient, TransientRead} {
		if _, err := shut.Header(t.Context(), class, "X-Key", ""); ClassOf(err) != class || !strings.Contains(err.Error(), "the vault is shut") {
			t.Errorf("error = %v, want class %s", err, class)
		}
	}
}

func TestAProviderWithoutAKeyIsDownUntilSomebodyFillsItIn(t *testing.T) {
	t.Parallel()
	empty := KeySource(func(context.Context) (string, error) { return "", fmt.Errorf("sample: %w", ErrNoKey) })
	for _, class := range []Class{Transient, TransientRead} {
		if _, err := empty.Header(t.Context(), class, "X-Key", ""); ClassOf(err) != Down {
			t.Errorf("error = %v, want class %s", err, Down)
		}
	}
}
