package stack

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestClientsReadWhatTheStackWroteAndNobodyElseCan(t *testing.T) {
	root := t.TempDir()
	t.Setenv(InfoVariable, "")
	if _, err := Load(root); !errors.Is(err, ErrNotRunning) {
		t.Fatalf("before the start: got %v, want ErrNotRunning", err)
	}
	want := &Info{APIURL: "http://127.0.0.1:1", Users: newUsers(), Outputs: map[string]string{"BucketName": "b"}}
	path := foldersIn(root).infoPath()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := want.write(path); err != nil {
		t.Fatal(err)
	}
	if file, err := os.Stat(path); err != nil || file.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v, want 0600: the file holds passwords", file.Mode(), err)
	}
	if got, err := Load(root); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	t.Setenv(InfoVariable, path)
	if got, err := Load(t.TempDir()); err != nil || got.APIURL != want.APIURL {
		t.Errorf("by the variable: got %+v, %v, want the same", got, err)
	}
}

func TestUsersAreFoundByTheirAddress(t *testing.T) {
	info := &Info{Users: newUsers()}
	for _, user := range info.Users {
		if got, err := info.User(user.Email); err != nil || got != user {
			t.Errorf("%s: got %+v, %v", user.Email, got, err)
		}
	}
	if _, err := info.User("dave@example.com"); err == nil || !strings.Contains(err.Error(), "carol@example.com") {
		t.Errorf("an unknown user: got %v, want an error that lists the known ones", err)
	}
}

func TestPasswordsAreNewAndHaveEveryKindOfCharacter(t *testing.T) {
	first, second := newPassword(), newPassword()
	if first == second {
		t.Errorf("got %q twice", first)
	}
	for _, kind := range []string{"abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "-"} {
		if !strings.ContainsAny(first, kind) {
			t.Errorf("%q has none of %s", first, kind)
		}
	}
	if len(first) < 12 {
		t.Errorf("%q is shorter than the pool's policy wants", first)
	}
}
