package simulator

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
)

func TestADeliveredBodyKeepsItsTypeAndIsNotInflated(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	packed := []byte("\x1f\x8b, and no gzip after that")
	if err := r.PutBody(t.Context(), "packed", Body{ContentType: "image/gif", Encoding: "gzip", Bytes: packed}); err != nil {
		t.Fatal(err)
	}
	_, link := r.sampleOf(small(prompt("packed", "deliver=packed")))
	asIs := func(request *http.Request) { request.Header.Set("Accept-Encoding", "identity") } // or the client would inflate it
	got := r.do(http.MethodGet, link, nil, asIs)
	if got.header.Get("Content-Type") != "image/gif" || got.header.Get("Content-Encoding") != "gzip" || !bytes.Equal(got.raw, packed) {
		t.Errorf("%s, %s: %q; want image/gif, gzip: %q", got.header.Get("Content-Type"), got.header.Get("Content-Encoding"), got.raw, packed)
	}
}

func TestABodyThatWasTakenAwayOrNeverPutIsAnError(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if err := r.PutBody(t.Context(), "gone", Body{Bytes: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	if err := r.RemoveBody(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"gone", "never"} {
		_, link := r.sampleOf(small(prompt(name, "deliver="+name)))
		if got := r.do(http.MethodGet, link, nil); got.status != http.StatusInternalServerError {
			t.Errorf("%s: %d, want 500", name, got.status)
		}
	}
}

func TestSomeBodiesAreKeptAndNoMore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	put := func(name string) error { return r.PutBody(t.Context(), name, Body{Bytes: []byte(name)}) }
	for i := range maxBodies {
		if err := put(fmt.Sprint("body-", i)); err != nil {
			t.Fatal(err)
		}
	}
	if put("one-more") == nil {
		t.Errorf("body %d was taken", maxBodies+1)
	}
	if err := put("body-0"); err != nil {
		t.Errorf("putting one again: %v", err)
	}
	if put("No Name") == nil {
		t.Error("a name that no order can hold was taken")
	}
}
