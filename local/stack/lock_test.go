package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOneFolderHoldsOneStack(t *testing.T) {
	folder := filepath.Join(t.TempDir(), ".local")
	release, err := takeLock(folder)
	if err != nil {
		t.Fatal(err)
	}
	_, err = takeLock(folder)
	if want := fmt.Sprintf("kill %d", os.Getpid()); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), folder) {
		t.Errorf("a second stack got %v, want an error that names %s and says %q", err, folder, want)
	}
	if other, err := takeLock(filepath.Join(t.TempDir(), ".local")); err != nil {
		t.Errorf("another folder is locked too: %v", err)
	} else {
		other()
	}
	release()
	again, err := takeLock(folder)
	if err != nil {
		t.Fatalf("the lock stays after its release: %v", err)
	}
	again()
}
