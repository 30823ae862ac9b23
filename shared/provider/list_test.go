package provider

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// entry is what the tests keep of an item.
type entry struct {
	ID     string `json:"id"`
	Marker string `json:"marker"`
}

// walk looks for a marker in a list whose pages are written by a handler; the next page has its number as its name.
func walk(t *testing.T, marker string, pages int, page http.HandlerFunc) (found *entry, err error) {
	t.Helper()
	server := httptest.NewServer(page)
	t.Cleanup(server.Close)
	list := List{
		Request: Request{URL: server.URL, Key: Key{Source: FixedKey(theKey), Name: "X-Key"}},
		Items:   "items", Next: "next", Pages: pages,
		Follow: func(next string) string {
			if next == "elsewhere" {
				return ""
			}
			return server.URL + "?page=" + next
		},
		Refused: func(answer Answer) *Error { return answer.Failure(answer.OnRead(), "") },
	}
	return FindInList(t.Context(), NewClient(Guard{Simulator: mustURL(t, server.URL)}), list, func(e entry) bool { return e.Marker == marker })
}

func TestAListIsReadPageAfterPageUntilTheItemIsFound(t *testing.T) {
	t.Parallel()
	asked := 0
	answer := func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Header.Get("X-Key") != theKey {
			t.Errorf("page %d was asked for without the key", asked)
		}
		switch r.URL.Query().Get("page") {
		case "":
			io.WriteString(w, `{"total":{"items":[{"id":"no","marker":"b"}]},"items":[{"id":"1","marker":"a"},{"id":"2","marker":7},{"input":[["b"]]}],"next":"2"}`)
		case "2":
			io.WriteString(w, `{"next":"3","items":[{"id":"3","marker":"b"}, never read`)
		}
	}
	found, err := walk(t, "b", 3, answer)
	if err != nil || found == nil || found.ID != "3" || asked != 2 {
		t.Errorf("found %+v after %d pages, %v; want item 3 after 2", found, asked, err)
	}
}

func TestThereIsNoneOnlyWhenEveryPageWasReadToItsEnd(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]Class{ // empty: there is none
		`{"items":[],"next":null}`:         "",
		`{"items":[{"id":"1"}],"next":""}`: "",
		`{"more":{"a":[1]},"items":[{}]}`:  "",
		`{"items":[],"next":"elsewhere"}`:  TransientRead, // our key goes to the list only
		`{"items":[],"next":"again"}`:      TransientRead, // without an end
		`{"items":[],"next":{}}`:           TransientRead,
		`{"items":null}`:                   TransientRead,
		`{"items":{}}`:                     TransientRead,
		`{"items":[{"id":"1"},`:            TransientRead,
		`{"items":[{"id":"1"}]`:            TransientRead,
		`{"items":[SECRET]}`:               TransientRead,
		`{"detail":"SECRET"}`:              TransientRead,
		`{}`:                               TransientRead,
		`[]`:                               TransientRead,
		`<html>SECRET</html>`:              TransientRead,
		``:                                 TransientRead,
	} {
		found, err := walk(t, "b", 3, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, page) })
		if found != nil || ClassOf(err) != want {
			t.Errorf("%s: %+v, %v; want class %q", page, found, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: error = %q holds what was sent", page, err)
		}
	}
	for status, want := range map[int]Class{401: Down, 429: Throttled, 500: TransientRead, 302: TransientRead} {
		if found, err := walk(t, "b", 3, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }); found != nil || ClassOf(err) != want {
			t.Errorf("%d: %+v, %v; want class %q", status, found, err, want)
		}
	}
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `{"items":[]}`[:10])
	}
	if found, err := walk(t, "b", 3, cut); found != nil || ClassOf(err) != TransientRead || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut connection: %+v, %v; want class %q", found, err, TransientRead)
	}
}

// writeItems writes a page of items that each repeat an input of so many bytes.
func writeItems(w io.Writer, items, bytes int) {
	input := strings.Repeat("A", 64<<10)
	io.WriteString(w, `{"items":[`)
	for i := range items {
		fmt.Fprintf(w, `{"id":"%d","input":{"images":["data:image/png;base64,`, i)
		for range bytes / len(input) {
			io.WriteString(w, input)
		}
		fmt.Fprintf(w, `"]},"marker":"m%d"},`, i)
	}
	io.WriteString(w, `{"id":"last","marker":"last"}]}`)
}

// A function has 512 MB. A hundred calls with 2.5 MiB of images each, in base64, are 330 MB.
func TestAPageOfManyMegabytesIsReadInALittleMemory(t *testing.T) {
	const items, size = 20, 5 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	found, err := walk(t, "last", 1, func(w http.ResponseWriter, _ *http.Request) { writeItems(w, items, size) })
	runtime.ReadMemStats(&after)
	if err != nil || found == nil || found.ID != "last" {
		t.Fatalf("found %+v, %v; want the last item", found, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 6*size {
		t.Errorf("%d MB were taken for %d items of %d MB, want the room of a few", used>>20, items, size>>20)
	}
}

// What was not read may hold the job.
func TestAListThatIsTooLargeIsNoAnswer(t *testing.T) {
	t.Parallel()
	for rule, test := range map[string]struct {
		left        int64 // bytes of all pages
		items, size int
	}{
		"one item":  {listBytes, 1, listItem + 1<<20},
		"all items": {1 << 20, 3, 512 << 10},
	} {
		body, page := io.Pipe()
		go func() {
			writeItems(page, test.items, test.size)
			page.Close()
		}()
		reader := pageReader[entry]{list: List{Items: "items"}, wanted: func(e entry) bool { return e.ID == "last" }}
		if err := reader.read(&ration{from: body, item: listItem, all: &test.left}); !errors.Is(err, errListTooLarge) || reader.found != nil {
			t.Errorf("%s: %v, want that the list is too large", rule, err)
		}
		body.Close()
	}
}

func TestTheBoundOfAListIsForAllItsPages(t *testing.T) {
	t.Parallel()
	left := int64(100)
	page := func() error {
		reader := pageReader[entry]{list: List{Items: "items", Next: "next"}, wanted: func(entry) bool { return false }}
		return reader.read(&ration{from: strings.NewReader(`{"items":[{"id":"1"},{"id":"2"}],"next":"2"}`), item: listItem, all: &left})
	}
	if first, second, third := page(), page(), page(); first != nil || second != nil || !errors.Is(third, errListTooLarge) {
		t.Errorf("three pages of 44 bytes: %v, %v, %v; want the third over the bound of 100", first, second, third)
	}
}
